import type { Readable } from 'node:stream';

/** Bytes that wait in the staging directory for their place. */
export interface StagedFile {
  /** Absolute, a direct child of `ArtifactStore.stagingDirectory`; written completely and fsynced. */
  path: string;
  /** 64 lower-case hexadecimal digits. */
  sha256: string;
  /** Bytes. */
  size: number;
}

/** First and last byte, both included, as in HTTP; within the content. */
export interface ByteRange {
  start: number;
  end: number;
}

export interface StoredArtifact {
  sha256: string;
  size: number;
  modifiedAt: Date;
}

/** Pieces of at most 1 MiB. */
export interface ContentStream extends Readable {
  /** Takes back a piece whose bytes are on their way, for the memory of the next ones. */
  recycle?(piece: Buffer): void;
}

/**
 * Where stored bytes lie, addressed by their SHA-256 (64 lower-case hexadecimal digits). Also the token that
 * the adapter in use is injected by.
 *
 * An adapter knows bytes only: which content is in use, and whether it may go, is decided over rows by
 * `ArtifactsService` and `ArtifactSweep`, which hold the row's lock around `remove`.
 *
 * Failures: `StorageFullError` when there is no room, `StorageUnavailableError` when the storage does not
 * answer within the adapter's deadline, `ContentMissingError` for content that is not there.
 */
export abstract class ArtifactStore {
  /** Absolute path of a local directory. Files named at random are staged here, by us and by the helper. */
  abstract readonly stagingDirectory: string;

  /** Makes the storage usable; called once, before anything else. */
  abstract prepare(): Promise<void>;

  /**
   * Takes the staged file over: when the promise resolves, the content survives a power failure under its
   * address and the staged file is gone. Content that is there already is not written again. The hash is
   * believed, not computed. On failure the staged file stays and nobody sees half an artifact.
   */
  abstract adopt(staged: StagedFile): Promise<void>;

  /**
   * The content, or a range of it. Absence is found out before the promise
   * resolves; a failure later destroys the stream. Destroying the stream releases everything.
   */
  abstract read(sha256: string, range?: ByteRange): Promise<ContentStream>;

  /**
   * Absolute path of a local file with this content, for programs that copy by path. Never write to it. It
   * stays for at least an hour, unless the content is removed.
   */
  abstract localFile(sha256: string): Promise<string>;

  /** Removes the content; nothing happens when it is not there. May be undone by a power failure. */
  abstract remove(sha256: string): Promise<void>;

  /** Everything stored, in no particular order; content that comes or goes meanwhile may be told or not. */
  abstract list(): AsyncIterable<StoredArtifact>;

  /** Resolves when content could be written and read now. */
  abstract check(): Promise<void>;
}
