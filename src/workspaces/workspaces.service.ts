import { randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Not, type Repository } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { AppConfig } from '../config/index.js';
import { newId, violatedUnique } from '../database/index.js';
import { NotFoundError } from '../errors/index.js';
import { type PageQuery, decodeCursor } from '../http/index.js';
import { drawWorkspaceUid } from '../instance/index.js';
import { WorkspaceContent } from './content/index.js';
import type { Lease } from './lease.js';
import { LeasesService } from './leases.service.js';
import { ManifestService } from './manifest.service.js';
import { WorkspaceLifecycle } from './workspace-lifecycle.js';
import { lookupOrder, workspaceOf } from './workspace-reference.js';
import { Workspace, type WorkspaceState } from './workspace.entity.js';

const UID_INDEX = 'workspaces_os_uid';

/** Finds, opens and removes workspaces. Nothing a client sends becomes a path: directories have names of ours. */
@Injectable()
export class WorkspacesService {
  constructor(
    @InjectRepository(Workspace) private readonly workspaces: Repository<Workspace>,
    private readonly leases: LeasesService,
    private readonly manifest: ManifestService,
    private readonly content: WorkspaceContent,
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
      ? this.workspaces.findOneBy({ id: workspaceId, userId, state: Not<WorkspaceState>('deleted') })
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
    return this.workspaces.findOneByOrFail({ userId, ...reference });
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

  /** Makes sure that the leased workspace has its directory, with an owner of its own when run as root. */
  async ensureDirectory(workspace: Workspace, lease: Lease): Promise<Workspace & { directory: string }> {
    const opened = workspace.directory === null ? await this.assignDirectory(workspace, lease) : workspace;
    const directory = opened.directory ?? '';
    await this.content.create(directory, opened.osUid);
    return Object.assign(opened, { directory });
  }

  /** Interrupts what runs, ends the kernel, removes directory and manifest; stored files stay. */
  async delete(workspace: Workspace): Promise<void> {
    this.lifecycle.hooks.interrupt(workspace.id);
    const leased = await this.leases.acquire(workspace.id, { holder: randomUUID() });
    await this.leases.using(leased, async ({ workspace: current, lease }) => {
      await this.lifecycle.hooks.close(current, lease, { keepFiles: false });
      await this.leases.transact(lease, async (manager) => {
        await this.manifest.clear(manager, current.id);
        await manager.update(Workspace, { id: current.id }, this.closed('deleted'));
      });
      await this.removeDirectory(current);
    });
  }

  /** Closes an unused workspace: what it holds was collected, the directory goes, the manifest stays. */
  async expire(workspace: Workspace, lease: Lease): Promise<void> {
    await this.lifecycle.hooks.close(workspace, lease, { keepFiles: true });
    await this.leases.transact(lease, async (manager) => {
      await manager.update(Workspace, { id: workspace.id }, this.closed('expired'));
    });
    await this.removeDirectory(workspace);
  }

  private closed(state: WorkspaceState): Partial<Workspace> {
    const hadKernel = state === 'expired' ? {} : { hadKernel: false };
    return { state, directory: null, osUid: null, kernelId: null, ...hadKernel };
  }

  /** After the commit: a directory that no row names is swept at the next start if this is cut short. */
  private async removeDirectory(workspace: Workspace): Promise<void> {
    if (workspace.directory !== null) await this.content.remove(workspace.directory);
  }

  private async assignDirectory(workspace: Workspace, lease: Lease): Promise<Workspace> {
    for (;;) {
      const state: WorkspaceState = workspace.state === 'deleted' ? 'active' : workspace.state;
      const place = { ...newPlace(), state };
      try {
        await this.leases.transact(lease, async (manager) => {
          await manager.update(Workspace, { id: workspace.id }, place);
        });
        return Object.assign(workspace, place);
      } catch (error) {
        if (violatedUnique(error) !== UID_INDEX) throw error;
      }
    }
  }

  private async candidateIds(userId: string, workspaceId: string): Promise<string[]> {
    if (this.config.workspaces.scope === 'message') return [workspaceId];
    const chatId = await this.lifecycle.hooks.chatOfMessage(userId, workspaceId);
    return chatId === null ? [workspaceId] : [workspaceId, chatId];
  }
}

/** A directory name that tells nothing, and the uid that will own it. */
export function newPlace(): { directory: string; osUid: number | null } {
  return { directory: randomBytes(16).toString('hex'), osUid: drawWorkspaceUid() };
}
