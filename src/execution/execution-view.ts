import { viewFile, type LinkMaker, type StoredFile } from '../files/index.js';
import type { ExecutionDto } from './execution.dto.js';
import { LIST_LIMIT, type ExecutionRecord } from './run/execution-record.js';
import type { ExecutionFacts } from './run/finished-execution.js';

/** An execution as clients see it. `images` are its stored displays, needed only for their links. */
export function viewExecution(
  execution: ExecutionFacts,
  record: ExecutionRecord,
  files: readonly StoredFile[],
  images: readonly StoredFile[],
  link: LinkMaker | undefined,
): ExecutionDto {
  const imageLinks = new Map(images.map((image) => [image.id, link ? link(image) : null]));
  return {
    id: execution.id,
    workspace_id: execution.workspaceRef,
    message_id: execution.messageId,
    chat_id: execution.chatId,
    status: execution.status,
    reason: reasonOf(execution),
    kernel: execution.kernel,
    stdout: record.stdout,
    stderr: record.stderr,
    result: record.result,
    outputs: record.outputs.map((entry) => ({
      type: entry.type,
      data: entry.data,
      file_id: entry.file_id,
      link: entry.file_id === null ? null : (imageLinks.get(entry.file_id) ?? null),
    })),
    error: record.error && { ...record.error, traceback: [...record.error.traceback] },
    files: files.slice(0, LIST_LIMIT).map((file) => viewFile(file, link)),
    deleted: [...record.deleted],
    warnings: [...record.warnings],
    totals: record.totals,
    truncated: record.truncated,
    created_at: execution.createdAt.toISOString(),
    started_at: execution.startedAt?.toISOString() ?? null,
    finished_at: execution.finishedAt?.toISOString() ?? null,
    duration_ms: durationOf(execution),
    timings_ms: execution.timingsMs,
  };
}

function reasonOf({ reasonCode: code, reasonMessage: message }: ExecutionFacts): ExecutionDto['reason'] {
  return code === null ? null : { code, message: message ?? code };
}

function durationOf({ startedAt, finishedAt }: ExecutionFacts): number | null {
  return startedAt && finishedAt ? Math.max(0, finishedAt.getTime() - startedAt.getTime()) : null;
}
