import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, In, type EntityManager, type Repository, type SelectQueryBuilder } from 'typeorm';
import { NotFoundError } from '../errors/index.js';
import { decodeCursor, type PageQuery } from '../http/index.js';
import { withinScope } from './file-versions.js';
import { StoredFile, type FileSource } from './file.entity.js';

/** The plan's lists are not paged; this is where they end. */
export const LIST_LIMIT = 1_000;

export interface FileFilter {
  messageId?: string;
  chatId?: string;
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
    if (filter.source !== undefined) select.andWhere('f.source = :source', filter);
    // What a message has attached stays listed as such when code changed the path since.
    if (!filter.allVersions && filter.source !== 'attached') select.andWhere('f.latest');
    if (!filter.display) select.andWhere('NOT f.display');
    return select;
  }
}
