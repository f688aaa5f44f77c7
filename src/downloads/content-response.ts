import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '../errors/index.js';
import { StorageUnavailableError, type ByteRange, type ContentStream } from '../storage/index.js';
import { requestedRange } from './byte-range.js';
import { dispositionHeader } from './file-name.js';
import { clientHasIt, rangeIsOfIt, type Validators } from './preconditions.js';

/** Stored bytes, and what a client is told of them. */
export interface Content {
  /** To save under; sanitised here. */
  name: string;
  /** Without parameters. */
  mimeType: string;
  /** Bytes. */
  size: number;
  /** Hexadecimal; the strong entity tag. */
  sha256: string;
  modifiedAt: Date;
  open(range?: ByteRange): Promise<ContentStream>;
}

export type Disposition = 'attachment' | 'inline';

/** What a browser shows without running anything in it. */
const SHOWN_INLINE = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'text/plain']);

/** Code wrote these bytes: whatever a browser makes of them runs nothing, loads nothing, has no origin. */
export const SANDBOX =
  "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** A client that takes nothing for so long has gone without a word. */
const STALLED_MS = 120_000;

/**
 * Answers GET or HEAD with content: 200, 206 for one satisfiable range, 304, or 416 (thrown). The memory it
 * takes does not depend on the size. Fails before the first byte with an error to be answered; after it, and
 * when the content turns out shorter than it should be, the connection is cut, so that no client takes half
 * for all. A client that leaves ends the reading.
 */
export async function sendContent(
  request: Request,
  response: Response,
  content: Content,
  asked: Disposition = 'attachment',
): Promise<void> {
  const validators = { etag: `"${content.sha256}"`, lastModified: content.modifiedAt.toUTCString() };
  response.set(headersOf(content, asked, validators));
  if (clientHasIt(request.headers, validators)) {
    response.status(304).end();
    return;
  }
  // RFC 9110: only GET knows ranges.
  const isRanged = request.method === 'GET' && rangeIsOfIt(request.headers, validators);
  const range = isRanged ? rangeOf(request, response, content) : null;
  const { start, end } = range ?? { start: 0, end: content.size - 1 };
  response.set('Content-Length', String(end - start + 1));
  if (range !== null) response.status(206).set('Content-Range', `bytes ${start}-${end}/${content.size}`);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const source = await content.open(range ?? undefined);
  if (response.destroyed) {
    source.destroy();
    return;
  }
  await sendStream(source, response, end - start + 1);
}

function headersOf(
  content: Content,
  asked: Disposition,
  { etag, lastModified }: Validators,
): Record<string, string> {
  const inline = asked === 'inline' && SHOWN_INLINE.has(content.mimeType);
  const isText = content.mimeType.startsWith('text/');
  return {
    'Accept-Ranges': 'bytes',
    // Kept, but asked about each time: a deleted file or a link taken back is gone at once.
    'Cache-Control': 'private, no-cache',
    'Content-Disposition': dispositionHeader(inline ? 'inline' : 'attachment', content.name),
    'Content-Security-Policy': SANDBOX,
    'Content-Type': isText ? `${content.mimeType}; charset=utf-8` : content.mimeType,
    ETag: etag,
    'Last-Modified': lastModified,
    'X-Content-Type-Options': 'nosniff',
  };
}

/** Null: the whole content. */
function rangeOf(request: Request, response: Response, content: Content): ByteRange | null {
  const range = requestedRange(request.get('Range'), content.size);
  if (range === 'whole') return null;
  if (range !== 'not_satisfiable') return range;
  response.set('Content-Range', `bytes */${content.size}`);
  throw new DomainError(
    'not_satisfiable',
    'range_not_satisfiable',
    `The range lies outside of the ${content.size} bytes of this file.`,
    { details: { size: content.size } },
  );
}

async function sendStream(source: ContentStream, response: Response, length: number): Promise<void> {
  let left = length;
  async function* counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      left -= chunk.length;
      yield chunk;
      if (response.writableLength === 0) source.recycle?.(chunk);
    }
    if (left !== 0)
      throw new StorageUnavailableError(new Error('The content has another size than its row.'));
  }
  response.setTimeout(STALLED_MS, () => response.destroy());
  try {
    await pipeline(source, counted, response);
  } catch (error) {
    if (!isClientGone(error)) throw error;
  }
}

export function isClientGone(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}
