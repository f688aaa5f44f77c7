import { Injectable } from '@nestjs/common';
import { ArtifactsService, StorageFullError } from '../storage/index.js';
import {
  LeasesService,
  ManifestService,
  Workspace,
  WorkspaceContent,
  type PlaceOutcome,
  type WorkspaceEntry,
} from '../workspaces/index.js';
import { mountedPath } from './file-path.js';
import { localArtifact } from './local-artifact.js';
import type { OpenWorkspace } from './open-workspace.js';
import type { Warning } from './warning.js';

const MISSING: PlaceOutcome = {
  outcome: 'failed',
  code: 'content_missing',
  message: 'its stored bytes are gone',
};

/** Brings a workspace back that clean-up had closed. */
@Injectable()
export class RestoreService {
  constructor(
    private readonly leases: LeasesService,
    private readonly manifest: ManifestService,
    private readonly content: WorkspaceContent,
    private readonly artifacts: ArtifactsService,
  ) {}

  /**
   * Exactly the manifest, each path with its last content; what code had deleted stays deleted. Where there is no
   * space for a file the manifest is unchanged, and the next run restores: code that ran now would miss it.
   *
   * @throws StorageFullError
   */
  async restore(open: OpenWorkspace): Promise<Warning[]> {
    const { workspace, lease } = open;
    const entries = await this.manifest.load(workspace.id);
    const kept = entries.filter((entry) => entry.fileId !== null && entry.sha256 !== null);
    const outcomes = await this.restoreBytes(open, kept);
    if ([...outcomes.values()].some(isWithoutSpace)) throw new StorageFullError();
    const gone = entries.filter(
      (entry) => !kept.includes(entry) || outcomes.get(entry)?.outcome === 'failed',
    );
    await this.leases.transact(lease, async (manager) => {
      workspace.generation = await this.manifest.apply(manager, workspace.id, {
        upserts: [],
        refreshes: kept.flatMap((entry) => {
          const stamps = outcomes.get(entry);
          return stamps?.outcome === 'placed' && stamps.stamps
            ? [{ ...stamps.stamps, pathSha256: entry.pathSha256, mode: entry.mode }]
            : [];
        }),
        removals: gone.map((entry) => entry.pathSha256),
      });
      await manager.update(Workspace, { id: workspace.id }, { state: 'active' });
    });
    workspace.state = 'active';
    return gone.map(notRestored);
  }

  private async restoreBytes(
    { workspace, lease }: OpenWorkspace,
    entries: readonly WorkspaceEntry[],
  ): Promise<Map<WorkspaceEntry, PlaceOutcome>> {
    const outcomes = new Map<WorkspaceEntry, PlaceOutcome>();
    const items = [];
    const placed: WorkspaceEntry[] = [];
    for (const entry of entries) {
      const artifact = entry.sha256 === null ? null : await localArtifact(this.artifacts, entry.sha256);
      if (artifact === null) {
        outcomes.set(entry, MISSING);
        continue;
      }
      // Over what an interrupted restore left: the manifest is what counts.
      items.push({
        path: entry.path,
        artifact,
        mode: entry.mode,
        uid: workspace.osUid,
        ifTaken: 'replace' as const,
      });
      placed.push(entry);
    }
    const results = await this.content.place(workspace.directory, items, lease.signal);
    for (const [index, entry] of placed.entries()) outcomes.set(entry, results[index] ?? MISSING);
    return outcomes;
  }
}

function isWithoutSpace(outcome: PlaceOutcome): boolean {
  return outcome.outcome === 'failed' && outcome.code === 'no_space';
}

function notRestored(entry: WorkspaceEntry): Warning {
  const path = mountedPath(entry.path);
  return {
    path,
    code: 'not_restored',
    message: `${path} was in this workspace before clean-up closed it, but was not kept as a file and is gone.`,
  };
}
