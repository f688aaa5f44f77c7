import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AttachmentsService } from '../../files/index.js';
import { LeasesService, ManifestService, Workspace, WorkspacesService } from '../../workspaces/index.js';
import { LateCollectionService } from '../kernels/late-collection.service.js';

/**
 * The content of a workspace for another message (a regenerated answer, a branch): every kept file of its
 * manifest is attached there, with shared bytes, and stands in its workspace before its code runs.
 */
@Injectable()
export class CopyService {
  constructor(
    private readonly leases: LeasesService,
    private readonly manifest: ManifestService,
    private readonly lateCollection: LateCollectionService,
    private readonly attachments: AttachmentsService,
    private readonly workspaces: WorkspacesService,
  ) {}

  async copy(source: Workspace, messageId: string, chatId: string | null): Promise<Workspace> {
    const { userId } = source;
    const leased = await this.leases.acquire(source.id, { holder: randomUUID() });
    const fileIds = await this.leases.using(leased, async ({ workspace, lease }) => {
      await this.lateCollection.collect(workspace, lease, null);
      const entries = await this.manifest.load(workspace.id);
      return entries.flatMap((entry) => (entry.fileId === null ? [] : [entry.fileId]));
    });
    await this.attachments.attachFiles({ userId, messageId, chatId, workspaceId: null }, fileIds);
    return await this.workspaces.openFor(userId, { messageId, chatId });
  }
}
