import { Injectable } from '@nestjs/common';
import { DomainError } from '../errors/index.js';
import { FilesService, printablePath, type FileFilter, type StoredFile } from '../files/index.js';
import { encodeCursor } from '../http/index.js';
import { ArtifactsService } from '../storage/index.js';
import { zipOf, type ArchiveEntry } from './archive.js';

const PAGE = 200;

/** Packs the generated files of a message. */
@Injectable()
export class ArchivesService {
  constructor(
    private readonly files: FilesService,
    private readonly artifacts: ArtifactsService,
  ) {}

  /**
   * A ZIP of the latest versions, the newest first, so that of two names that a ZIP cannot tell apart the
   * newer stays as it is. Rows are read page by page as the archive is written.
   * @throws DomainError `no_generated_files` before the first piece
   */
  ofMessage(userId: string, messageId: string, display: boolean): AsyncGenerator<Buffer> {
    return zipOf(this.entries(userId, { messageId, display, source: 'code_execution' }));
  }

  private async *entries(userId: string, filter: FileFilter): AsyncGenerator<ArchiveEntry> {
    let cursor: string | undefined;
    do {
      const rows = await this.files.list(userId, filter, { limit: PAGE, ...(cursor && { cursor }) });
      const page = rows.slice(0, PAGE);
      const last = page.at(-1);
      if (last === undefined && cursor === undefined) throw nothingGenerated(filter.messageId);
      yield* page.map((file) => this.entryOf(file));
      cursor = rows.length > PAGE && last ? encodeCursor({ at: last.createdAt, id: last.id }) : undefined;
    } while (cursor !== undefined);
  }

  private entryOf(file: StoredFile): ArchiveEntry {
    return {
      path: file.path === null ? file.name : printablePath(file.path),
      size: file.size,
      mimeType: file.mimeType,
      modifiedAt: file.createdAt,
      open: () => this.artifacts.open(file.sha256.toString('hex')),
    };
  }
}

function nothingGenerated(messageId = ''): DomainError {
  const message = `Message ${JSON.stringify(messageId)} has no generated files of yours.`;
  return new DomainError('not_found', 'no_generated_files', message);
}
