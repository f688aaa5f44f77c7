import { Injectable } from '@nestjs/common';
import { AttachmentsService } from '../files/index.js';
import type { ExecuteBody } from './execution.dto.js';
import { ExecutionsService } from './executions.service.js';
import { DispatcherService } from './run/dispatcher.service.js';

/** From a client's request to an entered execution. */
@Injectable()
export class SubmissionService {
  constructor(
    private readonly attachments: AttachmentsService,
    private readonly executions: ExecutionsService,
    private readonly dispatcher: DispatcherService,
  ) {}

  /** The execution's id; it runs from now on, whoever waits for it. */
  async submit(userId: string, body: ExecuteBody, idempotencyKey: string | null): Promise<string> {
    const timeoutMs = this.executions.timeoutMs(body.timeout);
    const fileIds = [...new Set(body.file_ids ?? [])];
    // Foreign and unknown ids are the client's mistake and told at once, not by the run.
    await this.attachments.owned(userId, fileIds);
    const request = {
      code: body.code,
      messageId: body.message_id ?? null,
      chatId: body.chat_id ?? null,
      fileIds,
      includeChatFiles: body.include_chat_files ?? false,
      timeoutMs,
    };
    return await this.dispatcher.submit(userId, request, idempotencyKey);
  }
}
