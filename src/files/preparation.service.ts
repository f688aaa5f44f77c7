import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { DomainError } from '../errors/index.js';
import type { Workspace } from '../workspaces/index.js';
import { AttachmentsService, type AttachTarget } from './attachments.service.js';
import { selectChatFiles } from './chat-files.js';
import type { StoredFile } from './file.entity.js';
import { FilesService, LIST_LIMIT } from './files.service.js';
import type { OpenWorkspace } from './open-workspace.js';
import { QUOTA_EXCEEDED } from './quotas.service.js';
import { PlacementService } from './placement.service.js';
import { RestoreService } from './restore.service.js';
import type { Warning } from './warning.js';

export interface PreparationRequest {
  target: AttachTarget;
  /** Files of the caller's to attach first. */
  fileIds: readonly string[];
  includeChatFiles: boolean;
  /** False: the caller knows that nothing is attached that the workspace does not have. */
  attachmentsPending: boolean;
}

/** Brings what is attached into the workspace before code runs, and all of it back after a clean-up. */
@Injectable()
export class PreparationService {
  constructor(
    private readonly attachments: AttachmentsService,
    private readonly files: FilesService,
    private readonly placement: PlacementService,
    private readonly restoring: RestoreService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** What could not be brought is told in the warnings; the run goes on without it. */
  async prepare(open: OpenWorkspace, request: PreparationRequest): Promise<Warning[]> {
    const warnings = open.workspace.state === 'expired' ? await this.restoring.restore(open) : [];
    if (request.includeChatFiles) warnings.push(...(await this.attachChatFiles(request.target)));
    warnings.push(...(await this.attach(request.target, request.fileIds)));
    if (!request.attachmentsPending && !request.includeChatFiles && request.fileIds.length === 0)
      return warnings;
    const pending = await this.pending(open.workspace, request.target);
    if (pending.length > 0) warnings.push(...(await this.placement.place(open, pending)));
    return warnings;
  }

  /** Files of the target's message (with scope `chat`: of its chat) that this workspace never had. */
  private async pending({ id }: Workspace, target: AttachTarget): Promise<StoredFile[]> {
    const chatId = this.config.workspaces.scope === 'chat' ? target.chatId : null;
    return await this.files.unplaced(target.userId, { messageId: target.messageId, chatId, workspaceId: id });
  }

  private async attachChatFiles(target: AttachTarget): Promise<Warning[]> {
    if (target.chatId === null) return [];
    const ofOthers = {
      chatId: target.chatId,
      ...(target.messageId !== null && { exceptMessageId: target.messageId }),
    };
    const newest = await this.files.listAll(target.userId, ofOthers);
    const all = newest.length < LIST_LIMIT ? newest.length : await this.files.count(target.userId, ofOthers);
    const { chosen, warnings } = selectChatFiles(newest, all - newest.length);
    const ids = chosen.map((file) => file.id);
    return [...warnings, ...(await this.attach(target, ids))];
  }

  /** What a quota has no place for is told, and the code runs without it. */
  private async attach(target: AttachTarget, fileIds: readonly string[]): Promise<Warning[]> {
    try {
      await this.attachments.attachFiles(target, fileIds);
      return [];
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== QUOTA_EXCEEDED) throw error;
      return [{ path: null, code: error.code, message: `No file was attached. ${error.message}` }];
    }
  }
}
