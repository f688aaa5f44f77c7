import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** What a client asked for, after validation and defaults. */
export interface ExecutionRequest {
  code: string;
  messageId: string | null;
  chatId: string | null;
  fileIds: string[];
  includeChatFiles: boolean;
  /** Milliseconds that the code may run. */
  timeoutMs: number;
}

/** For the `bytea` column: JSON escapes what text columns refuse (NUL, lone surrogates). */
export function encodeRequest(request: ExecutionRequest): Buffer {
  return deflateRawSync(JSON.stringify(request), { level: 1 });
}

export function decodeRequest(bytes: Buffer): ExecutionRequest {
  return JSON.parse(inflateRawSync(bytes).toString('utf8')) as ExecutionRequest;
}

/** Equal for equal requests, whatever the order of their keys was. */
export function requestDigest(request: ExecutionRequest): Buffer {
  const { code, messageId, chatId, fileIds, includeChatFiles, timeoutMs } = request;
  return createHash('sha256')
    .update(JSON.stringify([code, messageId, chatId, fileIds, includeChatFiles, timeoutMs]))
    .digest();
}
