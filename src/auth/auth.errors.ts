import { DomainError } from '../errors/index.js';

/** No credentials were sent. */
export class AuthenticationRequiredError extends DomainError {
  constructor() {
    super(
      'unauthenticated',
      'authentication_required',
      'This needs credentials: send the header Authorization: Bearer with a token or an API key.',
    );
  }
}

/** Credentials were sent and do not count. The message never repeats any part of them. */
export class InvalidCredentialsError extends DomainError {
  constructor(code: 'invalid_token' | 'token_expired' | 'invalid_api_key', message: string, cause?: unknown) {
    super('unauthenticated', code, message, { cause });
  }
}

/** The key set of the identity provider cannot be had: nobody's fault in this request. */
export class IdentityProviderUnavailableError extends DomainError {
  constructor(cause: unknown) {
    super(
      'unavailable',
      'identity_provider_unavailable',
      'The keys that verify tokens cannot be fetched from AUTH_JWKS_URL now; try again.',
      { cause, retryAfterSeconds: 5 },
    );
  }
}
