import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionDto } from '../../src/execution/index.js';
import type { FileDto } from '../../src/files/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { until } from '../support/until.js';

/** Processes whose command line or environment names the service's data directory. */
async function processesOf(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const facts = await Promise.all(
      ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    if (facts.join('\0').includes(directory)) found.push(facts.join(' ').replaceAll('\0', ' ').slice(0, 200));
  }
  return found;
}

/** Starts a run and resolves when its code has printed `go`. */
async function begin(client: ApiClient, code: string, messageId: string): Promise<string> {
  const answer = await client.request<ExecutionDto>(
    'POST',
    '/executions',
    { code, message_id: messageId },
    { Prefer: 'respond-async' },
  );
  const path = `/executions/${answer.body.id}`;
  await until(async () => (await client.get<ExecutionDto>(path)).body.stdout.includes('go'));
  return path;
}

const WRITE_AND_LOOP = `
with open('early.txt', 'w') as file: file.write('early')
print('go', flush=True)
while True: pass`;

describe('the life of the service', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await aService();
  });

  afterAll(async () => {
    await service.remove();
  });

  it('loses nothing when it is killed: what was listed is listed, what ran is collected and told', async () => {
    const before = await service.as('alice');
    const done = await before.run("open('kept.txt', 'w').write('kept')", { message_id: 'killed' });
    const path = await begin(before, WRITE_AND_LOOP, 'killed');
    await service.kill();
    await until(async () => (await processesOf(service.directory)).length === 0);

    await service.start();
    const after = await service.as('alice');
    await until(async () => (await after.get<ExecutionDto>(path)).body.status === 'died');
    const ended = (await after.get<ExecutionDto>(path)).body;
    expect(ended).toMatchObject({ reason: { code: 'service_ended' }, files: [{ name: 'early.txt' }] });
    expect((await after.download(ended.files[0]?.url ?? '')).toString()).toBe('early');
    const [kept] = done.files as [FileDto];
    expect((await after.download(kept.url)).toString()).toBe('kept');
    const names = (await after.files('message_id=killed')).map((file) => file.name);
    expect(names.sort()).toEqual(['early.txt', 'kept.txt']);
    expect(await after.run('print(open("early.txt").read())', { message_id: 'killed' })).toMatchObject({
      kernel: 'restarted',
      stdout: 'early\n',
      files: [],
    });
  });

  it('collects what runs when it is ended in order, and leaves no process', async () => {
    const before = await service.as('alice');
    const path = await begin(before, WRITE_AND_LOOP, 'ended');
    await service.end();
    expect(await processesOf(service.directory)).toEqual([]);

    await service.start();
    const after = await service.as('alice');
    expect((await after.get<ExecutionDto>(path)).body).toMatchObject({
      status: 'interrupted',
      files: [{ name: 'early.txt' }],
    });
  });

  it('runs later what was queued when it ended', async () => {
    const before = await service.as('alice');
    await begin(before, WRITE_AND_LOOP, 'queued');
    const queued = await before.request<ExecutionDto>(
      'POST',
      '/executions',
      { code: 'print(6 * 7)', message_id: 'queued' },
      { Prefer: 'respond-async' },
    );
    expect(queued.body.status).toBe('queued');
    await service.kill();

    await service.start();
    const after = await service.as('alice');
    const path = `/executions/${queued.body.id}`;
    await until(async () => (await after.get<ExecutionDto>(path)).body.status === 'ok');
    expect((await after.get<ExecutionDto>(path)).body).toMatchObject({ stdout: '42\n', kernel: 'restarted' });
  });

  it('finds files that were written after their run, when the kernel goes', async () => {
    const alice = await service.as('alice');
    const code = `
import threading
def write():
    with open('late.txt', 'w') as file: file.write('late')
threading.Timer(0.3, write).start()`;
    const { files } = await alice.run(code, { message_id: 'late' });
    expect(files).toEqual([]);
    const onDisk = () => readdir(join(service.directory, 'workspaces'), { recursive: true });
    await until(async () => (await onDisk()).some((path) => path.endsWith('/late.txt')));
    await alice.request('POST', '/workspaces/late/restart');
    await until(async () => (await alice.files('message_id=late')).length === 1);
  });

  it('closes unused workspaces and restores them when the chat goes on', async () => {
    await service.end();
    // About a second without use, and a scheduled job that never comes: only the admin cleans up.
    await service.start({ WORKSPACE_RETENTION_DAYS: '0.00001', CLEANUP_CRON: '0 0 29 2 *' });
    const alice = await service.as('alice');
    const admin = await service.as('ada', { role: 'admin' });
    await alice.attach('old', { 'data/in.csv': 'a,b\n' });
    const made = await alice.run("open('out.csv', 'w').write('1'); open('gone.csv', 'w').write('2'); x = 1", {
      message_id: 'old',
    });
    await alice.run("import os; os.remove('gone.csv')", { message_id: 'old' });
    interface Cleanup {
      workspaces: { id: string; user_id: string }[];
    }
    const cleanUp = async (dryRun: boolean): Promise<string[]> => {
      const { body } = await admin.request<Cleanup>('POST', '/admin/cleanup', { dry_run: dryRun });
      return body.workspaces.filter(({ id }) => id === 'old').map(({ user_id: user }) => user);
    };
    await until(async () => (await cleanUp(true)).length === 1);
    expect(await cleanUp(false)).toEqual(['alice']);
    expect((await alice.get('/workspaces/old')).body).toMatchObject({ state: 'expired', kernel: null });
    const out = made.files.find((file) => file.name === 'out.csv');
    expect((await alice.download(out?.url ?? '')).toString()).toBe('1');

    const restored = await alice.run(
      "import os; print(sorted(os.path.join(d, f) for d, _, fs in os.walk('.') for f in fs)); print('x' in globals())",
      { message_id: 'old' },
    );
    expect(restored).toMatchObject({
      kernel: 'restarted',
      stdout: "['./data/in.csv', './out.csv']\nFalse\n",
      files: [],
      warnings: [],
    });
  });
});
