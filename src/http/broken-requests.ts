import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from './problem.dto.js';

type Cause = readonly [status: number, code: string, detail: string];

const causes: Readonly<Record<string, Cause>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'The headers are longer than 16 KiB; send shorter ones.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'body_too_large', 'The extensions of a chunk are longer than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'The request took too long to arrive; send it again.'],
};
const malformed: Cause = [400, 'malformed_request', 'This is no HTTP request that can be read.'];

/** Answers, as a problem too, what never becomes a request because Node cannot parse it. */
export function answerBrokenRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex & { _httpMessage?: unknown }) => {
    // A client that is gone hears nothing, and an answer that has begun cannot be replaced by another.
    const begun = socket._httpMessage !== undefined && socket._httpMessage !== null;
    if (error.code === 'ECONNRESET' || !socket.writable || begun) socket.destroy();
    else socket.end(answerTo(causes[error.code ?? ''] ?? malformed));
  });
}

function answerTo([status, code, detail]: Cause): string {
  const title = STATUS_CODES[status] ?? 'Error';
  const problem: Problem = { type: 'about:blank', title, status, detail, code, request_id: randomUUID() };
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${String(status)} ${title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    `X-Request-Id: ${problem.request_id}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
