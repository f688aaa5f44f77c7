import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionDto } from '../../src/execution/index.js';
import { aDatabase, type TestDatabase } from '../support/a-database.js';
import { SECRET, TestService } from '../support/a-service.js';
import { until } from '../support/until.js';
import { anEngine, type SharedEngine } from './an-engine.js';
import { expectNothingLost, writingCode } from './journal.js';

const SOAK = process.env.SOAK === '1';
const ROUNDS = SOAK ? 60 : 3;
const LEASE_SECONDS = 2;
const MINUTE = 60_000;

/** Two services can only share a database that is a server. */
const describeShared = process.env.TEST_DATABASE_URL === undefined ? describe.skip : describe;

describeShared('a service that is suspended for twice its lease while another takes over', () => {
  let database: TestDatabase;
  let engine: SharedEngine;
  let suspended: TestService;
  let other: TestService;

  beforeAll(async () => {
    [database, engine] = await Promise.all([aDatabase(), anEngine()]);
    const env = {
      ...{ ...engine.env, DATABASE_URL: database.url ?? '', AUTH_JWT_SECRET: SECRET, PORT: '0' },
      LEASE_SECONDS: String(LEASE_SECONDS),
      SHUTDOWN_GRACE_SECONDS: '1',
    };
    const aProcess = (): TestService => new TestService(env, engine.directory, () => Promise.resolve());
    [suspended, other] = [aProcess(), aProcess()];
    await suspended.start();
    await other.start();
  }, 2 * MINUTE);

  afterAll(async () => {
    process.kill(suspended.pid, 'SIGCONT');
    await suspended.end();
    await other.end();
    await engine.remove();
    await database.remove();
  }, MINUTE);

  /** Suspends the one while the other works, for twice the lease at least. */
  async function meanwhile<T>(work: () => Promise<T>): Promise<T> {
    process.kill(suspended.pid, 'SIGSTOP');
    const [result] = await Promise.all([work(), delay(2 * LEASE_SECONDS * 1000)]);
    process.kill(suspended.pid, 'SIGCONT');
    return result;
  }

  it(
    'finds its run told as died, with its files, and the workspace in other hands',
    async () => {
      const [alice, elsewhere] = [await suspended.as('alice'), await other.as('alice')];
      const code = "open('early.txt', 'w').write('early'); print('go', flush=True)\nwhile True: pass";
      const fields = { code, message_id: 'taken' };
      const asked = await alice.request<ExecutionDto>('POST', '/executions', fields, {
        Prefer: 'respond-async',
      });
      const path = `/executions/${asked.body.id}`;
      await until(async () => (await alice.get<ExecutionDto>(path)).body.stdout === 'go\n');
      const heir = await meanwhile(() =>
        elsewhere.run("print(open('early.txt').read()); open('late.txt', 'w').write('late')", {
          message_id: 'taken',
        }),
      );
      expect(heir).toMatchObject({ status: 'ok', kernel: 'restarted', stdout: 'early\n' });
      expect(heir.files).toMatchObject([{ name: 'late.txt' }]);
      for (const client of [alice, elsewhere]) {
        expect((await client.get<ExecutionDto>(path)).body).toMatchObject({
          ...{ status: 'died', reason: { code: 'service_ended' } },
          files: [{ name: 'early.txt', version: 1 }],
        });
      }
      const next = await alice.run("print(open('late.txt').read())", { message_id: 'taken' });
      expect(next).toMatchObject({ status: 'ok', stdout: 'late\n', files: [] });
      const versions = await alice.files('message_id=taken&versions=all');
      expect(versions.map(({ name, version }) => [name, version]).sort()).toEqual([
        ['early.txt', 1],
        ['late.txt', 1],
      ]);
    },
    MINUTE,
  );

  it(
    'at any instant of its runs: every content is listed once, whoever wrote it',
    async () => {
      const [alice, elsewhere] = [await suspended.as('alice'), await other.as('alice')];
      const message = { message_id: 'any' };
      await alice.run('1', message);
      for (let round = 0; round < ROUNDS; round += 1) {
        const first = alice.run(writingCode('any', 2 * round), message).catch(() => null);
        await delay(Math.random() * 200);
        const heir = await meanwhile(() => elsewhere.run(writingCode('any', 2 * round + 1), message));
        expect(heir.status).toBe('ok');
        await first;
      }
      await expectNothingLost(elsewhere, 'any');
      await expectNothingLost(alice, 'any');
    },
    (1 + ROUNDS) * MINUTE,
  );
});
