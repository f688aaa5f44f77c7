export {
  WorkspaceContent,
  WorkspaceMissingError,
  type CollectedEntry,
  type Collection,
  type ManifestEntry,
  type PlaceItem,
  type PlaceOutcome,
  type Stamps,
  type UntrackedCode,
  type Usage,
} from './content/index.js';
export { Lease } from './lease.js';
export { LeasesService, type Leased } from './leases.service.js';
export {
  ManifestService,
  type ManifestChange,
  type ManifestRefresh,
  type ManifestRow,
} from './manifest.service.js';
export { OrphanedDirectoriesService } from './orphaned-directories.service.js';
export { RetentionService, type CleanupReport } from './retention.service.js';
export { WorkspaceAttachment } from './workspace-attachment.entity.js';
export { WorkspaceEntry, type EntryOrigin } from './workspace-entry.entity.js';
export { WorkspaceLifecycle, type WorkspaceLifecycleHooks } from './workspace-lifecycle.js';
export { workspaceOf, type WorkspaceReference } from './workspace-reference.js';
export { workspaceFromRow } from './workspace-row.js';
export { Workspace, type WorkspaceKind, type WorkspaceState } from './workspace.entity.js';
export { LeaseLostError } from './workspaces.errors.js';
export { WorkspacesModule } from './workspaces.module.js';
export { WorkspacesService } from './workspaces.service.js';
export { ClosingService } from './closing.service.js';
export { DirectoriesService, newPlace } from './directories.service.js';
export { WorkspaceDto } from './workspace.dto.js';
export { WorkspaceViews } from './workspace-views.service.js';
