export { Artifact, type ArtifactState } from './artifact.entity.js';
export {
  ArtifactStore,
  type ByteRange,
  type ContentStream,
  type StagedFile,
  type StoredArtifact,
} from './artifact-store.port.js';
export { ArtifactSweep, type SweepOptions, type SweepReport } from './artifact-sweep.service.js';
export { ArtifactsService } from './artifacts.service.js';
export { DiskArtifactStore, type DiskArtifactStoreOptions } from './disk-artifact-store.adapter.js';
export { StorageModule } from './storage.module.js';
export type { StageOptions } from './staging.js';
export {
  ContentMissingError,
  ContentTooLargeError,
  StorageFullError,
  StorageUnavailableError,
} from './storage.errors.js';
