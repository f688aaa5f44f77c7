import { contentUrl, downloadUrl } from './file-links.js';
import { mountedPath } from './file-path.js';
import type { FileDto } from './file.dto.js';
import type { StoredFile } from './file.entity.js';

/** Makes a signed absolute URL for a file. */
export type LinkMaker = (file: StoredFile) => string;

/** A file as clients see it. */
export function viewFile(file: StoredFile, link?: LinkMaker): FileDto {
  return {
    id: file.id,
    name: file.name,
    path: file.path === null ? null : mountedPath(file.path),
    source: file.source,
    change: file.change,
    version: file.version,
    display: file.display,
    size: file.size,
    format: file.format,
    mime_type: file.mimeType,
    sha256: file.sha256.toString('hex'),
    created_at: file.createdAt.toISOString(),
    message_id: file.messageId,
    chat_id: file.chatId,
    execution_id: file.executionId,
    url: contentUrl(file.id),
    download_url: file.source === 'code_execution' ? downloadUrl(file.id) : null,
    link: link ? link(file) : null,
  };
}
