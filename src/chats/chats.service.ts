import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FilesService } from '../files/index.js';
import { decodeCursor, type PageQuery } from '../http/index.js';
import { ClosingService, WorkspacesService } from '../workspaces/index.js';

export interface Chat {
  chatId: string;
  messages: number;
  files: number;
  executions: number;
  workspaces: number;
  lastUsedAt: Date;
}

/** Chats have no table: they are what files, executions and workspaces name. */
const CHATS = `
  WITH parts AS (
    SELECT chat_id, message_id, 1 AS files, 0 AS executions, 0 AS workspaces, created_at AS used_at
      FROM files WHERE user_id = $1 AND chat_id IS NOT NULL AND latest AND NOT display
    UNION ALL
    SELECT chat_id, message_id, 0, 1, 0, created_at FROM executions WHERE user_id = $1 AND chat_id IS NOT NULL
    UNION ALL
    SELECT coalesce(chat_id, external_id), CASE WHEN kind = 'message' THEN external_id END, 0, 0, 1, last_used_at
      FROM workspaces
     WHERE user_id = $1 AND state <> 'deleted' AND (chat_id IS NOT NULL OR kind = 'chat')
  ), chats AS (
    SELECT chat_id, count(DISTINCT message_id)::int AS messages, sum(files)::int AS files,
           sum(executions)::int AS executions, sum(workspaces)::int AS workspaces,
           date_trunc('milliseconds', max(used_at)) AS last_used_at
      FROM parts GROUP BY chat_id
  )
  SELECT * FROM chats
   WHERE $2::timestamptz IS NULL OR (last_used_at, chat_id) < ($2::timestamptz, $3::text)
   ORDER BY last_used_at DESC, chat_id DESC LIMIT $4`;

interface ChatRow {
  chat_id: string;
  messages: number;
  files: number;
  executions: number;
  workspaces: number;
  last_used_at: Date;
}

/** A caller's chats: what belongs to each, and its end. */
@Injectable()
export class ChatsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly files: FilesService,
    private readonly workspaces: WorkspacesService,
    private readonly closing: ClosingService,
  ) {}

  /** Last used first, one row more than the page holds. */
  async list(userId: string, query: PageQuery): Promise<Chat[]> {
    const after = decodeCursor(query.cursor, 'external');
    const rows = await this.dataSource.query<ChatRow[]>(CHATS, [
      userId,
      after?.at ?? null,
      after?.id ?? null,
      query.limit + 1,
    ]);
    return rows.map(({ chat_id: chatId, last_used_at: lastUsedAt, ...counts }) => ({
      chatId,
      lastUsedAt,
      ...counts,
    }));
  }

  /** Removes the chat's workspaces with their kernels, its files and its executions. An unknown chat has none. */
  async delete(userId: string, chatId: string): Promise<void> {
    for (const workspace of await this.workspaces.ofChat(userId, chatId))
      await this.closing.delete(workspace);
    await this.dataSource.transaction(async (manager) => {
      await this.files.deleteAll(manager, { userId, chatId });
      await manager.query(
        `DELETE FROM executions WHERE user_id = $1 AND chat_id = $2 AND status NOT IN ('queued', 'running')`,
        [userId, chatId],
      );
    });
  }
}
