import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorKind } from '../errors/index.js';
import type { FieldProblem } from './problem.dto.js';

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

/** Codes of errors that body-parser (`type`) and multer (`code`) throw; others are named after their status. */
const codeOfCause: Readonly<Record<string, string>> = {
  'entity.parse.failed': 'malformed_json',
  'entity.too.large': 'body_too_large',
  'parameters.too.many': 'body_too_large',
  'encoding.unsupported': 'unsupported_encoding',
  'charset.unsupported': 'unsupported_charset',
  'request.aborted': 'request_aborted',
  'request.size.invalid': 'request_aborted',
  LIMIT_FILE_SIZE: 'file_too_large',
  LIMIT_FILE_COUNT: 'too_many_files',
  LIMIT_UNEXPECTED_FILE: 'unexpected_file_field',
};

/** Any exception as a failure. What nobody expected becomes a 500 that tells nothing of its cause. */
export function failureOf(exception: unknown): Failure {
  if (exception instanceof DomainError) return fromDomain(exception);
  if (exception instanceof HttpException) return fromNest(exception);
  const status = clientErrorStatus(exception);
  if (status !== null && exception instanceof Error)
    return { status, code: codeFor(status, exception), detail: sentence(exception.message), headers: {} };
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
  const code = codeFor(status, exception.cause);
  return { status, code, detail: sentence(exception.message), headers: {} };
}

/** http-errors (body-parser, express) and multer tell a client's error by a status or a known code. */
function clientErrorStatus(exception: unknown): number | null {
  if (!(exception instanceof Error)) return null;
  const { status, expose, code } = exception as Error & Record<'status' | 'expose' | 'code', unknown>;
  if (exception.name === 'MulterError') return code === 'LIMIT_FILE_SIZE' ? 413 : 400;
  return typeof status === 'number' && status >= 400 && status < 500 && expose === true ? status : null;
}

function codeFor(status: number, cause: unknown): string {
  const { type, code } = (cause instanceof Error ? cause : {}) as Record<'type' | 'code', unknown>;
  for (const name of [type, code])
    if (typeof name === 'string' && Object.hasOwn(codeOfCause, name)) return codeOfCause[name] ?? name;
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
