import type { CreateApiKeyBody } from './api-keys.dto.js';
import { newApiKeyOf } from './new-api-key.js';

const now = new Date('2026-01-01T00:00:00Z');
const body = (fields: Partial<CreateApiKeyBody>) => ({ name: 'a key', ...fields }) as CreateApiKeyBody;

describe('newApiKeyOf', () => {
  it('makes a key of a user, no admin unless asked', () => {
    expect(newApiKeyOf(body({ kind: 'user', user_id: 'alice', expires_in: 60 }), now)).toEqual({
      name: 'a key',
      kind: 'user',
      userId: 'alice',
      role: 'user',
      namespace: null,
      expiresAt: new Date('2026-01-01T00:01:00Z'),
    });
    expect(newApiKeyOf(body({ kind: 'user', user_id: 'a', role: 'admin' }), now).role).toBe('admin');
  });

  it('makes a key of a service', () => {
    expect(newApiKeyOf(body({ kind: 'service', namespace: 'chat' }), now)).toMatchObject({
      userId: null,
      role: 'user',
      namespace: 'chat',
      expiresAt: null,
    });
  });

  it.each([
    ['user_id', { kind: 'user' }],
    ['user_id', { kind: 'user', user_id: 'chat:alice' }],
    ['namespace', { kind: 'user', user_id: 'a', namespace: 'chat' }],
    ['namespace', { kind: 'service' }],
    ['user_id', { kind: 'service', namespace: 'chat', user_id: 'a' }],
    ['role', { kind: 'service', namespace: 'chat', role: 'admin' }],
  ] as const)('names %s as wrong in %j', (field, fields) => {
    expect(() => newApiKeyOf(body(fields), now)).toThrow(
      expect.objectContaining({ kind: 'invalid', details: { errors: [expect.objectContaining({ field })] } }),
    );
  });
});
