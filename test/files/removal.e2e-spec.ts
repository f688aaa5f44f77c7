import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { createApp } from '../../src/bootstrap.js';
import { AppConfig } from '../../src/config/index.js';
import { Engine, type ExecutionDto } from '../../src/execution/index.js';
import { ArtifactStore, ArtifactSweep } from '../../src/storage/index.js';
import { aToken } from '../ownership/attackers.js';
import { startApp, type StartedApp } from '../ownership/start-app.js';
import { ApiClient } from '../support/api-client.js';
import { until } from '../support/until.js';

const SECRET = 's'.repeat(32);
/** Tables that name a user, or a workspace of one. */
const OWNED = {
  executions: 'user_id = $1',
  files: 'user_id = $1',
  workspaces: 'user_id = $1',
  workspace_entries: 'workspace_id IN (SELECT id FROM workspaces WHERE user_id = $1)',
  workspace_attachments: 'workspace_id IN (SELECT id FROM workspaces WHERE user_id = $1)',
};

describe('files that are copied or removed', () => {
  let started: StartedApp;

  beforeAll(async () => {
    started = await startApp(createApp, { AUTH_JWT_SECRET: SECRET, LOG_LEVEL: 'error' });
    await started.app.get(Engine).start();
  }, 120_000);

  afterAll(async () => {
    await started.stop();
  }, 60_000);

  const as = async (user: string, claims: Record<string, unknown> = {}): Promise<ApiClient> =>
    new ApiClient(started.url, `Bearer ${await aToken(user, SECRET, claims)}`);
  const directories = (): Promise<string[]> =>
    readdir(join(started.app.get(AppConfig).data.dir, 'workspaces'));
  const kernels = (): Promise<string[]> => started.app.get(Engine).list();

  /** What is stored once a sweep that spares nothing went through. */
  async function storedAfterSweep(): Promise<string[]> {
    await started.app.get(ArtifactSweep).run({ unusedForSeconds: 0, abandonedForSeconds: 3600 });
    const stored: string[] = [];
    for await (const { sha256 } of started.app.get(ArtifactStore).list()) stored.push(sha256);
    return stored;
  }

  async function rowsOf(user: string): Promise<Record<string, number>> {
    const counts = Object.entries(OWNED).map(async ([table, condition]): Promise<[string, number]> => {
      const [row] = await started.app
        .get(DataSource)
        .query<[{ count: number }]>(`SELECT count(*)::int AS count FROM ${table} WHERE ${condition}`, [user]);
      return [table, row.count];
    });
    return Object.fromEntries(await Promise.all(counts));
  }

  /** Starts code that goes on for ever, and resolves when it is under way. */
  async function begin(client: ApiClient, fields: object): Promise<void> {
    const code = "open('running.txt', 'w').write('running'); print('go', flush=True)\nwhile True: pass";
    const asked = await client.request<ExecutionDto>(
      ...(['POST', '/executions', { code, ...fields }, { Prefer: 'respond-async' }] as const),
    );
    await until(
      async () => (await client.get<ExecutionDto>(`/executions/${asked.body.id}`)).body.stdout !== '',
    );
  }

  it('a copy of a workspace holds what the source holds, and goes its own way', async () => {
    const alice = await as('alice');
    await alice.attach('source', { 'in.csv': 'a', 'gone.csv': 'gone' }, 'chat');
    await alice.run(
      `
import os, subprocess
os.remove('gone.csv'); os.makedirs('sub'); open('sub/out.txt', 'w').write('made'); open('in.csv', 'a').write('b')
variable = 1
child = subprocess.Popen('sleep 0.2; echo late > late.txt', shell=True)`,
      { message_id: 'source', chat_id: 'chat' },
    );
    // What a child writes after the run belongs to the copy as well, as soon as it is there.
    await until(async () => {
      const to = { message_id: 'copy', chat_id: 'chat' };
      const answer = await alice.request('POST', '/workspaces/source/copy', to);
      expect([answer.status, answer.body.id]).toEqual([201, 'copy']);
      return (await alice.files('message_id=copy')).some(({ name }) => name === 'late.txt');
    });
    const found = await alice.run(
      `
import os
for folder, _, names in os.walk('.'):
    for name in names: print(os.path.join(folder, name), open(os.path.join(folder, name)).read().strip())
print('variable' in globals())
open('in.csv', 'w').write('changed in the copy')`,
      { message_id: 'copy', chat_id: 'chat' },
    );
    expect(found).toMatchObject({ status: 'ok', kernel: 'new', warnings: [] });
    expect(found.stdout.trim().split('\n').sort()).toEqual([
      './in.csv ab',
      './late.txt late',
      './sub/out.txt made',
      'False',
    ]);
    const source = await alice.run("print(open('in.csv').read())", { message_id: 'source' });
    expect(source).toMatchObject({ stdout: 'ab\n', kernel: 'kept', files: [] });
  });

  it('a chat takes its workspaces, kernels, executions, rows and its bytes along, and nothing else', async () => {
    const bob = await as('bob');
    const before = { directories: await directories(), kernels: await kernels() };
    const own = await bob.run("open('own.txt', 'w').write('of the chat only')", {
      ...{ message_id: 'm1', chat_id: 'doomed' },
    });
    const shared = await bob.run("open('shared.txt', 'w').write('shared by two chats')", {
      ...{ message_id: 'm1', chat_id: 'doomed' },
    });
    await bob.attach('m2', { 'in.txt': 'attached to the doomed chat' }, 'doomed');
    await bob.request('PUT', '/messages/m3/attachments', {
      file_ids: shared.files.map(({ id }) => id),
      chat_id: 'spared',
    });
    await begin(bob, { message_id: 'm2', chat_id: 'doomed' });
    const waiting = [1, 2].map(() => bob.run('print(1)', { message_id: 'm2', chat_id: 'doomed' }));
    await until(async () => {
      const { body } = await bob.get<{ items: unknown[] }>('/executions?message_id=m2');
      return body.items.length === 3;
    });

    expect((await bob.request('DELETE', '/chats/doomed')).status).toBe(204);
    for (const run of await Promise.allSettled(waiting)) {
      if (run.status === 'fulfilled') expect(run.value.status).toBe('interrupted');
    }
    for (const list of ['files', 'executions']) {
      const { body } = await bob.get<{ items: unknown[] }>(`/${list}?chat_id=doomed`);
      expect([list, body.items]).toEqual([list, []]);
    }
    const chats = await bob.get<{ items: { chat_id: string }[] }>('/chats');
    expect(chats.body.items.map(({ chat_id: id }) => id)).toEqual(['spared']);
    expect(await directories()).toEqual(before.directories);
    expect(await kernels()).toEqual(before.kernels);

    const stored = await storedAfterSweep();
    expect(stored).not.toContain(own.files[0]?.sha256);
    expect(stored).toContain(shared.files[0]?.sha256);
    const [kept] = await bob.files('chat_id=spared');
    expect((await bob.download(kept?.url ?? '')).toString()).toBe('shared by two chats');
    const next = await bob.run("import os; print(os.listdir('.'))", { message_id: 'm1', chat_id: 'doomed' });
    expect(next).toMatchObject({ kernel: 'new', stdout: '[]\n' });
  });

  it("a user's data goes when an admin says so, and only that user's", async () => {
    const [carol, dave] = [await as('carol'), await as('dave')];
    const same = "open('same.txt', 'w').write('the same bytes of two users')";
    const [hers] = [await carol.run(same, { message_id: 'm' }), await dave.run(same, { message_id: 'm' })];
    const own = await carol.run("open('own.txt', 'w').write('of carol only')", { message_id: 'm' });
    await carol.attach('n', { 'in.txt': 'attached by carol' }, 'chat');
    await begin(carol, { message_id: 'n', chat_id: 'chat' });

    const remove = (client: ApiClient) => client.request('DELETE', '/admin/users/carol/data');
    expect((await remove(dave)).status).toBe(403);
    expect((await remove(await as('ada', { role: 'admin' }))).status).toBe(204);
    expect(await rowsOf('carol')).toEqual(
      Object.fromEntries(Object.keys(OWNED).map((table): [string, number] => [table, 0])),
    );
    const stored = await storedAfterSweep();
    expect(stored).not.toContain(own.files[0]?.sha256);
    expect(stored).toContain(hers.files[0]?.sha256);
    expect(await dave.run("print(open('same.txt').read())", { message_id: 'm' })).toMatchObject({
      kernel: 'kept',
      stdout: 'the same bytes of two users\n',
    });
  });
});
