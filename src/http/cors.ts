import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface.js';

/** What pages of other origins may send and read; never credentials, since ours travel in `Authorization`. */
export function corsOptions(origins: readonly string[]): CorsOptions {
  return {
    origin: origins.includes('*') ? '*' : [...origins],
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Accept',
      'Idempotency-Key',
      'If-None-Match',
      'If-Range',
      'Last-Event-ID',
      'Prefer',
      'Range',
      'X-Request-Id',
      'X-User-Id',
    ],
    exposedHeaders: [
      'Location',
      'ETag',
      'Content-Disposition',
      'Content-Range',
      'Retry-After',
      'X-Request-Id',
    ],
    maxAge: 600,
  };
}
