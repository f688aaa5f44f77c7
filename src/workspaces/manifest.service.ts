import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { WorkspaceEntry } from './workspace-entry.entity.js';

export type ManifestRow = Omit<WorkspaceEntry, 'workspace' | 'workspaceId'>;

/** The same content under new stamps: touched, or placed by the service and now seen. */
export type ManifestRefresh = Pick<
  ManifestRow,
  'pathSha256' | 'mtimeNs' | 'ctimeNs' | 'inode' | 'racy' | 'mode'
>;

/** What a collection or a preparation changes in the manifest. */
export interface ManifestChange {
  upserts: readonly ManifestRow[];
  refreshes: readonly ManifestRefresh[];
  /** SHA-256 of the paths that are gone. */
  removals: readonly Buffer[];
  /** Content of the workspace after the change; unchanged where absent. */
  totals?: { files: number; bytes: number };
}

/** Rows in one statement: a path may have 4,096 bytes, which take twice that in it, and code chooses them. */
const CHUNK = 2_000;

// In the order of their parameters.
const UPSERTED = [
  ...(['pathSha256', 'path', 'origin', 'size', 'mode', 'mtimeNs', 'ctimeNs', 'inode'] as const),
  ...(['racy', 'sha256', 'fileId'] as const),
] satisfies (keyof ManifestRow)[];
const REFRESHED = [
  'pathSha256',
  'mode',
  'mtimeNs',
  'ctimeNs',
  'inode',
  'racy',
] satisfies (keyof ManifestRefresh)[];

/** Whatever changed, since each statement is a way to the database and back while the lease is held. */
const APPLY = `
  WITH upserted AS (
    INSERT INTO workspace_entries (workspace_id, path_sha256, path, origin, size, mode, mtime_ns, ctime_ns, inode,
                                   racy, sha256, file_id)
    SELECT $1, entry.*
      FROM unnest($4::bytea[], $5::bytea[], $6::text[], $7::bigint[], $8::int[], $9::bigint[], $10::bigint[],
                  $11::numeric[], $12::boolean[], $13::bytea[], $14::uuid[]) AS entry
    ON CONFLICT (workspace_id, path_sha256) DO UPDATE
       SET path = excluded.path, origin = excluded.origin, size = excluded.size, mode = excluded.mode,
           mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, inode = excluded.inode,
           racy = excluded.racy, sha256 = excluded.sha256, file_id = excluded.file_id
  ), refreshed AS (
    UPDATE workspace_entries e
       SET mode = r.mode, mtime_ns = r.mtime_ns, ctime_ns = r.ctime_ns, inode = r.inode, racy = r.racy
      FROM unnest($15::bytea[], $16::int[], $17::bigint[], $18::bigint[], $19::numeric[], $20::boolean[])
           AS r (path_sha256, mode, mtime_ns, ctime_ns, inode, racy)
     WHERE e.workspace_id = $1 AND e.path_sha256 = r.path_sha256
  ), removed AS (
    DELETE FROM workspace_entries WHERE workspace_id = $1 AND path_sha256 = ANY($21)
  ), advanced AS (
    UPDATE workspaces
       SET generation = generation + $22::int,
           bytes = COALESCE($2::bigint, bytes),
           file_count = COALESCE($3::int, file_count)
     WHERE id = $1
    RETURNING generation
  )
  SELECT generation FROM advanced`;

/** The manifest: what the service last committed about a workspace's content. */
@Injectable()
export class ManifestService {
  constructor(@InjectRepository(WorkspaceEntry) private readonly entries: Repository<WorkspaceEntry>) {}

  load(workspaceId: string): Promise<WorkspaceEntry[]> {
    return this.entries.findBy({ workspaceId });
  }

  /** The first entries in order of their paths, for the prompt. */
  first(workspaceId: string, limit: number): Promise<WorkspaceEntry[]> {
    return this.entries.find({ where: { workspaceId }, order: { path: 'ASC' }, take: limit });
  }

  /**
   * Writes a change within the caller's transaction, which holds the lease (`LeasesService.guard`), and
   * returns the manifest's new generation. No path may be in it twice.
   */
  async apply(manager: EntityManager, workspaceId: string, change: ManifestChange): Promise<number> {
    const { upserts, refreshes, removals } = change;
    const rows = Math.max(upserts.length, refreshes.length, removals.length);
    let generation = await this.applyPart(manager, workspaceId, change, 0);
    for (let at = CHUNK; at < rows; at += CHUNK)
      generation = await this.applyPart(manager, workspaceId, change, at);
    return generation;
  }

  /** Rows from `at` on; the first part makes the new generation. */
  private async applyPart(
    manager: EntityManager,
    workspaceId: string,
    { upserts, refreshes, removals, totals }: ManifestChange,
    at: number,
  ): Promise<number> {
    const [advanced] = await manager.query<{ generation: string }[]>(APPLY, [
      workspaceId,
      ...[totals?.bytes, totals?.files],
      ...columns(upserts.slice(at, at + CHUNK), UPSERTED),
      ...columns(refreshes.slice(at, at + CHUNK), REFRESHED),
      removals.slice(at, at + CHUNK),
      at === 0 ? 1 : 0,
    ]);
    if (!advanced) throw new Error(`Workspace ${workspaceId} has no row.`);
    return Number(advanced.generation);
  }

  /** Forgets the whole manifest and what was attached to it. */
  async clear(manager: EntityManager, workspaceId: string): Promise<void> {
    await manager.getRepository(WorkspaceEntry).delete({ workspaceId });
    await manager.query(`DELETE FROM workspace_attachments WHERE workspace_id = $1`, [workspaceId]);
    await this.apply(manager, workspaceId, {
      ...{ upserts: [], refreshes: [], removals: [] },
      totals: { files: 0, bytes: 0 },
    });
  }
}

/** An array for each column. */
function columns<Row>(rows: readonly Row[], names: readonly (keyof Row)[]): unknown[][] {
  return names.map((name) => rows.map((row) => row[name]));
}
