import { Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { decodeJwt } from 'jose';
import request from 'supertest';
import { DataSource } from 'typeorm';
import {
  ApiKey,
  CurrentCaller,
  FirstStartLink,
  OptionalCaller,
  Public,
  RateLimited,
  UserTokens,
  type Caller,
} from '../../src/auth/index.js';
import { aToken, bearer } from '../ownership/attackers.js';
import { appOf, startApp, type StartedApp } from '../ownership/start-app.js';

@Controller()
class WhoController {
  @Get('whoami')
  whoAmI(@CurrentCaller() caller: Caller): Caller {
    return caller;
  }

  @Public()
  @Get('maybe')
  maybe(@OptionalCaller() caller: Caller | null): { caller: Caller | null } {
    return { caller };
  }

  @RateLimited()
  @Post('limited')
  @HttpCode(200)
  limited(): object {
    return {};
  }
}

@Module({ controllers: [WhoController] })
class WhoModule {}

const secret = 's'.repeat(32);
const unknownId = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('authentication with tokens of an issuer', () => {
  let started: StartedApp;
  let admin: Record<string, string>;
  const client = () => request(started.app.getHttpServer());
  const who = (headers: Record<string, string>) => client().get('/whoami').set(headers);
  const makeKey = async (fields: object): Promise<{ id: string; key: string; prefix: string }> => {
    const body = { name: 'a key', ...fields };
    return (await client().post('/admin/api-keys').set(admin).send(body).expect(201)).body;
  };
  const makeService = async (namespace = 'chat') => await makeKey({ kind: 'service', namespace });

  beforeAll(async () => {
    started = await startApp(appOf(WhoModule), { AUTH_JWT_SECRET: secret, RATE_LIMIT_PER_MINUTE: '3' });
    admin = { ...bearer(await aToken('ada', secret, { role: 'admin' })) };
  }, 60_000);
  afterAll(async () => await started.stop());

  it('tells who calls', async () => {
    expect((await who(admin).expect(200)).body).toEqual({ id: 'ada', role: 'admin' });
  });

  it('does not look for credentials in the query', async () => {
    const token = await aToken('alice', secret);
    await client().get('/whoami').query({ token, access_token: token }).expect(401);
  });

  it('lets nobody name a user but services', async () => {
    const answer = await who({ ...admin, 'X-User-Id': 'alice' }).expect(400);
    expect(answer.body.code).toBe('user_id_not_allowed');
  });

  it('has no first-start link', async () => {
    expect(await started.app.get(FirstStartLink).make('http://x')).toBeNull();
  });

  it('closes the door of an earlier first start', async () => {
    const local = { id: 'local', role: 'admin' } as const;
    const { token } = await started.app.get(UserTokens).issue(local, { kind: 'start_link' }, 60);
    expect((await who(bearer(token)).expect(401)).body.code).toBe('invalid_token');
  });

  describe('public routes', () => {
    it('know who asks when that is certain', async () => {
      expect((await client().get('/maybe').set(admin).expect(200)).body.caller.id).toBe('ada');
    });

    it.each(['Bearer nonsense', 'Basic x', `Bearer mnt_${'A'.repeat(43)}`])(
      'work with %j',
      async (Authorization) => {
        expect((await client().get('/maybe').set({ Authorization }).expect(200)).body).toEqual({
          caller: null,
        });
      },
    );
  });

  describe('API keys of a user', () => {
    it('act as that user, with the role given', async () => {
      const { key } = await makeKey({ kind: 'user', user_id: 'alice' });
      expect((await who(bearer(key)).expect(200)).body).toEqual({ id: 'alice', role: 'user' });
      const other = await makeKey({ kind: 'user', user_id: 'bob', role: 'admin' });
      expect((await who(bearer(other.key))).body).toEqual({ id: 'bob', role: 'admin' });
    });

    it('are stored as a hash, and listed without the key', async () => {
      const { id, key, prefix } = await makeKey({ kind: 'user', user_id: 'alice' });
      const row = await started.app.get(DataSource).getRepository(ApiKey).findOneByOrFail({ id });
      expect(JSON.stringify(row)).not.toContain(key.slice(12));
      const list = await client().get('/admin/api-keys').set(admin).expect(200);
      expect(list.text).not.toContain(key);
      expect(list.body.items[0]).toMatchObject({ id, prefix: key.slice(0, 12), created_by: 'ada' });
      expect(prefix).toBe(key.slice(0, 12));
    });

    it('count until they are revoked, and not a moment longer', async () => {
      const { id, key } = await makeKey({ kind: 'user', user_id: 'alice' });
      await who(bearer(key)).expect(200);
      await client().delete(`/admin/api-keys/${id}`).set(admin).expect(204);
      expect((await who(bearer(key)).expect(401)).body.code).toBe('invalid_api_key');
      await client().delete(`/admin/api-keys/${id}`).set(admin).expect(204);
      const { body } = await client().get('/admin/api-keys?limit=1').set(admin);
      expect(body.items[0].revoked_at).toEqual(expect.any(String));
    });

    it('count until they expire', async () => {
      const { id, key } = await makeKey({ kind: 'user', user_id: 'alice', expires_in: 3600 });
      await who(bearer(key)).expect(200);
      const other = await makeKey({ kind: 'user', user_id: 'alice', expires_in: 1 });
      const keys = started.app.get(DataSource).getRepository(ApiKey);
      await keys.update(other.id, { expiresAt: new Date(Date.now() - 1) });
      await who(bearer(other.key)).expect(401);
      expect((await keys.findOneByOrFail({ id })).expiresAt!.getTime()).toBeGreaterThan(
        Date.now() + 3_590_000,
      );
    });

    it('remember their last use, at most once a minute', async () => {
      const { id, key } = await makeKey({ kind: 'user', user_id: 'alice' });
      const keys = started.app.get(DataSource).getRepository(ApiKey);
      const lastUse = async () => (await keys.findOneByOrFail({ id })).lastUsedAt;
      expect(await lastUse()).toBeNull();
      await who(bearer(key)).expect(200);
      const first = await lastUse();
      expect(first).not.toBeNull();
      await who(bearer(key)).expect(200);
      expect(await lastUse()).toEqual(first);
    });

    it('cannot be made for a user of a service', async () => {
      const body = { name: 'k', kind: 'user', user_id: 'chat:alice' };
      const answer = await client().post('/admin/api-keys').set(admin).send(body).expect(400);
      expect(answer.body.errors[0].field).toBe('user_id');
    });

    it('are listed page by page, none twice and none left out', async () => {
      for (let i = 0; i < 3; i += 1) await makeKey({ kind: 'user', user_id: `page-${i}` });
      const ids: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const { body } = await client().get(`/admin/api-keys?limit=2${query}`).set(admin).expect(200);
        ids.push(...body.items.map((item: { id: string }) => item.id));
        cursor = body.next_cursor;
      }
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(await started.app.get(DataSource).getRepository(ApiKey).count());
      await client().get('/admin/api-keys?cursor=x').set(admin).expect(400);
    });

    it('answer 404 when there is none with an id', async () => {
      await client().delete(`/admin/api-keys/${unknownId}`).set(admin).expect(404);
      await client().delete('/admin/api-keys/x').set(admin).expect(404);
    });
  });

  describe('service keys', () => {
    it('act as the users of their namespace only', async () => {
      const { key } = await makeService();
      const as = (user: string) => who({ ...bearer(key), 'X-User-Id': user });
      expect((await as('alice').expect(200)).body).toEqual({ id: 'chat:alice', role: 'user' });
      expect((await as('other:alice').expect(200)).body.id).toBe('chat:other:alice');
      expect((await who(bearer(key)).expect(400)).body.code).toBe('user_id_required');
      await as('..').expect(400);
    });

    it('are never admins', async () => {
      const { key } = await makeService();
      for (const headers of [bearer(key), { ...bearer(key), 'X-User-Id': 'ada' }])
        await client().get('/admin/api-keys').set(headers).expect(403);
      await client()
        .post('/admin/api-keys')
        .set(admin)
        .send({ name: 'k', kind: 'service', namespace: 'chat', role: 'admin' })
        .expect(400);
    });

    it('make tokens that act as the same user', async () => {
      const { key } = await makeService();
      const answer = await client()
        .post('/auth/tokens')
        .set(bearer(key))
        .send({ user_id: 'zoë' })
        .expect(201);
      const { token, expires_at } = answer.body;
      expect(new Date(expires_at).getTime() / 1000).toBe(decodeJwt(token).exp);
      expect(decodeJwt(token).exp! - decodeJwt(token).iat!).toBe(3600);
      expect((await who(bearer(token)).expect(200)).body).toEqual({ id: 'chat:zoë', role: 'user' });
      const header = Buffer.from('zoë').toString('latin1');
      expect((await who({ ...bearer(key), 'X-User-Id': header })).body.id).toBe('chat:zoë');
    });

    it.each([
      { user_id: '' },
      { user_id: 7 },
      {},
      { user_id: 'a', expires_in: 0 },
      { user_id: 'a', expires_in: 86_401 },
      { user_id: 'a', expires_in: null },
    ])('make no token for %j', async (body) => {
      const { key } = await makeService();
      await client().post('/auth/tokens').set(bearer(key)).send(body).expect(400);
    });

    it('make no token when a request names two users', async () => {
      const { key } = await makeService();
      const headers = { ...bearer(key), 'X-User-Id': 'bob' };
      await client().post('/auth/tokens').set(headers).send({ user_id: 'alice' }).expect(400);
    });

    it('take their tokens along when they are revoked', async () => {
      const { id, key } = await makeService();
      const { token } = (await client().post('/auth/tokens').set(bearer(key)).send({ user_id: 'a' })).body;
      await who(bearer(token)).expect(200);
      await client().delete(`/admin/api-keys/${id}`).set(admin).expect(204);
      await who(bearer(token)).expect(401);
    });

    it('are the only ones that make tokens, tokens do not make more', async () => {
      const { key } = await makeService();
      const { token } = (await client().post('/auth/tokens').set(bearer(key)).send({ user_id: 'a' })).body;
      for (const headers of [admin, bearer(token)])
        await client().post('/auth/tokens').set(headers).send({ user_id: 'a' }).expect(403);
      await who({ ...bearer(token), 'X-User-Id': 'bob' }).expect(400);
    });

    it("cannot be imitated by an issuer's user of any name", async () => {
      const { key } = await makeService();
      const victim = (await who({ ...bearer(key), 'X-User-Id': 'alice' })).body.id;
      for (const name of ['chat:alice', 'chat%3Aalice', 'chat%3aalice', 'chat：alice']) {
        const answer = await who(bearer(await aToken(name, secret))).expect(200);
        expect(answer.body.id).not.toBe(victim);
      }
    });
  });

  describe('rate limits', () => {
    it('count per caller, and tell when to come again', async () => {
      const post = async (user: string) =>
        await client()
          .post('/limited')
          .set(bearer(await aToken(user, secret)));
      for (let i = 0; i < 3; i += 1) expect((await post('fast')).status).toBe(200);
      const refused = await post('fast');
      expect(refused.status).toBe(429);
      expect(refused.body.code).toBe('rate_limited');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect((await post('other')).status).toBe(200);
    });
  });
});

describe('authentication with nothing configured', () => {
  let started: StartedApp;
  const client = () => request(started.app.getHttpServer());

  beforeAll(async () => {
    started = await startApp(appOf(WhoModule));
  }, 60_000);
  afterAll(async () => await started.stop());

  it('lets in whoever has the link, as the admin local', async () => {
    const link = new URL((await started.app.get(FirstStartLink).make('http://host:1/base/')) ?? '');
    expect(link.href).toMatch(/^http:\/\/host:1\/base\/#token=/);
    const answer = await client()
      .get('/whoami')
      .set(bearer(link.hash.slice('#token='.length)))
      .expect(200);
    expect(answer.body).toEqual({ id: 'local', role: 'admin' });
  });

  it('lets nobody else in', async () => {
    await client().get('/whoami').expect(401);
    const answer = await client()
      .get('/whoami')
      .set(bearer(await aToken('local', 'guess'.repeat(8))))
      .expect(401);
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
  });
});
