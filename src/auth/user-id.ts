import { isExternalId } from '../http/index.js';

/** The user that the first-start link acts for. */
export const localUserId = 'local';

/** `acme:alice` is made by service keys of the namespace `acme` only. */
const separator = ':';
const longestUserId = 1024;
const namespacePattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/**
 * Ids of callers come from three places that must never meet, or one user would own another's files:
 *
 * | from | id |
 * |---|---|
 * | a JWT of the configured issuer | its user claim, with `%` and `:` written `%25` and `%3A` |
 * | a service key | `<namespace>:<X-User-Id>` |
 * | the first-start link | `local`; a JWT's `local` becomes `%6Cocal` |
 *
 * So only service keys make ids with a colon, and the mapping of each source is one to one.
 */
export function userIdOfClaim(claim: string): string {
  if (claim === localUserId) return `%6C${claim.slice(1)}`;
  return claim.replaceAll('%', '%25').replaceAll(separator, '%3A');
}

/** The id of a service's own user: what follows the first colon is the service's, whatever it holds. */
export function userIdOfService(namespace: string, user: string): string {
  return `${namespace}${separator}${user}`;
}

export function isNamespace(value: unknown): value is string {
  return typeof value === 'string' && namespacePattern.test(value);
}

/** A user's id as an identity provider or a service names it: printable, no blanks at its ends. */
export function isUserName(value: unknown): value is string {
  return isExternalId(value) && value.trim() === value;
}

/** A caller's id as this service knows it, e.g. in an admin's request. */
export function isUserId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestUserId && /^(?:[^\p{C}\p{Z}]| )+$/u.test(value);
}

/** Whether an id lies in a service's namespace; a key for one user must not. */
export function isServiceUserId(id: string): boolean {
  return id.includes(separator);
}
