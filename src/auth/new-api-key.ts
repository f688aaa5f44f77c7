import { DomainError } from '../errors/index.js';
import type { CreateApiKeyBody } from './api-keys.dto.js';
import type { NewApiKey } from './api-keys.service.js';
import { isServiceUserId } from './user-id.js';

/** What an admin asks for, once its fields fit together. */
export function newApiKeyOf(body: CreateApiKeyBody, now: Date): NewApiKey {
  const { name, kind, user_id: userId, namespace, role = 'user', expires_in: expiresIn } = body;
  const expiresAt = expiresIn === undefined ? null : new Date(now.getTime() + expiresIn * 1000);
  if (kind === 'service') {
    if (namespace === undefined) throw misfit('namespace', 'namespace must be given for a service key');
    if (userId !== undefined) throw misfit('user_id', 'user_id must be left out for a service key');
    if (role === 'admin')
      throw misfit('role', 'role must be user for a service key: services are never admins');
    return { name, kind, userId: null, namespace, role, expiresAt };
  }
  if (userId === undefined) throw misfit('user_id', 'user_id must be given for a user key');
  if (namespace !== undefined) throw misfit('namespace', 'namespace must be left out for a user key');
  if (isServiceUserId(userId))
    throw misfit('user_id', 'user_id must not hold a colon: users of a namespace belong to its service keys');
  return { name, kind, userId, namespace: null, role, expiresAt };
}

function misfit(field: string, message: string): DomainError {
  return new DomainError('invalid', 'validation_failed', `The request is not valid: ${message}.`, {
    details: { errors: [{ field, message }] },
  });
}
