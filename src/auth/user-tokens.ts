import { SignJWT, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Caller } from './caller.js';
import { InvalidCredentialsError } from './auth.errors.js';
import { rejectedToken } from './rejected-token.js';
import type { SecretKeys } from './secret-keys.js';
import { isUserId } from './user-id.js';

/** `typ` of the header: tells our tokens from those of an identity provider before any key is chosen. */
export const userTokenType = 'mntdata+jwt';

const issuer = 'mntdata';

/** Who had a token made: it counts no longer than its maker does. */
export type TokenSource = { kind: 'service_key'; keyId: string } | { kind: 'start_link' };

export interface IssuedToken {
  token: string;
  expiresAt: Date;
}

/** Short tokens that this service makes itself: for the browsers of a chat backend, and for the first start. */
export class UserTokens {
  readonly #key: Uint8Array;

  constructor(keys: SecretKeys) {
    this.#key = keys.derive('tokens');
  }

  async issue(caller: Caller, source: TokenSource, lifetimeSeconds: number): Promise<IssuedToken> {
    const expiresAt = new Date((Math.floor(Date.now() / 1000) + lifetimeSeconds) * 1000);
    const claims = { role: caller.role, ...(source.kind === 'service_key' ? { key: source.keyId } : {}) };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: userTokenType })
      .setIssuer(issuer)
      .setSubject(caller.id)
      .setIssuedAt()
      .setExpirationTime(expiresAt)
      .sign(this.#key);
    return { token, expiresAt };
  }

  /** @throws InvalidCredentialsError unless the token is ours, whole and not expired */
  async verify(token: string): Promise<{ caller: Caller; source: TokenSource }> {
    const payload = await this.#payloadOf(token);
    const { sub, role, key } = payload;
    if (
      !isUserId(sub) ||
      (role !== 'user' && role !== 'admin') ||
      (key !== undefined && typeof key !== 'string')
    )
      throw new InvalidCredentialsError('invalid_token', 'The token is not accepted: it lacks a claim.');
    const source: TokenSource =
      key === undefined ? { kind: 'start_link' } : { kind: 'service_key', keyId: key };
    return { caller: { id: sub, role }, source };
  }

  async #payloadOf(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['HS256'],
        issuer,
        typ: userTokenType,
        requiredClaims: ['exp', 'sub'],
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw rejectedToken(error);
      throw error;
    }
  }
}
