import { Injectable } from '@nestjs/common';
import { DomainError } from '../errors/index.js';
import { FILES_LIST_LIMIT, FilesService, type FileFilter, type StoredFile } from '../files/index.js';

export interface GeneratedFilesOfChat {
  /** All, also those beyond the limit of lists. */
  total: number;
  /** By message, the message with the newest file first; under `''` what belongs to the chat alone. */
  messages: Map<string, StoredFile[]>;
}

/** Reads the files that code made; attached ones are none of them. */
@Injectable()
export class GeneratedFilesService {
  constructor(private readonly files: FilesService) {}

  /** @throws NotFoundError, or DomainError `not_generated` for an attached file */
  async get(userId: string, fileId: string): Promise<StoredFile> {
    const file = await this.files.get(userId, fileId);
    if (file.source === 'code_execution') return file;
    const message = `File ${fileId} was attached, not made by code: read it at /api/v1/files/${fileId}/content.`;
    throw new DomainError('forbidden', 'not_generated', message);
  }

  async ofMessage(userId: string, messageId: string, display: boolean): Promise<StoredFile[]> {
    return await this.files.listAll(userId, { messageId, display, source: 'code_execution' });
  }

  async ofChat(userId: string, chatId: string, display: boolean): Promise<GeneratedFilesOfChat> {
    const filter: FileFilter = { chatId, display, source: 'code_execution' };
    const files = await this.files.listAll(userId, filter);
    const total = files.length < FILES_LIST_LIMIT ? files.length : await this.files.count(userId, filter);
    return { total, messages: byMessage(files) };
  }
}

function byMessage(files: readonly StoredFile[]): Map<string, StoredFile[]> {
  const groups = new Map<string, StoredFile[]>();
  for (const file of files) {
    const id = file.messageId ?? '';
    const group = groups.get(id);
    if (group) group.push(file);
    else groups.set(id, [file]);
  }
  return groups;
}
