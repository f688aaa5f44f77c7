import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { WorkspaceEntry } from './workspace-entry.entity.js';

/** Rows in one statement: eleven parameters each, and Postgres takes 65,535. */
const CHUNK = 2_000;

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
   * returns the manifest's new generation.
   */
  async apply(manager: EntityManager, workspaceId: string, change: ManifestChange): Promise<number> {
    const entries = manager.getRepository(WorkspaceEntry);
    for (const rows of chunks(change.upserts)) {
      await entries.upsert(
        rows.map((row) => ({ ...row, workspaceId })),
        ['workspaceId', 'pathSha256'],
      );
    }
    for (const paths of chunks(change.removals)) {
      await manager.query(`DELETE FROM workspace_entries WHERE workspace_id = $1 AND path_sha256 = ANY($2)`, [
        workspaceId,
        paths,
      ]);
    }
    await this.refresh(manager, workspaceId, change.refreshes);
    return await this.advance(manager, workspaceId, change.totals);
  }

  private async refresh(
    manager: EntityManager,
    workspaceId: string,
    refreshes: readonly ManifestRefresh[],
  ): Promise<void> {
    for (const rows of chunks(refreshes)) {
      await manager.query(
        `UPDATE workspace_entries e
            SET mtime_ns = r.mtime_ns, ctime_ns = r.ctime_ns, inode = r.inode, racy = r.racy, mode = r.mode
           FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::numeric[], $6::boolean[], $7::int[])
                AS r (path_sha256, mtime_ns, ctime_ns, inode, racy, mode)
          WHERE e.workspace_id = $1 AND e.path_sha256 = r.path_sha256`,
        [
          workspaceId,
          rows.map((row) => row.pathSha256),
          rows.map((row) => row.mtimeNs),
          rows.map((row) => row.ctimeNs),
          rows.map((row) => row.inode),
          rows.map((row) => row.racy),
          rows.map((row) => row.mode),
        ],
      );
    }
  }

  /** Forgets the whole manifest and what was attached to it. */
  async clear(manager: EntityManager, workspaceId: string): Promise<void> {
    await manager.getRepository(WorkspaceEntry).delete({ workspaceId });
    await manager.query(`DELETE FROM workspace_attachments WHERE workspace_id = $1`, [workspaceId]);
    await this.advance(manager, workspaceId, { files: 0, bytes: 0 });
  }

  private async advance(
    manager: EntityManager,
    workspaceId: string,
    totals: ManifestChange['totals'],
  ): Promise<number> {
    const [advanced] = await manager.query<{ generation: string }[]>(
      `WITH advanced AS (
         UPDATE workspaces
            SET generation = generation + 1,
                bytes = COALESCE($2::bigint, bytes),
                file_count = COALESCE($3::int, file_count)
          WHERE id = $1
         RETURNING generation
       )
       SELECT generation FROM advanced`,
      [workspaceId, totals?.bytes, totals?.files],
    );
    if (!advanced) throw new Error(`Workspace ${workspaceId} has no row.`);
    return Number(advanced.generation);
  }
}

function* chunks<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += CHUNK) yield rows.slice(at, at + CHUNK);
}
