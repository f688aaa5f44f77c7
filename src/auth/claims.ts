import type { JWTPayload } from 'jose';
import type { Role } from './caller.js';

/**
 * A claim by its name, else by its path through nested objects: Keycloak's roles stand in `realm_access.roles`,
 * while Auth0's names are URLs full of dots. Own properties only.
 */
export function claimOf(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** Admin when the claim is `admin`, or is a list, or words between blanks, with `admin` among them. */
export function roleOf(claim: unknown): Role {
  const roles: unknown[] = typeof claim === 'string' ? claim.split(/\s+/) : Array.isArray(claim) ? claim : [];
  return roles.includes('admin') ? 'admin' : 'user';
}
