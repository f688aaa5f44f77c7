import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorKind } from '../errors/index.js';
import type { FieldProblem } from './problem.dto.js';
import { MAX_JSON_BYTES } from './request-body.js';

/** What an exception means in HTTP, before it knows its request. */
export interface Failure {
  status: number;
  code: string;
  detail: string;
  errors?: readonly FieldProblem[];
  details?: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string>>;
}

const statusOf: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  too_large: 413,
  not_satisfiable: 416,
  unprocessable: 422,
  too_many: 429,
  unavailable: 503,
  storage_full: 507,
};

type Explanation = readonly [code: string, detail: (said: string) => string];

/** How zlib and brotli name what is wrong with packed bytes. */
const unpacking = /^(Z_|ERR__ERROR_)/;
const notUnpacked: Explanation = [
  'malformed_encoding',
  (said) => `The body is not what Content-Encoding says: ${said}`,
];

/**
 * Errors of body-parser, by their `type`: its own words mean little to a reader. Others are named after their status.
 */
const explanations: Readonly<Record<string, Explanation>> = {
  'entity.parse.failed': ['malformed_json', (said) => `The body must be one JSON object: ${said}`],
  'entity.too.large': [
    'body_too_large',
    () =>
      `A JSON body may have ${String(MAX_JSON_BYTES)} bytes; attach larger data as files, with POST /api/v1/files.`,
  ],
  'encoding.unsupported': [
    'unsupported_encoding',
    (said) => `Send the body as it is, or packed with gzip, deflate or br: ${said}`,
  ],
  'charset.unsupported': ['unsupported_charset', (said) => `The body must be UTF-8: ${said}`],
  'request.aborted': ['request_aborted', () => 'The body ended before its announced length.'],
  'request.size.invalid': ['request_aborted', () => 'The body does not have its announced length.'],
};

/** Any exception as a failure. What nobody expected becomes a 500 that tells nothing of its cause. */
export function failureOf(exception: unknown): Failure {
  if (exception instanceof DomainError) return fromDomain(exception);
  // Nest wraps what is thrown while a body is parsed.
  if (exception instanceof HttpException)
    return exception.cause instanceof DomainError ? fromDomain(exception.cause) : fromNest(exception);
  const status = clientErrorStatus(exception);
  if (status !== null && exception instanceof Error)
    return { status, ...explained(status, exception.message, exception), headers: {} };
  return {
    status: 500,
    code: 'internal_error',
    detail: 'The service failed in a way it did not expect. Its log tells more under this request id.',
    headers: {},
  };
}

function fromDomain(error: DomainError): Failure {
  const { errors, ...details } = error.details;
  const headers: Record<string, string> = {};
  if (error.kind === 'unauthenticated') headers['WWW-Authenticate'] = challenge(error.code);
  if (error.retryAfterSeconds !== null)
    headers['Retry-After'] = String(Math.max(1, Math.ceil(error.retryAfterSeconds)));
  return {
    status: statusOf[error.kind],
    code: error.code,
    detail: error.message,
    ...(Array.isArray(errors) ? { errors: errors as FieldProblem[] } : {}),
    ...(Object.keys(details).length > 0 ? { details } : {}),
    headers,
  };
}

/** RFC 6750: without credentials only the scheme is named, with bad ones `invalid_token` says so. */
function challenge(code: string): string {
  const scheme = 'Bearer realm="mntdata"';
  return code === 'authentication_required' ? scheme : `${scheme}, error="invalid_token"`;
}

function fromNest(exception: HttpException): Failure {
  const status = exception.getStatus();
  return { status, ...explained(status, exception.message, exception.cause), headers: {} };
}

/** http-errors (body-parser, express) tell a client's error by a status. */
function clientErrorStatus(exception: unknown): number | null {
  if (!(exception instanceof Error)) return null;
  const { status, expose } = exception as Error & Record<'status' | 'expose', unknown>;
  return typeof status === 'number' && status >= 400 && status < 500 && expose === true ? status : null;
}

function explained(status: number, message: string, cause: unknown): Pick<Failure, 'code' | 'detail'> {
  const explanation = cause instanceof Error ? explanationOf(cause) : undefined;
  if (explanation === undefined) return { code: codeNamed(status), detail: sentence(message) };
  const [code, detail] = explanation;
  return { code, detail: sentence(detail(message)) };
}

function explanationOf(cause: Error): Explanation | undefined {
  const { type, code } = cause as Error & Record<'type' | 'code', unknown>;
  if (typeof code === 'string' && unpacking.test(code)) return notUnpacked;
  return typeof type === 'string' && Object.hasOwn(explanations, type) ? explanations[type] : undefined;
}

/** The code of a failure that has no name of its own. */
export function codeNamed(status: number): string {
  return titleOf(status)
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '_');
}

/** The name of a status, as RFC 9457 wants it for `about:blank`. */
export function titleOf(status: number): string {
  return STATUS_CODES[status] ?? 'Error';
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
