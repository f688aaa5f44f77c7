import type { Access } from '../../src/auth/index.js';

/** What a walk sends; path parameters by their names in the document. */
export interface Sending {
  params?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sent as JSON, or as it is when it is a form. */
  body?: unknown;
}

/** The headers by which somebody claims to be somebody. */
export type Credentials = Readonly<Record<string, string>>;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** The status that is right, or a look at the answer that complains, or is content with null. */
export type Expected = number | ((answer: Answer) => string | null);

/** What was decided about one operation. */
export interface Decision {
  access: Access | 'caller';
  /** A request that names the owner's things wherever the operation takes an id. */
  send: Sending;
  /** What another user gets for exactly this request; for public, admin and service operations it does not matter. */
  foreigner?: Expected;
  /**
   * What who may do it gets, after all attacks: proves that `send` names things that are there, and that no
   * attack changed them.
   */
  allowed: Expected;
  /** It removes things of the owner, so it is allowed last; the lower, the earlier. */
  removes?: number;
}

/** Decisions by {@link Operation.name}; a list where an operation takes ids in more than one way. */
export type Decisions = Readonly<Record<string, Decision | readonly Decision[]>>;
