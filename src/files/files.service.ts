import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import {
  DataSource,
  In,
  LessThan,
  type EntityManager,
  type Repository,
  type SelectQueryBuilder,
} from 'typeorm';
import { NotFoundError } from '../errors/index.js';
import { decodeCursor, type PageQuery } from '../http/index.js';
import { withinScope } from './file-versions.js';
import { StoredFile, type FileSource } from './file.entity.js';

/** The plan's lists are not paged; this is where they end. */
export const LIST_LIMIT = 1_000;

export interface FileFilter {
  messageId?: string;
  chatId?: string;
  /** Those of all messages but this one. */
  exceptMessageId?: string;
  source?: FileSource;
  /** All versions of each path instead of the latest. */
  allVersions?: boolean;
  /** Images that were displayed, too. */
  display?: boolean;
}

/** Where the attached files of a workspace come from; null where that is none. */
export interface UnplacedSource {
  messageId: string | null;
  /** Set when all messages of a chat share the workspace. */
  chatId: string | null;
  workspaceId: string | null;
}

/** Removed in one transaction by the retention. */
const REMOVED_AT_ONCE = 500;

/** Makes the highest version beside those that go the latest, where the latest goes. */
const PROMOTE_REMAINING = `
UPDATE files SET latest = true WHERE id IN (
  SELECT DISTINCT ON (gone.id) rest.id
    FROM files gone JOIN files rest ON rest.user_id = gone.user_id AND rest.path_sha256 = gone.path_sha256
     AND (rest.message_id = gone.message_id
          OR (gone.message_id IS NULL AND rest.message_id IS NULL AND rest.workspace_id = gone.workspace_id))
   WHERE gone.id = ANY($1) AND gone.latest AND rest.id <> ALL($1)
   ORDER BY gone.id, rest.version DESC)`;

/** Finds and removes file rows. Everything asks for the owner first: a foreign file is an absent one. */
@Injectable()
export class FilesService {
  constructor(
    @InjectRepository(StoredFile) private readonly files: Repository<StoredFile>,
    private readonly dataSource: DataSource,
  ) {}

  find(userId: string, fileId: string): Promise<StoredFile | null> {
    return this.files.findOneBy({ id: fileId, userId });
  }

  /** @throws NotFoundError */
  async get(userId: string, fileId: string): Promise<StoredFile> {
    const file = await this.find(userId, fileId);
    if (!file) throw new NotFoundError('file', fileId);
    return file;
  }

  /** Whoever asks: for signed links, whose signature is the permission. */
  findShared(fileId: string): Promise<StoredFile | null> {
    return this.files.findOneBy({ id: fileId });
  }

  /**
   * Takes back every link to the file that was made before.
   *
   * @throws NotFoundError
   */
  async takeLinksBack(userId: string, fileId: string): Promise<void> {
    const { id } = await this.get(userId, fileId);
    await this.files.increment({ id }, 'linkGeneration', 1);
  }

  /** The latest version at each of these paths (SHA-256 of their bytes) in a message, newest first. */
  latestAt(userId: string, messageId: string, paths: readonly Buffer[]): Promise<StoredFile[]> {
    return this.files.find({
      where: { userId, messageId, pathSha256: In([...paths]), latest: true },
      order: { createdAt: 'DESC', id: 'DESC' },
    });
  }

  /** Newest first, one row more than the page holds. */
  list(userId: string, filter: FileFilter, query: PageQuery): Promise<StoredFile[]> {
    const after = decodeCursor(query.cursor);
    const select = this.select(userId, filter).limit(query.limit + 1);
    if (after) select.andWhere('(f.createdAt, f.id) < (:at::timestamptz, :id::uuid)', after);
    return select.getMany();
  }

  /** Newest first, the first thousand. */
  listAll(userId: string, filter: FileFilter, limit = LIST_LIMIT): Promise<StoredFile[]> {
    return this.select(userId, filter).limit(limit).getMany();
  }

  count(userId: string, filter: FileFilter): Promise<number> {
    return this.select(userId, filter).getCount();
  }

  /** What executions generated, by execution id, in order of their paths (displays: as shown). */
  async ofExecutions(executionIds: readonly string[], display: boolean): Promise<Map<string, StoredFile[]>> {
    const found = executionIds.length
      ? await this.files.find({
          where: { executionId: In([...executionIds]), display },
          order: { path: 'ASC', id: 'ASC' },
        })
      : [];
    const byExecution = new Map<string, StoredFile[]>(executionIds.map((id) => [id, []]));
    for (const file of found) byExecution.get(file.executionId ?? '')?.push(file);
    return byExecution;
  }

  /**
   * Removes the file's path with all versions. Workspaces keep their content, but no longer count it as kept.
   */
  async delete(file: StoredFile): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const versions =
        file.pathSha256 === null
          ? [file]
          : await manager.findBy(StoredFile, { ...withinScope(file), pathSha256: file.pathSha256 });
      await this.remove(
        manager,
        versions.map((version) => version.id),
      );
    });
  }

  /** Removes all files of a chat or of a user, and returns how many there were. */
  async deleteAll(manager: EntityManager, where: { userId: string; chatId?: string }): Promise<number> {
    const rows = await manager.find(StoredFile, { where, select: { id: true } });
    await this.remove(
      manager,
      rows.map((row) => row.id),
    );
    return rows.length;
  }

  /**
   * Removes files of this source that are older, a batch at a time, and returns how many there were. Of a path that
   * keeps other versions the highest becomes the latest.
   */
  async removeOlder(source: FileSource, before: Date, signal?: AbortSignal): Promise<number> {
    for (let removed = 0; ;) {
      signal?.throwIfAborted();
      const batch = await this.dataSource.transaction((manager) => this.removeBatch(manager, source, before));
      removed += batch;
      if (batch < REMOVED_AT_ONCE) return removed;
    }
  }

  /** Attached files that a workspace never had, in order of attaching. */
  async unplaced(userId: string, source: UnplacedSource): Promise<StoredFile[]> {
    const { messageId, chatId, workspaceId } = source;
    return await this.files
      .createQueryBuilder('f')
      .where('f.userId = :userId', { userId })
      .andWhere(`f.source = 'attached'`)
      .andWhere(
        `(f.messageId = :messageId OR f.chatId = :chatId OR (f.messageId IS NULL AND f.workspaceId = :workspaceId))`,
        { messageId, chatId, workspaceId },
      )
      .andWhere(
        `NOT EXISTS (SELECT 1 FROM workspace_attachments a
           WHERE a.workspace_id = :workspaceId::uuid AND a.file_id = f.id)`,
      )
      .orderBy('f.createdAt', 'ASC')
      .addOrderBy('f.id', 'ASC')
      .getMany();
  }

  async usage(userId: string): Promise<{ files: number; bytes: number }> {
    const [row] = await this.files.query<[{ files: string; bytes: string }]>(
      `SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes FROM files WHERE user_id = $1`,
      [userId],
    );
    return { files: Number(row.files), bytes: Number(row.bytes) };
  }

  private async removeBatch(manager: EntityManager, source: FileSource, before: Date): Promise<number> {
    const rows = await manager.find(StoredFile, {
      where: { source, createdAt: LessThan(before) },
      select: { id: true },
      order: { id: 'ASC' },
      take: REMOVED_AT_ONCE,
    });
    const ids = rows.map((row) => row.id);
    await manager.query(PROMOTE_REMAINING, [ids]);
    await this.remove(manager, ids);
    return ids.length;
  }

  private async remove(manager: EntityManager, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await manager.query(`UPDATE workspace_entries SET file_id = NULL WHERE file_id = ANY($1)`, [ids]);
    await manager.query(`DELETE FROM workspace_attachments WHERE file_id = ANY($1)`, [ids]);
    await manager.query(`DELETE FROM files WHERE id = ANY($1)`, [ids]);
  }

  private select(userId: string, filter: FileFilter): SelectQueryBuilder<StoredFile> {
    const select = this.files
      .createQueryBuilder('f')
      .where('f.userId = :userId', { userId })
      .orderBy('f.createdAt', 'DESC')
      .addOrderBy('f.id', 'DESC');
    if (filter.messageId !== undefined) select.andWhere('f.messageId = :messageId', filter);
    if (filter.chatId !== undefined) select.andWhere('f.chatId = :chatId', filter);
    if (filter.exceptMessageId !== undefined)
      select.andWhere('f.messageId IS DISTINCT FROM :exceptMessageId', filter);
    if (filter.source !== undefined) select.andWhere('f.source = :source', filter);
    // What a message has attached stays listed as such when code changed the path since.
    if (!filter.allVersions && filter.source !== 'attached') select.andWhere('f.latest');
    if (!filter.display) select.andWhere('NOT f.display');
    return select;
  }
}
