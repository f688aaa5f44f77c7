/** What a failure means to the caller; the HTTP status follows from it (`problem.filter.ts`). */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'too_large'
  | 'unprocessable'
  | 'too_many'
  | 'unavailable'
  | 'storage_full'
  | 'not_satisfiable';

export interface ErrorExtras {
  /** Safe to show to the caller: no paths of the host, no secrets, no foreign ids. */
  details?: Readonly<Record<string, unknown>>;
  cause?: unknown;
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number;
}

/**
 * An expected failure of the domain. Services throw subclasses or instances of it; one filter turns it into
 * an RFC 9457 problem. `code` is stable and part of the API, `message` says what happened, to what, and what
 * to do, and is shown to the caller.
 */
export class DomainError extends Error {
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | null;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    extras: ErrorExtras = {},
  ) {
    super(message, { cause: extras.cause });
    this.name = new.target.name;
    this.details = extras.details ?? {};
    this.retryAfterSeconds = extras.retryAfterSeconds ?? null;
  }
}

/** Absent and foreign things answer alike, so that nobody learns what exists. */
export class NotFoundError extends DomainError {
  /** `what` is the noun in words of the code, e.g. `api_key`. */
  constructor(what: string, id: string) {
    const noun = what.replaceAll('_', ' ').replace('api', 'API');
    super('not_found', `${what}_not_found`, `There is no ${noun} ${JSON.stringify(id)} of yours.`);
  }
}
