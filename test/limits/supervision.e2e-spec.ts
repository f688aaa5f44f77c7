import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionDto } from '../../src/execution/index.js';
import { isAlive } from '../engine/processes.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { until } from '../support/until.js';
import { serverOf } from './memory-of.js';

const SECONDS = 1000;

describe('when the Jupyter server is killed', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aService();
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  /** Starts an endless run that tells when it is under way. */
  async function begin(messageId: string): Promise<string> {
    const code = "open('early.txt', 'w').write('1'); print('go', flush=True)\nwhile True: pass";
    const { body } = await alice.request<ExecutionDto>(
      'POST',
      '/executions',
      { code, message_id: messageId },
      { Prefer: 'respond-async' },
    );
    const path = `/executions/${body.id}`;
    await until(async () => (await alice.get<ExecutionDto>(path)).body.stdout !== '');
    return path;
  }

  it('running executions end as died within seconds, with their files, and the next run works', async () => {
    const paths = await Promise.all(['one', 'two', 'three'].map((id) => begin(id)));
    const lost = await serverOf(service.pid);
    const records = join(service.directory, 'engine/kernels');
    const rooms = await Promise.all(
      (await readdir(records)).map(async (name) => {
        const record = JSON.parse(await readFile(join(records, name), 'utf8')) as { pid: number };
        return await service.pidHere(record.pid);
      }),
    );
    expect(rooms.length).toBeGreaterThanOrEqual(3);
    process.kill(lost, 'SIGKILL');
    const began = performance.now();
    for (const path of paths) {
      await until(async () => (await alice.get<ExecutionDto>(path)).body.finished_at !== null);
      expect((await alice.get<ExecutionDto>(path)).body).toMatchObject({
        status: 'died',
        reason: { code: 'engine_lost' },
        files: [{ name: 'early.txt' }],
      });
    }
    expect(performance.now() - began).toBeLessThan(10 * SECONDS);
    const next = await alice.run("print(open('early.txt').read())", { message_id: 'one' });
    expect(next).toMatchObject({ status: 'ok', kernel: 'restarted', stdout: '1\n' });
    // The rooms of the earlier life are gone, though nobody was left to end them.
    expect(rooms.filter(isAlive)).toEqual([]);
    expect(await serverOf(service.pid)).not.toBe(lost);
  });
});

describe('kernels that nobody uses', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await aService({ KERNEL_IDLE_TIMEOUT_SECONDS: '2', READY_KERNELS_MIN: '0' });
  });

  afterAll(async () => {
    await service.remove();
  });

  it('end after a while, what was written since is kept, and those in use go on', async () => {
    const alice = await service.as('alice');
    const running = alice.run('import time; time.sleep(12); print("through")', { message_id: 'busy' });
    const code = `
x = 1
import subprocess
child = subprocess.Popen('sleep 0.5; echo late > late.txt', shell=True)`;
    expect(await alice.run(code, { message_id: 'idle' })).toMatchObject({ status: 'ok', files: [] });
    await until(async () => {
      const { body } = await alice.get<{ kernel: string | null }>('/workspaces/idle');
      return body.kernel === null;
    });
    expect(await alice.files('message_id=idle')).toMatchObject([{ name: 'late.txt', change: 'created' }]);
    const next = await alice.run("print('x' in globals(), open('late.txt').read())", { message_id: 'idle' });
    expect(next).toMatchObject({ kernel: 'restarted', stdout: 'False late\n\n', files: [] });
    expect(await running).toMatchObject({ status: 'ok', kernel: 'new', stdout: 'through\n' });
  });
});
