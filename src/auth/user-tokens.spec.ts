import { SignJWT, UnsecuredJWT, decodeJwt } from 'jose';
import { SecretKeys } from './secret-keys.js';
import { UserTokens, userTokenType } from './user-tokens.js';

const keys = new SecretKeys(Buffer.alloc(32, 1));
const tokens = new UserTokens(keys);
const alice = { id: 'chat:alice', role: 'user' } as const;
const source = { kind: 'service_key', keyId: 'k1' } as const;

function aToken(claims: Record<string, unknown> = {}, typ = userTokenType) {
  return new SignJWT({ role: 'user', ...claims })
    .setProtectedHeader({ alg: 'HS256', typ })
    .setIssuer('mntdata')
    .setSubject('alice')
    .setExpirationTime('1h');
}

describe('user tokens', () => {
  it('tell whom they act for, and who made them', async () => {
    const { token, expiresAt } = await tokens.issue(alice, source, 60);
    expect(await tokens.verify(token)).toEqual({ caller: alice, source });
    expect(decodeJwt(token)).toMatchObject({ iss: 'mntdata', exp: expiresAt.getTime() / 1000 });
    const link = await tokens.issue({ id: 'local', role: 'admin' }, { kind: 'start_link' }, 60);
    expect(await tokens.verify(link.token)).toEqual({
      caller: { id: 'local', role: 'admin' },
      source: { kind: 'start_link' },
    });
  });

  it('end', async () => {
    const { token } = await tokens.issue(alice, source, 0);
    await expect(tokens.verify(token)).rejects.toMatchObject({
      kind: 'unauthenticated',
      code: 'token_expired',
    });
  });

  it.each([
    ['signed with the key for links', aToken().sign(keys.derive('links'))],
    ['signed with the master secret', aToken().sign(Buffer.alloc(32, 1))],
    ['of another type', aToken({}, 'JWT').sign(keys.derive('tokens'))],
    ['of another issuer', aToken().setIssuer('other').sign(keys.derive('tokens'))],
    [
      'without an end',
      new SignJWT({ role: 'admin' })
        .setProtectedHeader({ alg: 'HS256', typ: userTokenType })
        .setIssuer('mntdata')
        .setSubject('a')
        .sign(keys.derive('tokens')),
    ],
    ['with a role nobody knows', aToken({ role: 'root' }).sign(keys.derive('tokens'))],
    ['without a user', aToken().setSubject('').sign(keys.derive('tokens'))],
    [
      'not signed at all',
      Promise.resolve(
        new UnsecuredJWT({ role: 'admin' })
          .setIssuer('mntdata')
          .setSubject('alice')
          .setExpirationTime('1h')
          .encode(),
      ),
    ],
    ['no token', Promise.resolve('a.b.c')],
  ])('are refused when %s', async (_what, token) => {
    await expect(tokens.verify(await token)).rejects.toMatchObject({
      kind: 'unauthenticated',
      code: 'invalid_token',
    });
  });
});
