import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/config/index.js';
import type { ExecutionDto } from '../../src/execution/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { anEventStream, printed, type EventStream } from '../support/event-stream.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { Host, sshKeys } from './a-host.js';
import { EnterpriseGateway, installedGateway } from './enterprise-gateway.js';
import { writeHostedSpec } from './kernel-specs.js';

/** Seconds for which a kernel goes on although nobody asks for it; machines that are busy need some. */
const PATIENCE = 10;

/** Only root makes network namespaces with sshd in them. */
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('Kernels on two hosts, of Enterprise Gateway', () => {
  let home: string;
  let hosts: [Host, Host];
  let gateway: EnterpriseGateway;
  let service: TestService;
  let user: ApiClient;
  let messages = 0;

  beforeAll(async () => {
    const packages = await installedGateway();
    home = await mkdtemp(join(tmpdir(), 'mntdata-hosts-'));
    await sshKeys(home);
    const network = `10.${String(randomInt(100, 250))}`;
    hosts = [await Host.start(`${network}.1`, home), await Host.start(`${network}.2`, home)];
    const port = await freePort();
    service = await aService({
      JUPYTER_URL: `http://127.0.0.1:${String(port)}`,
      JUPYTER_TOKEN: 'a-token-for-tests',
      KERNEL_NAME: 'hosted',
      KERNEL_ENV: '{"KERNEL_USERNAME": "mntdata", "KERNEL_WORKSPACE": "{workspace}"}',
    });
    const workspaces = join(service.directory, 'workspaces');
    await writeHostedSpec(home, { workspaces, patience: PATIENCE });
    const env = {
      HOME: home,
      JUPYTER_PATH: home,
      PYTHONPATH: `${packages}:${join(PROJECT_ROOT, 'src/kernel-runtime')}`,
      EG_REMOTE_HOSTS: hosts.map(({ address }) => address).join(','),
      EG_RESPONSE_IP: '127.0.0.1',
      EG_SOCKET_TIMEOUT: '0.2',
      MNTDATA_HOST_PATIENCE_SECONDS: String(PATIENCE),
    };
    gateway = await EnterpriseGateway.start({ port, workspaces, env });
    user = await service.as('ann');
  }, 300_000);

  afterAll(async () => {
    await service.remove();
    await gateway.stop();
    await Promise.all(hosts.map(async (host) => await host.remove()));
    await rm(home, { recursive: true });
  }, 120_000);

  /** Runs code that goes on, in a workspace of its own; resolves when it runs, with the host that it runs on. */
  async function startOn(): Promise<{ stream: EventStream; host: Host; other: Host; messageId: string }> {
    const before = await hosts[0].kernels();
    const messageId = `going-on-${String((messages += 1))}`;
    const code = 'import time\nopen("made", "w").write("x")\nprint("on", flush=True)\ntime.sleep(600)';
    const stream = await anEventStream(user, { code, message_id: messageId, timeout: 600 });
    await stream.until(printed('on\n'));
    const isFirst = (await hosts[0].kernels()).length > before.length;
    const [host, other] = isFirst ? hosts : [hosts[1], hosts[0]];
    return { stream, host, other, messageId };
  }

  it('run in rooms, with their workspace at /mnt/data and no network, and give their files', async () => {
    await user.attach('first', { 'in.txt': 'in' });
    const code = `import os, socket
open("/mnt/data/out.txt", "w").write(open("/mnt/data/in.txt").read() * 2)
print(os.listdir("/mnt/data"), os.getuid() > 1000, len([p for p in os.listdir("/proc") if p.isdigit()]) < 10)
try:
    socket.create_connection(("10.0.0.1", 22), 1)
except OSError as error:
    print(error.strerror)`;
    const run = await user.run(code, { message_id: 'first' });
    expect(run).toMatchObject({ status: 'ok', error: null, kernel: 'new' });
    expect(run.stdout).toBe("['in.txt', 'out.txt'] True True\nNetwork is unreachable\n");
    expect((await user.download(run.files[0]?.url ?? '')).toString()).toBe('inin');
    expect(await user.run('print(code := 1)', { message_id: 'first' })).toMatchObject({ kernel: 'kept' });
  }, 120_000);

  it('are spread over the hosts, and interrupted there', async () => {
    const [one, two] = [await startOn(), await startOn()];
    expect(one.host).not.toBe(two.host);
    for (const { stream, messageId } of [one, two]) {
      const { body } = await user.get<{ items: ExecutionDto[] }>(`/executions?message_id=${messageId}`);
      await user.request('DELETE', `/executions/${body.items[0]?.id ?? ''}`);
      expect((await stream.rest()).at(-1)?.data).toMatchObject({ status: 'interrupted' });
    }
  }, 120_000);

  it('end as died with a host that is cut off, while others go on and new ones go elsewhere', async () => {
    const { stream, host, other, messageId } = await startOn();
    await host.cutOff();
    const elsewhere = (await other.kernels()).length;
    const runs = [1, 2].map(async (number) => await user.run('1', { message_id: `new-${String(number)}` }));
    for (const run of await Promise.all(runs)) expect(run.status).toBe('ok');
    expect((await other.kernels()).length).toBe(elsewhere + 2);

    const { data } = (await stream.rest()).at(-1) as unknown as { data: ExecutionDto };
    expect(data).toMatchObject({ status: 'died', files: [{ path: '/mnt/data/made' }] });
    // What was started there is over before anything else could take its place.
    expect(await host.kernels()).toEqual([]);
    const next = await user.run('print(open("made").read())', { message_id: messageId });
    expect(next).toMatchObject({ status: 'ok', stdout: 'x\n', kernel: 'restarted' });

    await host.comeBack();
    await until(async () => {
      await user.run('1', { message_id: `back-${String((messages += 1))}` });
      return (await host.kernels()).length > 0;
    });
  }, 180_000);
});
