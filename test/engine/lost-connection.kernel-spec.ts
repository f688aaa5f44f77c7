import { KernelDiedError } from '../../src/execution/engine/engine.errors.js';
import type { Kernel } from '../../src/execution/engine/kernel.js';
import { RemoteEngine } from '../../src/execution/engine/remote-engine.js';
import { PlainJupyterServer } from './plain-jupyter-server.js';
import { RecordingListener } from './recording-listener.js';
import { TcpProxy } from './tcp-proxy.js';
import { until } from '../support/until.js';

/** Waits in Python until the test made a file: a test needs no luck to break the connection before. */
const UNTIL_GO = 'import os, time\nwhile not os.path.exists("go"): time.sleep(0.01)\n';

describe('A lost connection', () => {
  let server: PlainJupyterServer;
  let proxy: TcpProxy;
  let engine: RemoteEngine;
  let impatient: RemoteEngine;
  let kernel: Kernel;
  let directories = 0;
  let directory: string;

  beforeAll(async () => {
    server = await PlainJupyterServer.start();
    proxy = await TcpProxy.to(server.address.url);
    engine = remoteEngine({ lossMs: 30_000 });
    impatient = remoteEngine({ lossMs: 500 });
  }, 60_000);

  beforeEach(async () => {
    directory = `workspace${String((directories += 1))}`;
    await server.makeDirectory(directory);
    proxy.open();
    kernel = await engine.startKernel({ directory });
  }, 60_000);

  afterEach(() => kernel.detach());

  afterAll(async () => {
    await Promise.all([engine.stop(), impatient.stop()]);
    await proxy.stop();
    await server.stop();
  }, 60_000);

  function remoteEngine(deadlines: { lossMs: number }): RemoteEngine {
    return new RemoteEngine({
      server: { ...server.address, url: proxy.url },
      kernelName: null,
      deadlines: { ...deadlines, silenceMs: 1000, callMs: 2000 },
    });
  }

  /** Runs code that waits for `go` and then prints; resolves when it waits. */
  async function startWaiting(inKernel = kernel): Promise<{
    running: ReturnType<Kernel['execute']>;
    listener: RecordingListener;
  }> {
    const listener = new RecordingListener();
    const code = `print("on", flush=True)\n${UNTIL_GO}print("off")`;
    const running = inKernel.execute(code, listener);
    await listener.printed('on');
    return { running, listener };
  }

  const go = async (): Promise<void> => await server.makeDirectory(`${directory}/go`);

  /** Until the server knows of this many connections to the kernel. */
  async function connections(count: number): Promise<void> {
    await until(async () => (await server.kernelModel(kernel.id))?.connections === count);
  }

  it('comes back under running code, which goes on', async () => {
    const { running, listener } = await startWaiting();
    proxy.close();
    await connections(0);
    proxy.open();
    await connections(1);
    await go();
    expect(await running).toMatchObject({ status: 'ok' });
    expect(listener.events).toEqual(['started', 'stdout', 'stdout']);
    expect(listener.out).toBe('on\noff\n');
  }, 60_000);

  it('brings all that was shown and answered meanwhile, and knows that nothing is missing', async () => {
    const { running, listener } = await startWaiting();
    proxy.close();
    await connections(0);
    await go();
    await until(async () => (await server.kernelModel(kernel.id))?.execution_state === 'idle');
    proxy.open();
    expect(await running).toMatchObject({ status: 'ok' });
    expect(listener.out).toBe('on\noff\n');
    expect(listener.events).not.toContain('lost');
  }, 60_000);

  it('tells that output is missing when some was on its way', async () => {
    const listener = new RecordingListener();
    const code = `print("on", flush=True)\n${UNTIL_GO}print("on its way", flush=True)
while not os.path.exists("on"): time.sleep(0.01)\nprint("off")`;
    const running = kernel.execute(code, listener);
    await listener.printed('on');
    const onItsWay = proxy.swallow('on its way');
    await go();
    await onItsWay;
    proxy.close();
    await connections(0);
    proxy.open();
    await server.makeDirectory(`${directory}/on`);
    expect(await running).toMatchObject({ status: 'ok' });
    expect(listener.out).toBe('on\noff\n');
    expect(listener.events.at(-1)).toBe('lost');
  }, 60_000);

  it('that does not come back ends running code as died', async () => {
    const doomed = await impatient.startKernel({ directory });
    const { running } = await startWaiting(doomed);
    const lost = new Promise((resolve) => impatient.onLost(resolve));
    proxy.close();
    await expect(running).rejects.toMatchObject({ death: { cause: 'engine_lost' } });
    await lost;
    expect(doomed.state).toBe('dead');
  }, 60_000);

  it('under an idle kernel is mended at its next use, however long it lasted', async () => {
    const idle = await impatient.startKernel({ directory });
    kernel.detach();
    await idle.execute('kept = 5', new RecordingListener());
    proxy.close();
    await proxy.leftAlone(1000);
    proxy.open();
    const listener = new RecordingListener();
    await idle.execute('print(kept)', listener);
    expect(listener.out).toBe('5\n');
  }, 60_000);

  it('under an idle kernel that ended meanwhile is known before its next use', async () => {
    const idle = await impatient.startKernel({ directory });
    kernel.detach();
    proxy.close();
    await proxy.leftAlone(1000);
    await server.ask('DELETE', `api/kernels/${idle.id}`);
    proxy.open();
    expect(idle.state).toBe('alive');
    await idle.confirm();
    expect(idle.state).toBe('dead');
  }, 60_000);

  it('is noticed when the host only falls silent', async () => {
    const { running, listener } = await startWaiting();
    proxy.freeze();
    await go();
    // The server has long reported idle on a connection that nothing comes through.
    const { error } = await running;
    expect(error?.name ?? 'OutputLost').toBe('OutputLost');
    expect(listener.events).toContain('lost');
    expect(kernel.state).toBe('alive');
  }, 60_000);

  it('does not hide that someone else ended the kernel', async () => {
    const { running } = await startWaiting();
    const ended = expect(running).rejects.toMatchObject({ death: { cause: 'exited' } });
    await engine.endKernel(kernel.id);
    await ended;
  }, 60_000);

  it('does not hide that someone else restarted the kernel', async () => {
    const { running } = await startWaiting();
    const death = new Promise((resolve) => kernel.onDeath(resolve));
    proxy.close();
    await server.ask('POST', `api/kernels/${kernel.id}/restart`);
    proxy.open();
    expect(await death).toMatchObject({ cause: 'exited' });
    // The server interrupts the code before it restarts the kernel, so the code may even have answered.
    await running.catch((error: unknown) => expect(error).toBeInstanceOf(KernelDiedError));
  }, 60_000);

  it('does not hide that the kernel died and the server replaced it', async () => {
    const listener = new RecordingListener();
    await kernel.execute('import os; print(os.getpid())', listener);
    const { running } = await startWaiting();
    const ended = expect(running).rejects.toMatchObject({ death: { cause: 'exited' } });
    const before = await server.newKernelProcess([]);
    proxy.close();
    process.kill(Number(listener.out), 'SIGKILL');
    await server.newKernelProcess(before);
    proxy.open();
    await ended;
  }, 60_000);
});
