import { utimes } from 'node:fs/promises';
import type { ArtifactStore, StagedFile, StoredArtifact } from './artifact-store.port.js';
import { ContentMissingError } from './storage.errors.js';

/** `ArtifactStore.localFile` promises this much to whoever was told a path. */
const KEPT_MS = 3_600_000;
/** Room is made for more than is needed now, so that the next copies need not look again. */
const TRIM_TO = 0.8;
const TRIM_PAUSE_MS = 60_000;

/** Local copies of remote content. The least recently used go when they take more than `maxBytes`. */
export class ArtifactCache {
  private bytes = 0;
  private trimmedAt = 0;
  private readonly fetching = new Map<string, Promise<string>>();

  /** `copies` holds the copies; nobody else stores in it. */
  constructor(
    private readonly copies: ArtifactStore,
    private readonly maxBytes: number,
  ) {}

  async prepare(): Promise<void> {
    await this.copies.prepare();
    this.bytes = sum(await this.listed());
  }

  /** Absolute path of the copy; `fetch` gets the content when there is none, once for all who ask meanwhile. */
  async file(sha256: string, fetch: () => Promise<StagedFile>): Promise<string> {
    const path = await this.used(sha256);
    if (path !== null) return path;
    const fetched = this.fetching.get(sha256) ?? this.fetched(sha256, fetch);
    this.fetching.set(sha256, fetched);
    try {
      return await fetched;
    } finally {
      this.fetching.delete(sha256);
    }
  }

  /** Takes over a staged file whose content is stored remotely. */
  async add(staged: StagedFile): Promise<void> {
    await this.copies.adopt(staged);
    this.bytes += staged.size;
    if (this.bytes > this.maxBytes && Date.now() - this.trimmedAt > TRIM_PAUSE_MS) await this.trim();
  }

  async drop(sha256: string): Promise<void> {
    await this.copies.remove(sha256);
  }

  private async fetched(sha256: string, fetch: () => Promise<StagedFile>): Promise<string> {
    await this.add(await fetch());
    return await this.copies.localFile(sha256);
  }

  /** The time of modification tells the last use, to all processes that share the directory. */
  private async used(sha256: string): Promise<string | null> {
    try {
      const path = await this.copies.localFile(sha256);
      await utimes(path, new Date(), new Date());
      return path;
    } catch (error) {
      // Trimmed between the two lines, by another process: fetched anew like any other.
      const isGone = error instanceof ContentMissingError || (error as { code?: unknown }).code === 'ENOENT';
      if (isGone) return null;
      throw error;
    }
  }

  private async trim(): Promise<void> {
    this.trimmedAt = Date.now();
    const found = await this.listed();
    this.bytes = sum(found);
    const oldestFirst = found.sort((a, b) => a.modifiedAt.getTime() - b.modifiedAt.getTime());
    for (const { sha256, size, modifiedAt } of oldestFirst) {
      if (this.bytes <= this.maxBytes * TRIM_TO || Date.now() - modifiedAt.getTime() < KEPT_MS) return;
      await this.copies.remove(sha256);
      this.bytes -= size;
    }
  }

  private async listed(): Promise<StoredArtifact[]> {
    const found: StoredArtifact[] = [];
    for await (const artifact of this.copies.list()) found.push(artifact);
    return found;
  }
}

function sum(artifacts: readonly StoredArtifact[]): number {
  return artifacts.reduce((total, { size }) => total + size, 0);
}
