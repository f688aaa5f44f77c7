import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import { DomainError } from '../errors/index.js';
import { assertBounded } from './body-bounds.js';

/** Room for code with data embedded in it; files are uploaded instead. */
export const MAX_JSON_BYTES = 8 * 1024 ** 2;

/**
 * Bodies are JSON or, on routes that take files, multipart. Anything else is refused by name: `curl -d` without a
 * content type would otherwise look like an empty body. The application must be made with `bodyParser: false`.
 */
export function parseBodies(app: NestExpressApplication): void {
  app.use(refuseOtherBodies);
  app.use(express.json({ limit: MAX_JSON_BYTES, verify: refuseBrokenText }));
  app.use(refuseComplexBodies);
}

function refuseOtherBodies(request: Request, _response: Response, next: NextFunction): void {
  // False only when there is a body, of another type; clients announce an empty one by its length.
  const refused =
    request.headers['content-length'] !== '0' &&
    request.is(['application/json', 'multipart/form-data']) === false;
  next(
    refused
      ? new UnsupportedMediaTypeException('The body must be JSON: send Content-Type: application/json.')
      : undefined,
  );
}

function refuseComplexBodies(request: Request, _response: Response, next: NextFunction): void {
  assertBounded(request.body);
  next();
}

/** The parser would put U+FFFD where the text is broken, and the code that runs were not the code that was sent. */
function refuseBrokenText(
  _request: IncomingMessage,
  _response: ServerResponse,
  body: Buffer,
  charset: string,
): void {
  if (charset !== 'utf-8' || isUtf8(body)) return;
  const message = 'The body must be UTF-8: some of its bytes are not.';
  throw new DomainError('invalid', 'malformed_json', message);
}
