import { randomUUID } from 'node:crypto';
import { chmod, opendir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartError } from '../errors/index.js';
import { artifactKey, isSha256 } from './artifact-key.js';
import {
  ArtifactStore,
  type ByteRange,
  type ContentStream,
  type StagedFile,
  type StoredArtifact,
} from './artifact-store.port.js';
import { ensureDirectory, syncDirectory } from './durable-directory.js';
import { FileStream } from './file-stream.js';
import { asStorageError, ContentMissingError, systemErrorCode } from './storage.errors.js';

const PRIVATE_FILE = 0o600;

export interface DiskArtifactStoreOptions {
  /** Absolute; content lies at `<root>/ab/cd/<sha256>`. */
  root: string;
  /** Absolute, on the same file system as `root`, so that content moves in by a rename. */
  stagingDirectory: string;
}

/** Artifacts as files of 0600 in directories of 0700 on a local or shared POSIX file system. */
export class DiskArtifactStore extends ArtifactStore {
  readonly stagingDirectory: string;
  private readonly root: string;

  constructor(options: DiskArtifactStoreOptions) {
    super();
    this.root = options.root;
    this.stagingDirectory = options.stagingDirectory;
  }

  async prepare(): Promise<void> {
    await translated(async () => {
      await ensureDirectory(this.root);
      await ensureDirectory(this.stagingDirectory);
      const [content, staging] = await Promise.all([stat(this.root), stat(this.stagingDirectory)]);
      if (content.dev !== staging.dev) {
        throw new StartError(`${this.root} and ${this.stagingDirectory} must lie on one file system.`);
      }
    });
  }

  async adopt(staged: StagedFile): Promise<void> {
    const path = this.pathOf(staged.sha256);
    if (dirname(staged.path) !== this.stagingDirectory) throw new TypeError('The file is not staged here.');
    await translated(async () => {
      // A size that differs is a torn file of a crash without fsync: the rename below heals it.
      if ((await sizeOf(path)) === staged.size) {
        await unlink(staged.path);
        return;
      }
      await chmod(staged.path, PRIVATE_FILE);
      await ensureDirectory(dirname(path));
      await rename(staged.path, path);
      await syncDirectory(dirname(path));
    });
  }

  async read(sha256: string, range?: ByteRange): Promise<ContentStream> {
    return await this.found(sha256, (path) => FileStream.open(path, range));
  }

  async localFile(sha256: string): Promise<string> {
    await this.found(sha256, stat);
    return this.pathOf(sha256);
  }

  /** Not synced: what a power failure brings back has no row any more, and the sweep takes it again. */
  async remove(sha256: string): Promise<void> {
    const path = this.pathOf(sha256);
    await translated(() => rm(path, { force: true }));
  }

  async *list(): AsyncGenerator<StoredArtifact> {
    for await (const outer of namesIn(this.root)) {
      for await (const inner of namesIn(join(this.root, outer))) {
        yield* this.listShard(join(this.root, outer, inner));
      }
    }
  }

  async check(): Promise<void> {
    const path = join(this.stagingDirectory, `check-${randomUUID()}`);
    await translated(async () => {
      try {
        await writeFile(path, 'ok', { flag: 'wx', mode: PRIVATE_FILE, flush: true });
        await stat(this.root);
      } finally {
        await rm(path, { force: true });
      }
    });
  }

  private pathOf(sha256: string): string {
    return join(this.root, artifactKey(sha256));
  }

  private async found<T>(sha256: string, action: (path: string) => Promise<T>): Promise<T> {
    const path = this.pathOf(sha256);
    try {
      return await action(path);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') throw new ContentMissingError(sha256, error);
      throw asStorageError(error);
    }
  }

  private async *listShard(directory: string): AsyncGenerator<StoredArtifact> {
    for await (const name of namesIn(directory)) {
      if (!isSha256(name)) continue;
      const status = await orNullIfAbsent(stat(join(directory, name)));
      if (status?.isFile() === true) yield { sha256: name, size: status.size, modifiedAt: status.mtime };
    }
  }
}

async function translated<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw asStorageError(error);
  }
}

async function orNullIfAbsent<T>(action: Promise<T>): Promise<T | null> {
  try {
    return await action;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw asStorageError(error);
  }
}

async function sizeOf(path: string): Promise<number | null> {
  return (await orNullIfAbsent(stat(path)))?.size ?? null;
}

async function* namesIn(directory: string): AsyncGenerator<string> {
  const entries = await orNullIfAbsent(opendir(directory));
  if (entries === null) return;
  for await (const entry of entries) yield entry.name;
}
