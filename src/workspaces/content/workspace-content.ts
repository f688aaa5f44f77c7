import type { CollectAnswer, CollectOptions, Usage } from './collection.js';
import { HelperClient } from './helper-client.js';
import type { PlaceItem, PlaceOutcome } from './placement.js';
import { collectionFromWire, manifestToWire, placementToWire, stagedOf } from './wire.js';

export interface WorkspaceContentOptions {
  /** Absolute path of the Python in whose environment `mntdata_runtime` is installed. */
  python: string;
  /** Absolute directories of the service, made when missing; staging on the artifacts' file system. */
  workspacesRoot: string;
  stagingRoot: string;
  trashRoot: string;
  /** Takes the helper's standard error, and what happens to it. */
  log?: (text: string) => void;
}

export interface ProbeFile {
  content: Buffer;
  uid: number;
  gid: number;
  mode: number;
}

const QUICK = { deadlineMs: 30_000 };
/** For work that grows with the content: the caller's signal is usually earlier. */
const LONG = { deadlineMs: 15 * 60_000 };

/**
 * The only way to the content of workspaces: a Python helper that works through directory descriptors and
 * follows nothing (`src/kernel-runtime/mntdata_runtime/workspace_helper`). `directory` is the opaque name in the
 * workspace's row. Every call rejects with a DomainError `unavailable` when the helper dies or is late, with
 * `workspace_missing` when the directory is gone, and with the reason of an aborted signal.
 */
export class WorkspaceContent {
  private readonly helper: HelperClient;

  constructor(options: WorkspaceContentOptions) {
    this.helper = new HelperClient({
      program: options.python,
      args: [
        ...['-I', '-X', 'utf8', '-m', 'mntdata_runtime.workspace_helper'],
        ...['--workspaces', options.workspacesRoot],
        ...['--staging', options.stagingRoot],
        ...['--trash', options.trashRoot],
      ],
      log: options.log ?? (() => undefined),
    });
  }

  /** Starts the helper, which sweeps what helpers that died left in staging. */
  start(): Promise<void> {
    return this.helper.start();
  }

  stop(): Promise<void> {
    return this.helper.stop();
  }

  /** Makes the directory, or makes it right: 0700, owned by `uid` (null: by the process). */
  async create(directory: string, uid: number | null): Promise<void> {
    await this.helper.call('create', { directory, uid }, QUICK);
  }

  /** Places artifacts, each whole or not at all, and tells in order what came of each. */
  async place(directory: string, items: readonly PlaceItem[], signal?: AbortSignal): Promise<PlaceOutcome[]> {
    const fields = { directory, items: items.map(placementToWire) };
    return (await this.helper.call('place', fields, { ...LONG, signal })) as PlaceOutcome[];
  }

  /**
   * Compares the directory with the manifest. Changed files come as durable copies in staging: give each to
   * the artifact store or to `discard`. Then `settle`, else the helper needs the manifest again.
   */
  async collect(directory: string, options: CollectOptions): Promise<CollectAnswer> {
    const { manifest, signal, ...fields } = options;
    const request = { directory, ...fields, ...(manifest && { manifest: manifest.map(manifestToWire) }) };
    const answer = await this.helper.call('collect', request, {
      ...LONG,
      signal,
      onLateAnswer: (late) => void this.discard(stagedOf(collectionFromWire(late))).catch(() => undefined),
    });
    return collectionFromWire(answer);
  }

  /** Removes staged copies that are not kept. */
  async discard(staged: readonly string[]): Promise<void> {
    if (staged.length > 0) await this.helper.call('discard', { staged }, QUICK);
  }

  /**
   * Says that the manifest became generation `to` by exactly what the last `collect`, or the `place`s since
   * then, answered. Where that is not what the helper holds it drops it, and asks for the manifest next time.
   */
  async settle(directory: string, from: number, to: number): Promise<void> {
    await this.helper.call('settle', { directory, from, to }, QUICK);
  }

  /** Makes the helper drop the manifest it holds. */
  async forget(directory: string): Promise<void> {
    await this.helper.call('forget', { directory }, QUICK);
  }

  /** Removes the directory with everything in it; false when there was none. */
  async remove(directory: string, signal?: AbortSignal): Promise<boolean> {
    return (await this.helper.call('remove', { directory }, { ...LONG, signal })) as boolean;
  }

  /** Ends removals that were cut short, and sweeps staging; resolves to the number of those removals. */
  async sweepTrash(signal?: AbortSignal): Promise<number> {
    return (await this.helper.call('sweepTrash', {}, { ...LONG, signal })) as number;
  }

  async usage(directory: string, signal?: AbortSignal): Promise<Usage> {
    return (await this.helper.call('usage', { directory }, { ...QUICK, signal })) as Usage;
  }

  /** The names of all workspace directories. */
  async list(): Promise<string[]> {
    return (await this.helper.call('list', {}, QUICK)) as string[];
  }

  /** Writes a small file (0644, of `uid`) at the top of a workspace, for the filesystem probe. */
  async writeProbe(directory: string, name: string, content: Buffer, uid: number | null): Promise<void> {
    const fields = { directory, name, content: content.toString('latin1'), uid };
    await this.helper.call('writeProbe', fields, QUICK);
  }

  /** Reads a small file (64 KiB at most) at the top of a workspace, with its owner and mode. */
  async readProbe(directory: string, name: string): Promise<ProbeFile | null> {
    const answer = await this.helper.call('readProbe', { directory, name }, QUICK);
    const probe = answer as (Omit<ProbeFile, 'content'> & { content: string }) | null;
    return probe && { ...probe, content: Buffer.from(probe.content, 'latin1') };
  }
}
