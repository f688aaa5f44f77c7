import type { StoredFile } from './file.entity.js';
import { mountedPath } from './file-path.js';
import type { Warning } from './warning.js';

/** What `include_chat_files` brings along at most. */
export const CHAT_FILES_LIMIT = 100;
export const CHAT_BYTES_LIMIT = 1024 ** 3;

/**
 * The newest of those with the same content and name: what one message brought along from another is there twice,
 * and would be there once more with each further message.
 */
function oncePerContent(files: readonly StoredFile[]): StoredFile[] {
  const known = new Map<string, StoredFile>();
  for (const file of files) {
    const name = (file.askedPathSha256 ?? file.pathSha256 ?? Buffer.from(file.name)).toString('hex');
    const key = `${name} ${file.sha256.toString('hex')}`;
    if (!known.has(key)) known.set(key, file);
  }
  return [...known.values()];
}

/**
 * Which files of a chat another message gets: newest first, as many as the limits allow.
 *
 * @param files the latest version of each path of each message, newest first.
 * @param older how many there are behind them: too many to be named one by one.
 */
export function selectChatFiles(
  files: readonly StoredFile[],
  older: number,
): { chosen: StoredFile[]; warnings: Warning[] } {
  const chosen: StoredFile[] = [];
  const warnings: Warning[] = [];
  let bytes = 0;
  for (const file of oncePerContent(files)) {
    if (chosen.length < CHAT_FILES_LIMIT && bytes + file.size <= CHAT_BYTES_LIMIT) {
      chosen.push(file);
      bytes += file.size;
    } else {
      warnings.push({
        path: file.path === null ? null : mountedPath(file.path),
        code: 'chat_file_left_out',
        message: `${file.name} of this chat ${leftOut('was', 'it')}`,
      });
    }
  }
  if (older > 0) {
    const message = `${String(older)} older files of this chat ${leftOut('were', 'them')}`;
    warnings.push({ path: null, code: 'chat_file_left_out', message });
  }
  return { chosen, warnings };
}

function leftOut(was: string, it: string): string {
  return `${was} not brought along: at most ${String(CHAT_FILES_LIMIT)} files or 1 GiB are. Attach ${it} by id.`;
}
