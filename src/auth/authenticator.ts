import { Injectable } from '@nestjs/common';
import { decodeProtectedHeader } from 'jose';
import type { Request } from 'express';
import { DomainError } from '../errors/index.js';
import type { ApiKey } from './api-key.entity.js';
import { looksLikeApiKey } from './api-key-text.js';
import { ApiKeysService } from './api-keys.service.js';
import { InvalidCredentialsError } from './auth.errors.js';
import { bearerOf, namedUserOf } from './credentials.js';
import { FailedAttempts } from './failed-attempts.js';
import type { Identity } from './identity.js';
import { JwtVerifier } from './jwt-verifier.js';
import { userIdOfService } from './user-id.js';
import { UserTokens, userTokenType } from './user-tokens.js';

/** Turns the credentials of a request into an identity. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly apiKeys: ApiKeysService,
    private readonly userTokens: UserTokens,
    private readonly jwts: JwtVerifier,
    private readonly failures: FailedAttempts,
  ) {}

  /** @throws DomainError `unauthenticated`, `too_many`, `unavailable`, or `invalid` for a bad `X-User-Id` */
  async identify(request: Request): Promise<Identity> {
    const credential = bearerOf(request);
    const identity = await this.failures.guard(request.ip ?? '', credential, () => this.#verify(credential));
    return actingFor(identity, namedUserOf(request));
  }

  async #verify(credential: string): Promise<Identity> {
    if (looksLikeApiKey(credential)) return await this.#ofApiKey(credential);
    if (typeOf(credential) === userTokenType) return await this.#ofUserToken(credential);
    return { via: 'jwt', caller: await this.jwts.verify(credential) };
  }

  async #ofApiKey(credential: string): Promise<Identity> {
    const key = await this.apiKeys.find(credential);
    if (key === null)
      throw new InvalidCredentialsError(
        'invalid_api_key',
        'The API key is unknown, expired or revoked; ask an admin for a new one.',
      );
    await this.apiKeys.noteUse(key);
    return identityOfKey(key);
  }

  async #ofUserToken(credential: string): Promise<Identity> {
    const { caller, source } = await this.userTokens.verify(credential);
    if (source.kind === 'service_key') {
      if (await this.apiKeys.isValid(source.keyId)) return { via: 'user_token', caller };
      throw new InvalidCredentialsError('invalid_token', 'The service key that made this token is revoked.');
    }
    // Who configures an issuer closes the door of the first start.
    if (!this.jwts.configured) return { via: 'start_link', caller };
    throw new InvalidCredentialsError(
      'invalid_token',
      'Tokens of the start link count only while no issuer of tokens is configured.',
    );
  }
}

function identityOfKey({ id, kind, namespace, userId, role }: ApiKey): Identity {
  if (kind === 'service' && namespace !== null)
    return { via: 'service_key', keyId: id, namespace, caller: null };
  if (kind === 'user' && userId !== null) return { via: 'user_key', caller: { id: userId, role } };
  throw new Error(`API key ${id} is neither a user's nor a service's.`);
}

/** Only a service acts for others; anybody else who names a user is refused, lest it believes it worked. */
function actingFor(identity: Identity, user: string | null): Identity {
  if (user === null) return identity;
  if (identity.via === 'service_key')
    return { ...identity, caller: { id: userIdOfService(identity.namespace, user), role: 'user' } };
  throw new DomainError(
    'invalid',
    'user_id_not_allowed',
    'Only service keys may send the header X-User-Id; leave it out.',
  );
}

function typeOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).typ;
  } catch {
    throw new InvalidCredentialsError(
      'invalid_token',
      'The token is not accepted: it is neither a JSON Web Token nor an API key.',
    );
  }
}
