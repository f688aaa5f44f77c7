import { errors } from 'jose';
import { InvalidCredentialsError } from './auth.errors.js';

/** Why a token was refused, in words that repeat nothing of it. */
export function rejectedToken(error: errors.JOSEError): InvalidCredentialsError {
  if (error instanceof errors.JWTExpired)
    return new InvalidCredentialsError('token_expired', 'The token has expired; get a new one.', error);
  return new InvalidCredentialsError(
    'invalid_token',
    `The token is not accepted: ${reasonOf(error)}.`,
    error,
  );
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTClaimValidationFailed)
    return `its claim ${JSON.stringify(error.claim)} is missing or does not fit`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not fit';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not allowed';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the key set has no key for it';
  return 'it is not a valid JSON Web Token';
}
