import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { answerBrokenRequests } from './broken-requests.js';
import { compressAnswers } from './compression.js';
import { corsOptions } from './cors.js';
import { answerProblem, answerRouteMiss, ProblemFilter, type Recognise } from './problem.filter.js';
import { parseBodies } from './request-body.js';
import { echoRequestId } from './request-id.js';
import { secureByDefault } from './security-headers.js';
import { RequestValidationPipe } from './validation.pipe.js';

export interface HttpOptions {
  /** Origins whose pages may call the API; `*` for all, empty for none. */
  corsOrigins: readonly string[];
  /** Which exceptions of drivers are expected failures, e.g. a database that is gone. */
  recognise: Recognise;
}

/**
 * Everything around the routes: request ids, headers, CORS, bodies, validation, problems. Make the application with
 * `bodyParser: false`, call this before `app.init()`, and {@link sealRoutes} after the last route.
 */
export function prepareHttp(app: NestExpressApplication, { corsOrigins, recognise }: HttpOptions): void {
  app.disable('x-powered-by');
  // Answers are not cached; downloads make their own, strong tags.
  app.disable('etag');
  app.use(echoRequestId, secureByDefault, compressAnswers);
  if (corsOrigins.length > 0) app.enableCors(corsOptions(corsOrigins));
  parseBodies(app);
  app.useGlobalPipes(new RequestValidationPipe());
  app.useGlobalFilters(new ProblemFilter(recognise));
  answerBrokenRequests(app.getHttpServer());
}

/** Answers what no route, page or static file took, also outside of the prefix, where Nest has no handler. */
export function sealRoutes(app: NestExpressApplication): void {
  app.use((request: Request, response: Response) => {
    answerRouteMiss(request, response);
  });
  // Express tells error handlers by their four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    answerProblem(request, response, error);
  });
}
