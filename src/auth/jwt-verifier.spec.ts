import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import {
  SignJWT,
  UnsecuredJWT,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type GenerateKeyPairResult,
  type JWTPayload,
} from 'jose';
import { JwtVerifier, type JwtOptions } from './jwt-verifier.js';

const secret = 's'.repeat(32);
const hmac = (text: string) => new TextEncoder().encode(text);

function options(given: Partial<JwtOptions>): JwtOptions {
  return {
    jwtSecret: null,
    jwksUrl: null,
    issuer: null,
    audience: null,
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    userClaim: 'sub',
    roleClaim: 'role',
    ...given,
  };
}

function aToken(claims: JWTPayload = {}, header: { alg: string; kid?: string } = { alg: 'HS256' }) {
  const whole = { sub: 'alice', exp: Math.floor(Date.now() / 1000) + 60, ...claims };
  return new SignJWT(JSON.parse(JSON.stringify(whole)) as JWTPayload).setProtectedHeader(header);
}

const refused = (code = 'invalid_token') =>
  expect.objectContaining({ kind: 'unauthenticated', code }) as unknown;

describe('tokens signed with a shared secret', () => {
  const verifier = new JwtVerifier(options({ jwtSecret: secret }));

  it('name the user and the role', async () => {
    const token = await aToken({ role: ['x', 'admin'] }).sign(hmac(secret));
    expect(await verifier.verify(token)).toEqual({ id: 'alice', role: 'admin' });
    expect(await verifier.verify(await aToken().sign(hmac(secret)))).toEqual({ id: 'alice', role: 'user' });
  });

  it('name them in the configured claims', async () => {
    const other = new JwtVerifier(
      options({ jwtSecret: secret, userClaim: 'email', roleClaim: 'realm_access.roles' }),
    );
    const token = await aToken({ email: 'a@b.c', role: 'user', realm_access: { roles: ['admin'] } }).sign(
      hmac(secret),
    );
    expect(await other.verify(token)).toEqual({ id: 'a@b.c', role: 'admin' });
  });

  it.each([
    ['another secret', aToken().sign(hmac('t'.repeat(32)))],
    ['another algorithm', aToken({}, { alg: 'HS512' }).sign(hmac(secret))],
    ['no end', aToken({ exp: undefined }).sign(hmac(secret))],
    ['a start to come', aToken({ nbf: Math.floor(Date.now() / 1000) + 60 }).sign(hmac(secret))],
    ['no user', aToken({ sub: undefined }).sign(hmac(secret))],
    ['an empty user', aToken({ sub: '' }).sign(hmac(secret))],
    ['a user with a line feed', aToken({ sub: 'a\nb' }).sign(hmac(secret))],
    ['a user that is a number', aToken({ sub: 7 as unknown as string }).sign(hmac(secret))],
    ['no signature', Promise.resolve(new UnsecuredJWT({ sub: 'alice' }).setExpirationTime('1h').encode())],
    ['no shape', Promise.resolve('not.a.token')],
  ])('are refused with %s', async (_what, token) => {
    await expect(verifier.verify(await token)).rejects.toEqual(refused());
  });

  it('are refused once they end', async () => {
    const token = await aToken({ exp: Math.floor(Date.now() / 1000) - 1 }).sign(hmac(secret));
    await expect(verifier.verify(token)).rejects.toEqual(refused('token_expired'));
  });

  it('are held to issuer and audience when those are configured', async () => {
    const strict = new JwtVerifier(options({ jwtSecret: secret, issuer: 'idp', audience: 'mntdata' }));
    expect(
      await strict.verify(await aToken({ iss: 'idp', aud: ['x', 'mntdata'] }).sign(hmac(secret))),
    ).toBeDefined();
    await expect(strict.verify(await aToken({ iss: 'idp' }).sign(hmac(secret)))).rejects.toEqual(refused());
    const foreign = aToken({ iss: 'other', aud: 'mntdata' }).sign(hmac(secret));
    await expect(strict.verify(await foreign)).rejects.toEqual(refused());
  });

  it('are repeated by no error', async () => {
    const token = await aToken().sign(hmac('t'.repeat(32)));
    const error = await verifier.verify(token).catch((reason: unknown) => reason);
    expect(inspect(error, { depth: 10 })).not.toContain(token.slice(0, 20));
  });

  it('do not count when none are configured', async () => {
    const closed = new JwtVerifier(options({}));
    expect(closed.configured).toBe(false);
    await expect(closed.verify(await aToken().sign(hmac(secret)))).rejects.toEqual(refused());
  });
});

describe("tokens of an identity provider's key set", () => {
  let server: Server;
  let rsa: GenerateKeyPairResult;
  let ec: GenerateKeyPairResult;
  let answer: () => { status: number; body: string };
  let fetches = 0;

  const claims = { iss: 'https://idp.example', aud: 'mntdata' };
  const verifier = (given: Partial<JwtOptions> = {}) => {
    const { port } = server.address() as AddressInfo;
    const jwksUrl = `http://127.0.0.1:${port}/jwks`;
    return new JwtVerifier(options({ jwksUrl, issuer: claims.iss, audience: claims.aud, ...given }));
  };

  beforeAll(async () => {
    rsa = await generateKeyPair('RS256', { extractable: true });
    ec = await generateKeyPair('ES256', { extractable: true });
    server = createServer((_request, response) => {
      fetches += 1;
      const { status, body } = answer();
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  beforeEach(async () => {
    fetches = 0;
    const keys = [
      { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' },
      { ...(await exportJWK(ec.publicKey)), kid: 'ec', alg: 'ES256' },
    ];
    answer = () => ({ status: 200, body: JSON.stringify({ keys }) });
  });

  afterAll(async () => await new Promise((resolve) => server.close(resolve)));

  it('count, and the set is fetched once', async () => {
    const one = verifier();
    for (const [kid, alg, { privateKey }] of [
      ['rsa', 'RS256', rsa],
      ['ec', 'ES256', ec],
      ['rsa', 'RS256', rsa],
    ] as const)
      expect(await one.verify(await aToken(claims, { alg, kid }).sign(privateKey))).toEqual({
        id: 'alice',
        role: 'user',
      });
    expect(fetches).toBe(1);
  });

  it('count without kid, even when two keys could have signed', async () => {
    const other = await generateKeyPair('RS256', { extractable: true });
    const keys = await Promise.all([other, rsa].map(async ({ publicKey }) => await exportJWK(publicKey)));
    answer = () => ({ status: 200, body: JSON.stringify({ keys }) });
    const token = await aToken(claims, { alg: 'RS256' }).sign(rsa.privateKey);
    expect(await verifier().verify(token)).toMatchObject({ id: 'alice' });
    const third = await generateKeyPair('RS256');
    const forged = await aToken(claims, { alg: 'RS256' }).sign(third.privateKey);
    await expect(verifier().verify(forged)).rejects.toEqual(refused());
  });

  it('are refused when the public key signed them as a secret', async () => {
    const publicKey = await exportSPKI(rsa.publicKey);
    const forged = await aToken(claims, { alg: 'HS256', kid: 'rsa' }).sign(hmac(publicKey));
    await expect(verifier().verify(forged)).rejects.toEqual(refused());
  });

  it.each([
    ['issuer', { ...claims, iss: 'https://other.example' }],
    ['audience', { ...claims, aud: 'other' }],
    ['end', { ...claims, exp: undefined }],
  ])('are refused for their %s', async (_what, wrong) => {
    const token = await aToken(wrong, { alg: 'RS256', kid: 'rsa' }).sign(rsa.privateKey);
    await expect(verifier().verify(token)).rejects.toEqual(refused());
  });

  it('are refused when their algorithm is not pinned', async () => {
    const token = await aToken(claims, { alg: 'ES256', kid: 'ec' }).sign(ec.privateKey);
    await expect(verifier({ algorithms: ['RS256'] }).verify(token)).rejects.toEqual(refused());
  });

  it('cannot make the service fetch for every kid they invent', async () => {
    const one = verifier();
    for (let i = 0; i < 5; i += 1) {
      const token = await aToken(claims, { alg: 'RS256', kid: `made-up-${i}` }).sign(rsa.privateKey);
      await expect(one.verify(token)).rejects.toEqual(refused());
    }
    expect(fetches).toBe(1);
  });

  it.each([
    ['fails', () => ({ status: 500, body: 'no' })],
    ['is no JSON', () => ({ status: 200, body: '<html>' })],
    ['is no key set', () => ({ status: 200, body: '{}' })],
  ])('wait with 503 while the set %s, and count when it is back', async (_what, broken) => {
    const whole = answer;
    const one = verifier();
    answer = broken;
    const token = await aToken(claims, { alg: 'RS256', kid: 'rsa' }).sign(rsa.privateKey);
    await expect(one.verify(token)).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'identity_provider_unavailable',
      retryAfterSeconds: 5,
    });
    answer = whole;
    expect(await one.verify(token)).toMatchObject({ id: 'alice' });
  });

  it('wait with 503 when nobody listens', async () => {
    const token = await aToken(claims, { alg: 'RS256', kid: 'rsa' }).sign(rsa.privateKey);
    const deaf = verifier({ jwksUrl: 'http://127.0.0.1:1/jwks' });
    await expect(deaf.verify(token)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('need an issuer and an audience', () => {
    expect(() => verifier({ audience: null })).toThrow('AUTH_AUDIENCE');
  });
});
