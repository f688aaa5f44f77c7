export type {
  CollectedOutput,
  ImageMimeType,
  OutputEntry,
  OutputError,
  OutputWarning,
  PendingImage,
} from './collected-output.js';
export { OutputCollector, type OutputLimits } from './output-collector.js';
export { decodeOutput, encodeOutput } from './stored-output.js';
export type { ChangedOutput } from './display-list.js';
