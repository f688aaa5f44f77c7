import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { assertBounded } from './body-bounds.js';

/** Room for code with data embedded in it; files are uploaded instead. */
const maxJsonBytes = 8 * 1024 ** 2;

/**
 * Bodies are JSON or, on routes that take files, multipart. Anything else is refused by name: `curl -d` without a
 * content type would otherwise look like an empty body. The application must be made with `bodyParser: false`.
 */
export function parseBodies(app: NestExpressApplication): void {
  app.use(refuseOtherBodies);
  app.useBodyParser('json', { limit: maxJsonBytes });
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
