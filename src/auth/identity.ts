import type { Request } from 'express';
import type { Caller } from './caller.js';

/** Who sent a request, and by which credentials. */
export type Identity =
  { via: 'jwt' | 'user_key' | 'user_token' | 'start_link'; caller: Caller } | ServiceIdentity;

export interface ServiceIdentity {
  via: 'service_key';
  keyId: string;
  namespace: string;
  /** The user it names in `X-User-Id`; null when it named none. */
  caller: Caller | null;
}

const identities = new WeakMap<Request, Identity>();

/** Keeps the outcome of the guard for the handler's parameters. */
export function rememberIdentity(request: Request, identity: Identity): void {
  identities.set(request, identity);
}

/** What the guard found; null on public routes without usable credentials. */
export function identityOf(request: Request): Identity | null {
  return identities.get(request) ?? null;
}
