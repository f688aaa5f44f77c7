import type { IncomingMessage } from 'node:http';
import { DomainError } from '../errors/index.js';
import { AuthenticationRequiredError, InvalidCredentialsError } from './auth.errors.js';
import { isUserName } from './user-id.js';

/** The credential of `Authorization: Bearer <credential>`. */
export function bearerOf(request: IncomingMessage): string {
  const sent = request.headersDistinct.authorization ?? [];
  if (sent.length === 0) throw new AuthenticationRequiredError();
  const credential = /^bearer +([\w.~+/=-]+) *$/i.exec(sent[0] ?? '')?.[1];
  // Two headers: a proxy and this service could each believe another one.
  if (credential === undefined || sent.length > 1)
    throw new InvalidCredentialsError(
      'invalid_token',
      'The header Authorization must be sent once, as Bearer and one token or API key.',
    );
  return credential;
}

/**
 * The user that a service names in `X-User-Id`; null without the header. Node reads headers as Latin-1; the bytes
 * are UTF-8, so that one user has one id here and in a JSON body.
 */
export function namedUserOf(request: IncomingMessage): string | null {
  const sent = request.headersDistinct['x-user-id'] ?? [];
  if (sent.length === 0) return null;
  const name = sent.length === 1 ? fromUtf8(sent[0] ?? '') : null;
  if (isUserName(name)) return name;
  throw new DomainError(
    'invalid',
    'invalid_user_id',
    'The header X-User-Id must be sent once, with 1 to 255 printable characters of UTF-8.',
  );
}

function fromUtf8(header: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'));
  } catch {
    return null;
  }
}
