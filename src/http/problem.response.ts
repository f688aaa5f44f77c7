import type { Request, Response } from 'express';
import { failureOf, titleOf, type Failure } from './failure.js';
import type { Problem } from './problem.dto.js';
import { requestIdOf } from './request-id.js';

/**
 * Answers a request with the problem that an exception means. When the answer has begun already, it is cut
 * off instead: a client must not take half a body for a whole one.
 */
export function sendProblem(request: Request, response: Response, exception: unknown): Failure {
  const failure = failureOf(exception);
  if (response.headersSent) {
    response.destroy();
    return failure;
  }
  const { status, code, detail, errors, details, headers } = failure;
  const problem: Problem = {
    type: 'about:blank',
    title: titleOf(status),
    status,
    detail,
    code,
    request_id: requestIdOf(request),
    ...(errors ? { errors: [...errors] } : {}),
    ...(details ? { details } : {}),
  };
  // What a handler set for the bytes it meant to send does not describe the problem.
  for (const name of ['Content-Length', 'Content-Disposition', 'Content-Range', 'ETag', 'Last-Modified'])
    if (status !== 416 || name !== 'Content-Range') response.removeHeader(name);
  response
    .status(status)
    .set({ ...headers, 'X-Request-Id': problem.request_id, 'Cache-Control': 'no-store' })
    .type('application/problem+json')
    .send(JSON.stringify(problem));
  return failure;
}
