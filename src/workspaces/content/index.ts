export type {
  CollectAnswer,
  CollectedEntry,
  CollectOptions,
  Collection,
  CollectionLimits,
  LeftOut,
  LeftOutCode,
  ManifestEntry,
  RefreshedEntry,
  Stamps,
  UntrackedCode,
  Usage,
} from './collection.js';
export { HelperUnavailableError, WorkspaceMissingError } from './content.errors.js';
export type { PlaceItem, PlaceOutcome } from './placement.js';
export { type ProbeFile, WorkspaceContent, type WorkspaceContentOptions } from './workspace-content.js';
