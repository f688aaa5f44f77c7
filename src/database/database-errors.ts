import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { DomainError } from '../errors/index.js';

// SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
const UNIQUE_VIOLATION = '23505';
const UNKNOWN_DATABASE = '3D000';
const FULL = new Set(['53100', 'ENOSPC']);
/** Statement time-out, lock not available, serialization failure, deadlock: trying again can succeed. */
const BUSY = new Set(['57014', '55P03', '40001', '40P01']);
const LOST = new Set([
  // Shutdown, crash, start under way, too many connections, idle transaction ended.
  ...['57P01', '57P02', '57P03', '53300', '25P03'],
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOTFOUND',
    'EAI_AGAIN',
  ],
]);
/** What `pg` and `pg-pool` say without a code. */
const LOST_SAYINGS = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Query read timeout',
  'Cannot use a pool after calling end on the pool',
];

/**
 * The failure of the database as callers should see it: gone or busy (503, with Retry-After) or its disk full
 * (507). Null for anything else, which is a mistake of ours.
 */
export function databaseProblem(error: unknown): DomainError | null {
  const code = codeOf(error);
  if (FULL.has(code)) {
    return new DomainError('storage_full', 'storage_full', 'The disk of the database is full.', {
      cause: error,
    });
  }
  if (BUSY.has(code)) {
    return new DomainError('unavailable', 'database_busy', 'The database is busy; try again.', {
      cause: error,
      retryAfterSeconds: 1,
    });
  }
  if (!isConnectionLoss(error)) return null;
  return new DomainError(
    'unavailable',
    'database_unavailable',
    'The database cannot be reached; try again.',
    {
      cause: error,
      retryAfterSeconds: 5,
    },
  );
}

/** Whether the connection broke or could not be made; whether a commit under way took place is then unknown. */
export function isConnectionLoss(error: unknown): boolean {
  // TypeORM takes a broken connection away from its query runner.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  return LOST.has(code) || code.startsWith('08') || LOST_SAYINGS.some((saying) => message.startsWith(saying));
}

/** Whether the server answered and turned us away: wrong user, password or database. */
export function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('28') || code === UNKNOWN_DATABASE;
}

/** The name of the unique constraint or index that a statement violated; null for other errors. */
export function violatedUnique(error: unknown): string | null {
  if (codeOf(error) !== UNIQUE_VIOLATION) return null;
  const { constraint } = (error instanceof QueryFailedError ? error.driverError : error) as {
    constraint?: unknown;
  };
  return typeof constraint === 'string' ? constraint : null;
}

function codeOf(error: unknown): string {
  const source: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const code = typeof source === 'object' && source !== null && 'code' in source ? source.code : null;
  return typeof code === 'string' ? code : '';
}
