import { ApiKeysService } from '../../src/auth/index.js';
import { createApp } from '../../src/bootstrap.js';
import { appDecisions } from './app-decisions.js';
import { aToken, bearer, impostors } from './attackers.js';
import { ownThings } from './owned-things.js';
import { startApp, type StartedApp } from './start-app.js';
import { allow, attack, undecided, type Walk } from './walk.js';

const secret = 's'.repeat(32);
const ownerId = 'olivia';

/** Every operation that the service documents, as those who must not, and then as those who may. */
describe('the service', () => {
  let started: StartedApp;
  let walk: Walk;

  beforeAll(async () => {
    started = await startApp(createApp, { AUTH_JWT_SECRET: secret, LOG_LEVEL: 'error' });
    const { app, url, document } = started;
    const owner = bearer(await aToken(ownerId, secret));
    const { key } = await app
      .get(ApiKeysService)
      .create(
        { name: 'chat', kind: 'service', namespace: 'chat', userId: null, role: 'user', expiresAt: null },
        'test',
      );
    const things = await ownThings(app, url, owner);
    walk = {
      url,
      document,
      ownerId,
      decisions: appDecisions(things, ownerId),
      impostors: { ...(await impostors(ownerId, secret)), 'a signed link': bearer(things.linkToken) },
      callers: {
        owner,
        foreigner: bearer(await aToken('mallory', secret)),
        admin: bearer(await aToken('ada', secret, { role: 'admin' })),
        service: bearer(key),
      },
    };
  }, 120_000);
  afterAll(async () => await started.stop(), 60_000);

  it('has a decision about every operation', () => {
    expect(undecided(walk)).toEqual([]);
  });

  it('refuses whoever may not, and keeps what belongs to others as it is', async () => {
    expect(await attack(walk)).toEqual([]);
    expect(await allow(walk)).toEqual([]);
  }, 120_000);
});
