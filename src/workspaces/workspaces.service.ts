import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Not, type Repository } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { AppConfig } from '../config/index.js';
import { newId } from '../database/index.js';
import { NotFoundError } from '../errors/index.js';
import { type PageQuery, decodeCursor } from '../http/index.js';
import { WorkspaceLifecycle } from './workspace-lifecycle.js';
import { lookupOrder, workspaceOf } from './workspace-reference.js';
import { Workspace, type WorkspaceState } from './workspace.entity.js';

/** Finds workspaces, each for its owner only. */
@Injectable()
export class WorkspacesService {
  constructor(
    @InjectRepository(Workspace) private readonly workspaces: Repository<Workspace>,
    private readonly lifecycle: WorkspaceLifecycle,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** The caller's workspace under this id, or null: as message, as chat (in the scope's order), as UUID. */
  async lookUp(userId: string, workspaceId: string): Promise<Workspace | null> {
    const { scope } = this.config.workspaces;
    const found = await this.workspaces.findBy({
      userId,
      externalId: In(await this.candidateIds(userId, workspaceId)),
      state: Not<WorkspaceState>('deleted'),
    });
    const byKind = (kind: string, id: string): Workspace | undefined =>
      found.find((workspace) => workspace.kind === kind && workspace.externalId === id);
    for (const kind of lookupOrder(scope)) {
      const match = byKind(kind, workspaceId);
      if (match) return match;
    }
    if (found[0]) return found[0];
    return isUuid(workspaceId)
      ? await this.workspaces.findOneBy({ id: workspaceId, userId, state: Not<WorkspaceState>('deleted') })
      : null;
  }

  async get(userId: string, workspaceId: string): Promise<Workspace> {
    const workspace = await this.lookUp(userId, workspaceId);
    if (!workspace) throw new NotFoundError('workspace', workspaceId);
    return workspace;
  }

  /** The workspace that code of this message would run in; made when there is none. */
  async openFor(
    userId: string,
    ids: { messageId: string | null; chatId: string | null },
  ): Promise<Workspace> {
    const id = newId();
    const reference = workspaceOf(ids, this.config.workspaces.scope, id);
    await this.workspaces
      .createQueryBuilder()
      .insert()
      .values({ id, userId, ...reference, chatId: ids.chatId, state: 'active', directory: null, osUid: null })
      .orIgnore()
      .execute();
    await this.workspaces.update({ userId, ...reference, state: 'deleted' }, { state: 'active' });
    return await this.workspaces.findOneByOrFail({ userId, ...reference });
  }

  /** One row more than the page holds, so that `pageOf` knows whether there is a next one. */
  list(where: { userId?: string }, query: PageQuery): Promise<Workspace[]> {
    const after = decodeCursor(query.cursor);
    const select = this.workspaces
      .createQueryBuilder('w')
      .where(`w.state <> 'deleted'`)
      .orderBy('w.lastUsedAt', 'DESC')
      .addOrderBy('w.id', 'DESC')
      .limit(query.limit + 1);
    if (where.userId !== undefined) select.andWhere('w.userId = :userId', where);
    if (after) select.andWhere('(w.lastUsedAt, w.id) < (:at::timestamptz, :id::uuid)', after);
    return select.getMany();
  }

  /** All workspaces that belong to a chat, its own and those of its messages. */
  ofChat(userId: string, chatId: string): Promise<Workspace[]> {
    return this.workspaces.findBy([
      { userId, chatId, state: Not<WorkspaceState>('deleted') },
      { userId, kind: 'chat', externalId: chatId, state: Not<WorkspaceState>('deleted') },
    ]);
  }

  ofUser(userId: string): Promise<Workspace[]> {
    return this.workspaces.findBy({ userId });
  }

  private async candidateIds(userId: string, workspaceId: string): Promise<string[]> {
    if (this.config.workspaces.scope === 'message') return [workspaceId];
    const chatId = await this.lifecycle.hooks.chatOfMessage(userId, workspaceId);
    return chatId === null ? [workspaceId] : [workspaceId, chatId];
  }
}
