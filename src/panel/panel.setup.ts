import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import staticGzip from 'express-static-gzip';
import { PROJECT_ROOT } from '../config/index.js';
import { DomainError } from '../errors/index.js';
import { framePolicy, pagePolicy } from './page-policy.js';

/** Where `npm run build:panel` leaves the build of `src/web`. */
const buildDirectory = join(PROJECT_ROOT, 'dist', 'panel');

/** Names of files in this directory tell their content. */
const hashedDirectory = 'assets';

/**
 * Serves the browser side, to which everybody is let in: the page at `/` and `/admin`, and below `/panel/` what it
 * and foreign pages load. Call it before {@link NestExpressApplication.init}.
 * @param corsOrigins whose pages may hold the panel; `*` for all
 */
export function servePanel(app: NestExpressApplication, corsOrigins: readonly string[]): void {
  const router = app.getHttpAdapter().getInstance();
  const page = join(buildDirectory, 'index.html');
  router.get(['/', '/admin'], (_request: Request, response: Response, next: NextFunction) => {
    if (!existsSync(page)) {
      next(notBuilt());
      return;
    }
    response.set({ 'Content-Security-Policy': pagePolicy, 'Cache-Control': 'no-cache' });
    response.sendFile(page, { cacheControl: false });
  });
  const files = staticGzip(buildDirectory, {
    index: false,
    serveStatic: {
      redirect: false,
      cacheControl: false,
      setHeaders: (response, path) => {
        for (const [name, value] of Object.entries(headersOf(path.replace(/\.gz$/, ''), corsOrigins)))
          response.setHeader(name, value);
      },
    },
  });
  router.use('/panel', (request: Request, response: Response, next: NextFunction) => {
    if (request.path === '/frame.html') response.removeHeader('X-Frame-Options'); // its policy names who may hold it
    files(request, response, next);
  });
}

function headersOf(path: string, corsOrigins: readonly string[]): Record<string, string> {
  const isHashed = basename(dirname(path)) === hashedDirectory;
  return {
    'Content-Security-Policy': path.endsWith('.html') ? framePolicy(corsOrigins) : "default-src 'none'",
    'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    // The same files for everybody. Modules are fetched with CORS, also by the frame, whose origin is `null`.
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
  };
}

function notBuilt(): DomainError {
  return new DomainError(
    'unavailable',
    'panel_not_built',
    'The pages are not built yet: `npm start` builds them, and so does `npm run build:panel`. The API works.',
  );
}
