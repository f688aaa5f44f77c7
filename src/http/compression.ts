import compression from 'compression';
import type { Request, RequestHandler, Response } from 'express';

/** Smaller answers leave in a few packets anyhow, and the time of a run counts in milliseconds. */
const LEAST_BYTES = 8 * 1024;

/** Of what the service writes itself; the media type may have parameters. */
const COMPRESSED = /^(?:application\/(?:problem\+)?json|text\/plain)\b/;

/**
 * Compresses large answers. Never events, which a compressor would hold back, and never stored bytes: their ranges and
 * entity tags mean the bytes as they are.
 */
export const compressAnswers: RequestHandler = compression({
  threshold: LEAST_BYTES,
  filter: (_request: Request, response: Response) =>
    COMPRESSED.test(String(response.getHeader('Content-Type'))) &&
    !response.hasHeader('Content-Disposition') &&
    response.statusCode !== 206,
});
