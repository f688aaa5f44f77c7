import {
  Catch,
  Logger,
  MethodNotAllowedException,
  NotFoundException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError } from '../errors/index.js';
import { allowedMethods, pathOf } from './allowed-methods.js';
import { sendProblem } from './problem.response.js';
import { requestIdOf } from './request-id.js';

const logger = new Logger('Http');

/** Tells which foreign exceptions (a driver's, say) are expected failures; null for the rest. */
export type Recognise = (exception: unknown) => DomainError | null;

/** The one place where exceptions become answers: RFC 9457 problems, the unexpected logged with its request id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly recognise: Recognise) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    if (isRouteMiss(request, exception)) answerRouteMiss(request, response);
    else answerProblem(request, response, this.recognise(exception) ?? exception);
  }
}

/** Answers with a problem and logs what is the service's own fault. */
export function answerProblem(request: Request, response: Response, exception: unknown): void {
  const { status, code, detail } = sendProblem(request, response, exception);
  if (status < 500) return;
  const line = `${request.method} ${routeOf(request)} answered ${status} ${code} [request ${requestIdOf(request)}]`;
  if (code === 'internal_error') logger.error(line, traceOf(exception));
  else logger.warn([`${line}: ${detail}`, ...causesOf(exception)].join(' Cause: '));
}

/** Middleware behind everything else: no route took the request. 405 when the path is declared for other methods. */
export function answerRouteMiss(request: Request, response: Response): void {
  const path = pathOf(request);
  const allowed = allowedMethods(request);
  if (allowed.length > 0) response.setHeader('Allow', allowed.join(', '));
  answerProblem(request, response, missOf(`${request.method} ${path}`, allowed));
}

function missOf(route: string, allowed: readonly string[]): Error {
  return allowed.length > 0
    ? new MethodNotAllowedException(
        `${route} is not declared; ${allowed.join(', ')} may be used on this path.`,
      )
    : new DomainError('not_found', 'route_not_found', `There is no route ${route}; /docs lists all.`);
}

/** Nest's router throws exactly this when nothing matched; a handler's own 404 says something else. */
function isRouteMiss(request: Request, exception: unknown): boolean {
  return (
    exception instanceof NotFoundException &&
    exception.message === `Cannot ${request.method} ${request.originalUrl}`
  );
}

/** The route as it is declared: a path can hold the token of a signed link, which belongs into no log. */
function routeOf(request: Request): string {
  const route = request.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : pathOf(request);
}

/** Stacks of an error and its causes. Nothing else of them: a driver's error also holds the query's parameters. */
function traceOf(exception: unknown): string {
  return chainOf(exception)
    .map((error) => (error instanceof Error ? (error.stack ?? error.message) : `Thrown: ${typeof error}`))
    .join('\ncaused by ');
}

function causesOf(exception: unknown): string[] {
  return chainOf(exception)
    .slice(1)
    .map((error) => (error instanceof Error ? error.message : `Thrown: ${typeof error}`));
}

/** An exception and its causes; a few of them, since a chain may be a circle. */
function chainOf(exception: unknown): unknown[] {
  const chain = [exception];
  for (let last = exception; last instanceof Error && last.cause !== undefined && chain.length < 5;) {
    last = last.cause;
    chain.push(last);
  }
  return chain;
}
