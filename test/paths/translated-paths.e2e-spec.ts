import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlainJupyterServer } from '../engine/plain-jupyter-server.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { eventsFromTheStart } from '../support/event-stream.js';
import { SHARED, translatedServer } from './twin-kernels.js';

interface Ready {
  status: string;
  parts: Record<string, { status: string; detail: string }>;
}

const WORK = `
import pandas as pd, matplotlib.pyplot as plt, os, sys
table = pd.read_csv('/mnt/data/in.csv')
os.makedirs(f'/mnt/data/{"sub"}')
table.to_excel('/mnt/data/sub/out.xlsx')
!cp /mnt/data/in.csv /mnt/data/copy.csv
os.remove('copy.csv')
plt.plot(table['a']); plt.show()
print('in', os.getcwd(), file=sys.stderr)
print(*sorted(os.listdir('/mnt/data')), os.path.realpath('sub'), '/mnt/database')
display({'text/html': f'<a href="{os.path.abspath("in.csv")}">'}, raw=True)
os.path.abspath('sub/out.xlsx')
`;

describe('a service whose kernels see workspaces under another name', () => {
  let data: string;
  let server: PlainJupyterServer;
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'mntdata-translated-'));
    await mkdir(join(data, 'workspaces'));
    server = await translatedServer(join(data, 'workspaces'));
    service = await aService({
      DATA_DIR: data,
      JUPYTER_URL: server.address.url,
      JUPYTER_TOKEN: server.address.token ?? '',
      JUPYTER_WORKSPACES_PATH: 'shared/workspaces',
      PATH_MODE: 'translated',
      KERNEL_WORKSPACES_DIR: SHARED,
    });
    alice = await service.as('alice', { role: 'admin' });
  }, 120_000);

  afterAll(async () => {
    await service.remove();
    await server.stop();
    await rm(data, { recursive: true });
  });

  async function ready(): Promise<Ready> {
    const { url, authorization } = alice;
    const response = await fetch(`${url}/health/ready`, { headers: { Authorization: authorization } });
    return (await response.json()) as Ready;
  }

  it('is ready', async () => {
    expect(await ready()).toMatchObject({ status: 'ok', parts: { workspace: { status: 'ok' } } });
  });

  it('reads an attached file and gives back what the code made, all of it under /mnt/data', async () => {
    await alice.attach('work', { 'in.csv': 'a,b\n1,2\n3,4\n' });
    const run = await alice.run(WORK, { message_id: 'work' });
    expect(run).toMatchObject({
      status: 'ok',
      error: null,
      stderr: 'in /mnt/data\n',
      stdout: 'in.csv sub /mnt/data/sub /mnt/database\n',
      warnings: [],
    });
    expect(run.result).toContain("'/mnt/data/sub/out.xlsx'");
    expect(run.outputs[1]?.data).toEqual({ 'text/html': '<a href="/mnt/data/in.csv">' });
    expect(run.outputs[0]?.file_id).not.toBeNull();
    expect(run.files.map(({ path }) => path)).toEqual(['/mnt/data/sub/out.xlsx']);
    expect(JSON.stringify(run)).not.toContain(SHARED);
    const bytes = await alice.download(run.files[0]?.download_url ?? '');
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
  });

  it('keeps its variables, and collects what a later run changes', async () => {
    const run = await alice.run(`open('/mnt/data/in.csv', 'a').write('5,6\\n'); len(table)`, {
      message_id: 'work',
    });
    expect(run).toMatchObject({ kernel: 'kept', files: [{ path: '/mnt/data/in.csv', change: 'modified' }] });
  });

  it('shows errors and events as with a mount', async () => {
    const code = `print('to /mnt/data', flush=True)\nopen('/mnt/data/none.csv')`;
    const events = await eventsFromTheStart(alice, { code, message_id: 'work' });
    expect(events.map(({ type }) => type)).toEqual(['started', 'stdout', 'error', 'finished']);
    expect(JSON.stringify(events)).not.toContain(SHARED);
    const { error } = await alice.run(code, { message_id: 'work' });
    expect(error?.value).toBe("[Errno 2] No such file or directory: '/mnt/data/none.csv'");
    expect(error?.traceback.join('\n')).toContain("----> 2 open('/mnt/data/none.csv')");
  });

  it('tells models to write paths in one piece', async () => {
    const { body } = await alice.get<{ prompt: string }>('/workspaces/work/prompt');
    expect(body.prompt).toContain('"/mnt/data/sub/out.xlsx"');
    expect(body.prompt).toContain('in one piece');
    expect(body.prompt).not.toContain(SHARED);
  });

  describe('with a wrong name', () => {
    beforeAll(async () => {
      await service.kill();
      await service.start({ KERNEL_WORKSPACES_DIR: '/mnt/elsewhere' });
      alice = await service.as('alice', { role: 'admin' });
    });

    it('is not ready, and tells an admin which and why', async () => {
      const { status, parts } = await ready();
      expect([status, parts.workspace?.status]).toEqual(['failed', 'failed']);
      expect(parts.workspace?.detail).toMatch(
        /\/mnt\/elsewhere\/\w+, below KERNEL_WORKSPACES_DIR\. FileNotFoundError/,
      );
    });

    it('runs nothing that needs a new kernel, and tells a user no paths', async () => {
      const refused = await alice.request('POST', '/executions', { code: '1', message_id: 'new' });
      expect(refused).toMatchObject({ status: 503, body: { code: 'kernel_start_failed' } });
      expect(JSON.stringify(refused.body)).not.toContain('elsewhere');
    });

    it('finds a kernel again that lived on without the service', async () => {
      const run = await alice.run('print(len(table))', { message_id: 'work' });
      expect(run).toMatchObject({ kernel: 'kept', stdout: '2\n' });
    });
  });
});
