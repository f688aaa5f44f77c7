import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A client's own id is taken when it can stand in a log line and a header as it is. */
const saneRequestId = /^[\x21-\x7e]{1,128}$/;

const requestIds = new WeakMap<IncomingMessage, string>();

/** The id of a request, as its answer carries it in `X-Request-Id`; made at the first call. */
export function requestIdOf(request: IncomingMessage): string {
  const known = requestIds.get(request);
  if (known !== undefined) return known;
  const offered = request.headers['x-request-id'];
  const id = typeof offered === 'string' && saneRequestId.test(offered) ? offered : randomUUID();
  requestIds.set(request, id);
  return id;
}

/** Middleware before all others, so that even the answer to a body nobody could parse carries the id. */
export function echoRequestId(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  response.setHeader('X-Request-Id', requestIdOf(request));
  next();
}
