import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import type { Caller } from './caller.js';
import { IdentityProviderUnavailableError, InvalidCredentialsError } from './auth.errors.js';
import { claimOf, roleOf } from './claims.js';
import { rejectedToken } from './rejected-token.js';
import { isUserName, userIdOfClaim } from './user-id.js';

export interface JwtOptions {
  /** HS256's secret, or null. */
  jwtSecret: string | null;
  /** Key set of an identity provider, or null; needs `issuer` and `audience`. */
  jwksUrl: string | null;
  issuer: string | null;
  audience: string | null;
  /** Asymmetric algorithms accepted with the key set. */
  algorithms: readonly string[];
  userClaim: string;
  roleClaim: string;
}

const fetchDeadlineMs = 5_000;
/** An unknown `kid` fetches the set again, but not more often than this: anybody can invent one. */
const refetchPauseMs = 30_000;
const keySetAgeMs = 600_000;

/** Verifies the tokens of the configured issuer: one way to verify, fixed at the start, never by the token. */
export class JwtVerifier {
  readonly #verify: ((token: string) => Promise<JWTPayload>) | null;

  constructor(private readonly options: JwtOptions) {
    this.#verify = verification(options);
  }

  /** Whether an issuer is configured at all. */
  get configured(): boolean {
    return this.#verify !== null;
  }

  /**
   * @throws InvalidCredentialsError when the token does not count
   * @throws IdentityProviderUnavailableError when its key cannot be fetched
   */
  async verify(token: string): Promise<Caller> {
    if (this.#verify === null)
      throw new InvalidCredentialsError(
        'invalid_token',
        'The token is not accepted: no issuer of tokens is configured.',
      );
    const payload = await this.#verify(token).catch((error: unknown) => {
      throw error instanceof errors.JOSEError ? rejectedToken(error) : error;
    });
    return this.#callerOf(payload);
  }

  #callerOf(payload: JWTPayload): Caller {
    const { userClaim, roleClaim } = this.options;
    const user = claimOf(payload, userClaim);
    if (!isUserName(user))
      throw new InvalidCredentialsError(
        'invalid_token',
        `The token is not accepted: its claim ${JSON.stringify(userClaim)} must be the user's id, 1 to 255 printable characters.`,
      );
    return { id: userIdOfClaim(user), role: roleOf(claimOf(payload, roleClaim)) };
  }
}

function verification(options: JwtOptions): ((token: string) => Promise<JWTPayload>) | null {
  const { jwtSecret, jwksUrl, issuer, audience, algorithms } = options;
  const expected: JWTVerifyOptions = {
    requiredClaims: ['exp'],
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
  };
  if (jwksUrl !== null) {
    // Else the tokens that the provider makes for any other of its clients would count here.
    if (issuer === null || audience === null)
      throw new Error('AUTH_JWKS_URL needs AUTH_ISSUER and AUTH_AUDIENCE.');
    return withKeySet(new URL(jwksUrl), { ...expected, algorithms: [...algorithms] });
  }
  if (jwtSecret === null) return null;
  const key = new TextEncoder().encode(jwtSecret);
  return async (token) => (await jwtVerify(token, key, { ...expected, algorithms: ['HS256'] })).payload;
}

function withKeySet(url: URL, options: JWTVerifyOptions): (token: string) => Promise<JWTPayload> {
  const keySet = createRemoteJWKSet(url, {
    timeoutDuration: fetchDeadlineMs,
    cooldownDuration: refetchPauseMs,
    cacheMaxAge: keySetAgeMs,
  });
  const keyFor: JWTVerifyGetKey = async (header, token) => {
    try {
      return await keySet(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      throw new IdentityProviderUnavailableError(error);
    }
  };
  return async (token) => {
    try {
      return (await jwtVerify(token, keyFor, options)).payload;
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return await verifyWithAny(token, error, options);
      throw error;
    }
  };
}

/** A token without `kid`, and a set with several keys that could have signed it. */
async function verifyWithAny(
  token: string,
  keys: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}
