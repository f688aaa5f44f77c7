import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionDto } from '../../src/execution/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { anEventStream, printed } from '../support/event-stream.js';
import { freePort } from '../support/free-port.js';
import { PYTHON } from '../support/python-packages.js';
import { until } from '../support/until.js';
import { aCertificate } from './a-certificate.js';
import { EnterpriseGateway, installedGateway } from './enterprise-gateway.js';
import { PlainJupyterServer } from './plain-jupyter-server.js';

/** A server of kernels that the whole service uses, not started yet. */
interface RemoteServer {
  /** What the service is told of it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Starts it, with kernels in these directories; again after `stop`. */
  start(workspaces: string): Promise<{ stop: () => Promise<void> }>;
  remove(): Promise<void>;
}

const PASSWORD = 'a password & more';

/** With everything that a Jupyter Server can have before it: TLS of an authority of its own, base path, password. */
async function aJupyterServer(): Promise<RemoteServer> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'mntdata-tls-'));
  const { certificate, key } = await aCertificate(directory);
  const url = `https://127.0.0.1:${String(port)}/some/where/`;
  const hash = `from jupyter_server.auth import passwd; print(passwd(${JSON.stringify(PASSWORD)}))`;
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', hash]);
  const settings = {
    'ServerApp.base_url': '/some/where/',
    'ServerApp.certfile': certificate,
    'ServerApp.keyfile': key,
    'PasswordIdentityProvider.hashed_password': stdout.trim(),
    'IdentityProvider.token': '',
  };
  const address = { url, token: null, password: PASSWORD };
  return {
    settings: { JUPYTER_URL: url, JUPYTER_PASSWORD: PASSWORD, NODE_EXTRA_CA_CERTS: certificate },
    start: async (workspaces) => await PlainJupyterServer.start({ port, workspaces, settings, address }),
    remove: async () => await rm(directory, { recursive: true }),
  };
}

async function anEnterpriseGateway(): Promise<RemoteServer> {
  const port = await freePort();
  return {
    settings: {
      JUPYTER_URL: `http://127.0.0.1:${String(port)}`,
      JUPYTER_TOKEN: 'a-token-for-tests',
      KERNEL_ENV: '{"KERNEL_USERNAME": "mntdata", "KERNEL_OF": "{workspace}"}',
    },
    start: async (workspaces) => await EnterpriseGateway.start({ port, workspaces }),
    remove: () => Promise.resolve(),
  };
}

beforeAll(installedGateway, 300_000);

describe.each([
  ['a Jupyter Server behind TLS, base path and password', aJupyterServer],
  ['Enterprise Gateway', anEnterpriseGateway],
])('The service on %s', (_name, make) => {
  let server: RemoteServer;
  let running: { stop: () => Promise<void> };
  let service: TestService;
  let user: ApiClient;
  let admin: ApiClient;

  async function detailOf(part: string): Promise<string> {
    const response = await fetch(`${service.url}/health/ready`, {
      headers: { Authorization: admin.authorization },
    });
    const { parts } = (await response.json()) as {
      parts: Record<string, { status: string; detail: string }>;
    };
    return `${parts[part]?.status ?? ''}: ${parts[part]?.detail ?? ''}`;
  }

  beforeAll(async () => {
    server = await make();
    service = await aService({ ...server.settings, KERNEL_NAME: 'mounted' });
    user = await service.as('ann');
    admin = await service.as('root', { role: 'admin' });
  }, 120_000);

  afterAll(async () => {
    await service.remove();
    await running.stop();
    await server.remove();
  }, 60_000);

  it('starts before its engine is there, and says what is missing', async () => {
    const { status, body } = await user.request('POST', '/executions', { code: '1', message_id: 'early' });
    expect([status, body.detail]).toEqual([
      503,
      expect.stringContaining('nothing listens at its address') as string,
    ]);
    expect(await detailOf('engine')).toMatch(/^failed: .*nothing listens/);
    running = await server.start(join(service.directory, 'workspaces'));
    await until(async () => (await detailOf('engine')).startsWith('ok'));
  }, 120_000);

  it('runs code on attached files, keeps its state, and gets its files', async () => {
    await user.attach('files', { 'in.csv': 'a,b\n1,2\n' });
    const first = await user.run("text = open('/mnt/data/in.csv').read()\nprint(text)", {
      message_id: 'files',
    });
    expect(first).toMatchObject({ status: 'ok', stdout: 'a,b\n1,2\n\n', kernel: 'new' });
    const second = await user.run("open('out.csv', 'w').write(text * 2); open('in.csv', 'a').write('3,4')", {
      message_id: 'files',
    });
    expect(second).toMatchObject({ status: 'ok', kernel: 'kept' });
    expect(second.files.map(({ path, change }) => [path, change])).toEqual([
      ['/mnt/data/in.csv', 'modified'],
      ['/mnt/data/out.csv', 'created'],
    ]);
    expect((await user.download(second.files[1]?.url ?? '')).toString()).toBe('a,b\n1,2\na,b\n1,2\n');
  }, 120_000);

  it('streams output and interrupts', async () => {
    const code =
      'import time\nprint("on", flush=True)\nopen("made", "w").write("x")\nwhile True: time.sleep(0.01)';
    const stream = await anEventStream(user, { code, message_id: 'interrupted' });
    const heard = await stream.until(printed('on\n'));
    const { id } = heard[0]?.data as unknown as ExecutionDto;
    await user.request('DELETE', `/executions/${id}`);
    const { data } = (await stream.rest()).at(-1) as unknown as { data: ExecutionDto };
    expect(data).toMatchObject({
      status: 'interrupted',
      stdout: 'on\n',
      files: [{ path: '/mnt/data/made' }],
    });
    expect(await user.run('1', { message_id: 'interrupted' })).toMatchObject({
      status: 'ok',
      kernel: 'kept',
    });
  }, 120_000);

  it('tells of a kernel that is lost, keeps its files, and starts another', async () => {
    const code = 'import os\nopen("made", "w").write("x")\nos.kill(os.getpid(), 9)';
    const lost = await user.run(code, { message_id: 'lost' });
    expect(lost).toMatchObject({ status: 'died', files: [{ path: '/mnt/data/made' }] });
    const next = await user.run('print(open("made").read())', { message_id: 'lost' });
    expect(next).toMatchObject({ status: 'ok', stdout: 'x\n', kernel: 'restarted' });
  }, 120_000);

  it('finds that service and kernels see the same workspace', async () => {
    await until(async () => (await detailOf('workspace')).startsWith('ok'));
  }, 120_000);

  it('finds its kernels again after it was killed', async () => {
    await user.run('kept = 42', { message_id: 'kept' });
    await service.kill();
    await service.start();
    user = await service.as('ann');
    admin = await service.as('root', { role: 'admin' });
    expect(await user.run('print(kept)', { message_id: 'kept' })).toMatchObject({
      stdout: '42\n',
      kernel: 'kept',
    });
  }, 120_000);

  it('ends what runs when its engine is killed, and goes on when that is back', async () => {
    const code = 'import time\nprint("on", flush=True)\ntime.sleep(60)';
    const stream = await anEventStream(user, { code, message_id: 'kept' });
    await stream.until(printed('on\n'));
    await running.stop();
    const { data } = (await stream.rest()).at(-1) as unknown as { data: ExecutionDto };
    expect(data).toMatchObject({ status: 'died', reason: { code: 'engine_lost' } });
    running = await server.start(join(service.directory, 'workspaces'));
    expect(await user.run('print(1)', { message_id: 'kept' })).toMatchObject({
      status: 'ok',
      stdout: '1\n',
      kernel: 'restarted',
    });
  }, 120_000);
});
