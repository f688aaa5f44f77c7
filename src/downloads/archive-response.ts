import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { isClientGone, SANDBOX } from './content-response.js';
import { dispositionHeader } from './file-name.js';

/**
 * Answers with an archive that is made while it is sent. Its size is not known before; what fails before the
 * first piece is thrown to become a problem, what fails later cuts the connection.
 */
export async function sendArchive(
  request: Request,
  response: Response,
  pieces: AsyncGenerator<Buffer>,
  name: string,
): Promise<void> {
  const first = await pieces.next();
  response.set({
    'Cache-Control': 'private, no-store',
    'Content-Disposition': dispositionHeader('attachment', name),
    'Content-Security-Policy': SANDBOX,
    'Content-Type': 'application/zip',
    'X-Content-Type-Options': 'nosniff',
  });
  if (request.method === 'HEAD' || response.destroyed) {
    await pieces.return(undefined);
    response.end();
    return;
  }
  async function* all(): AsyncGenerator<Buffer> {
    if (first.done !== true) yield first.value;
    yield* pieces;
  }
  try {
    await pipeline(all, response);
  } catch (error) {
    if (!isClientGone(error)) throw error;
  } finally {
    await pieces.return(undefined);
  }
}
