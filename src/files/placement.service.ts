import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { ArtifactsService } from '../storage/index.js';
import {
  LeasesService,
  ManifestService,
  WorkspaceContent,
  type ManifestRefresh,
  type ManifestRow,
  type PlaceOutcome,
} from '../workspaces/index.js';
import { baseName, mountedPath, numberedPath, printablePath, sha256 } from './file-path.js';
import { StoredFile } from './file.entity.js';
import { localArtifact } from './local-artifact.js';
import type { OpenWorkspace } from './open-workspace.js';
import type { Warning } from './warning.js';

const MISSING: PlaceOutcome = {
  outcome: 'failed',
  code: 'content_missing',
  message: 'its stored bytes are gone',
};
const PLACED_MODE = 0o644;

/** A file on its way into the workspace, and the path tried for it. */
interface Placement {
  file: StoredFile;
  path: Buffer;
  number: number;
}

/** Places attached files in a workspace, each under its path or the next free number of it. */
@Injectable()
export class PlacementService {
  constructor(
    @InjectRepository(StoredFile) private readonly files: Repository<StoredFile>,
    private readonly leases: LeasesService,
    private readonly manifest: ManifestService,
    private readonly content: WorkspaceContent,
    private readonly artifacts: ArtifactsService,
  ) {}

  async place(open: OpenWorkspace, files: readonly StoredFile[]): Promise<Warning[]> {
    const warnings: Warning[] = [];
    let waiting = files.map((file): Placement => {
      const path = file.path ?? Buffer.from(file.name);
      return { file, path, number: 1 };
    });
    while (waiting.length > 0) {
      const free = await this.freePaths(open, waiting);
      const outcomes = await this.placeBatch(open, free);
      waiting = free.filter((_, index) => outcomes[index]?.outcome === 'taken');
      for (const placement of waiting) placement.number += 1;
      warnings.push(...failures(free, outcomes));
    }
    return warnings;
  }

  /** Numbers each path until neither the manifest nor another attached file has it for another content. */
  private async freePaths(open: OpenWorkspace, placements: readonly Placement[]): Promise<Placement[]> {
    const entries = await this.manifest.load(open.workspace.id);
    const taken = new Map(entries.map((entry) => [hex(entry.path), entry.sha256]));
    const reserved = await this.attachedPaths(placements);
    return placements.map(({ file, number: start }) => {
      const asked = file.path ?? Buffer.from(file.name);
      for (let number = start; ; number += 1) {
        const path = number === 1 ? asked : numberedPath(asked, number);
        const rival = taken.get(hex(path));
        if (number > 1 && reserved.has(hex(path))) continue;
        if (rival !== undefined && !rival?.equals(file.sha256)) continue;
        taken.set(hex(path), file.sha256);
        return { file, path, number };
      }
    });
  }

  /** Hex of the SHA-256 of every path under which the same messages have something attached. */
  private async attachedPaths(placements: readonly Placement[]): Promise<Set<string>> {
    const [first] = placements;
    const messages = new Set(placements.map(({ file }) => file.messageId));
    const rows = await this.files.query<{ key: string }[]>(
      `SELECT encode(path_sha256, 'hex') AS key FROM files
        WHERE user_id = $1 AND source = 'attached' AND message_id = ANY($2)`,
      [first?.file.userId, [...messages]],
    );
    return new Set(rows.map((row) => row.key));
  }

  /**
   * The entry is committed before the bytes are visible: a crash between leaves an entry without stamps, never
   * a file that would look generated. That the workspace had the file is committed after: until then it is placed
   * again, from then on it is gone for good when code deletes it.
   */
  private async placeBatch(open: OpenWorkspace, placements: readonly Placement[]): Promise<PlaceOutcome[]> {
    const { workspace, lease } = open;
    const from = workspace.generation;
    await this.leases.transact(lease, async (manager) => {
      await this.recordPlacements(manager, open, placements);
    });
    const outcomes = await this.placeBytes(open, placements);
    await this.leases.transact(lease, async (manager) => {
      await this.settlePlacements(manager, open, placements, outcomes);
    });
    await this.content.settle(workspace.directory, from, workspace.generation);
    return outcomes;
  }

  private async recordPlacements(
    manager: EntityManager,
    { workspace }: OpenWorkspace,
    placements: readonly Placement[],
  ): Promise<void> {
    workspace.generation = await this.manifest.apply(manager, workspace.id, {
      upserts: uniqueByPath(placements.map(({ file, path }) => placedRow(file, path))),
      refreshes: [],
      removals: [],
    });
    for (const { file, path } of placements) {
      if (!file.path?.equals(path)) await renameFile(manager, file, path);
    }
  }

  private async placeBytes(open: OpenWorkspace, placements: readonly Placement[]): Promise<PlaceOutcome[]> {
    const located = await Promise.all(
      placements.map(({ file }) => localArtifact(this.artifacts, file.sha256)),
    );
    const present = placements.flatMap(({ path }, index) => {
      const artifact = located[index];
      return artifact === null || artifact === undefined
        ? []
        : [{ path, artifact, uid: open.workspace.osUid, ifTaken: 'fail' as const }];
    });
    const placed = await this.content.place(open.workspace.directory, present, open.lease.signal);
    let next = 0;
    return placements.map(({ file }, index): PlaceOutcome => {
      if ((located[index] ?? null) === null) return MISSING;
      const outcome = placed[next++] ?? MISSING;
      const same = outcome.outcome === 'taken' && outcome.sha256 === file.sha256.toString('hex');
      return same ? { outcome: 'placed', stamps: null } : outcome;
    });
  }

  /** Stamps of what stands; what does not stand is taken out again, to be tried under another name or later. */
  private async settlePlacements(
    manager: EntityManager,
    { workspace }: OpenWorkspace,
    placements: readonly Placement[],
    outcomes: readonly PlaceOutcome[],
  ): Promise<void> {
    const refreshes: ManifestRefresh[] = [];
    const removals: Buffer[] = [];
    for (const [index, { file, path }] of placements.entries()) {
      const outcome = outcomes[index] ?? MISSING;
      if (outcome.outcome !== 'placed') {
        removals.push(sha256(path));
        continue;
      }
      await recordAttachment(manager, workspace.id, file, path);
      if (outcome.stamps) refreshes.push({ ...outcome.stamps, pathSha256: sha256(path), mode: PLACED_MODE });
    }
    workspace.generation = await this.manifest.apply(manager, workspace.id, {
      upserts: [],
      refreshes,
      removals,
    });
  }
}

const hex = (path: Buffer): string => sha256(path).toString('hex');

function placedRow(file: StoredFile, path: Buffer): ManifestRow {
  return {
    pathSha256: sha256(path),
    path,
    origin: 'attached',
    size: file.size,
    mode: PLACED_MODE,
    mtimeNs: null,
    ctimeNs: null,
    inode: null,
    racy: true,
    sha256: file.sha256,
    fileId: file.id,
  };
}

function uniqueByPath(rows: readonly ManifestRow[]): ManifestRow[] {
  return [...new Map(rows.map((row) => [row.pathSha256.toString('hex'), row])).values()];
}

async function recordAttachment(
  manager: EntityManager,
  workspaceId: string,
  file: StoredFile,
  path: Buffer,
): Promise<void> {
  await manager.query(
    `INSERT INTO workspace_attachments (workspace_id, file_id, path) VALUES ($1, $2, $3)
     ON CONFLICT (workspace_id, file_id) DO UPDATE SET path = excluded.path`,
    [workspaceId, file.id, path],
  );
}

/** The choice of another name is stored, so that lists and the prompt tell where the file is. */
async function renameFile(manager: EntityManager, file: StoredFile, path: Buffer): Promise<void> {
  const name = printablePath(baseName(path));
  await manager.update(StoredFile, { id: file.id }, { path, pathSha256: sha256(path), name });
}

function failures(placements: readonly Placement[], outcomes: readonly PlaceOutcome[]): Warning[] {
  return placements.flatMap(({ path }, index) => {
    const outcome = outcomes[index] ?? MISSING;
    if (outcome.outcome !== 'failed') return [];
    const shown = mountedPath(path);
    return [
      { path: shown, code: outcome.code, message: `${shown} could not be prepared: ${outcome.message}.` },
    ];
  });
}
