import type { Stamps } from './collection.js';

/** An artifact to place in a workspace. */
export interface PlaceItem {
  /** Raw bytes below `/mnt/data`; parents are made. */
  path: Buffer;
  /** Absolute path of a file of the service. */
  artifact: string;
  /** SHA-256 (hex) of the artifact: where all items tell it, the helper's manifest need not be sent again. */
  sha256?: string;
  /** Permission bits; 0644 unless told. */
  mode?: number;
  /** The owner; null to leave it to the process. */
  uid: number | null;
  ifTaken: 'fail' | 'replace';
}

/**
 * What came of an item. `placed` has the new file's stamps; `taken` tells the SHA-256 (hex) of what has the name
 * if its size is the artifact's. Codes of `failed`: `invalid_path`, `path_too_long`, `not_a_directory` (a parent is a file or
 * a link), `is_directory` (to be replaced), `artifact_missing`, `no_space`, `failed`; the message ends a sentence.
 */
export type PlaceOutcome =
  | { outcome: 'placed'; stamps: Stamps | null }
  | { outcome: 'taken'; sha256?: string }
  | { outcome: 'failed'; code: string; message: string };
