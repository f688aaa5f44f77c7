import { setTimeout as delay } from 'node:timers/promises';
import { RemoteEngine } from '../../src/execution/engine/remote-engine.js';
import { PlainJupyterServer } from './plain-jupyter-server.js';
import { RecordingListener } from './recording-listener.js';

/** What docs/gateway.md says about a Jupyter Server that ends idle kernels itself. */
describe('A server that ends kernels after a second without use', () => {
  let server: PlainJupyterServer;
  let engine: RemoteEngine;

  async function start(cullConnected: 'True' | 'False'): Promise<void> {
    const manager = 'MappingKernelManager';
    server = await PlainJupyterServer.start({
      settings: {
        [`${manager}.cull_idle_timeout`]: 1,
        [`${manager}.cull_interval`]: 1,
        [`${manager}.cull_connected`]: cullConnected,
      },
    });
    engine = new RemoteEngine({ server: server.address, kernelName: null });
    await server.makeDirectory('one');
  }

  /** Until the server knows it no more; asked now and then, which leaves it time to look for idle kernels. */
  async function gone(id: string): Promise<void> {
    while ((await server.kernelModel(id)) !== null) await delay(100);
  }

  afterEach(async () => {
    await engine.stop();
    await server.stop();
  }, 60_000);

  it('leaves those alone that we are connected to, and takes those that nobody is', async () => {
    await start('False');
    const held = await engine.startKernel({ directory: 'one' });
    const left = await engine.startKernel({ directory: 'one' });
    left.detach();
    await gone(left.id);
    // It has been idle for longer than the other one.
    const listener = new RecordingListener();
    await held.execute('print("here")', listener);
    expect(listener.out).toBe('here\n');
  }, 60_000);

  it('takes idle ones of ours too with cull_connected, which we notice, but none that runs code', async () => {
    await start('True');
    const idle = await engine.startKernel({ directory: 'one' });
    const busy = await engine.startKernel({ directory: 'one' });
    const listener = new RecordingListener();
    const running = busy.execute(
      'import os, time\nprint("on", flush=True)\nwhile not os.path.exists("go"): time.sleep(0.01)',
      listener,
    );
    await listener.printed('on');
    const death = await new Promise((resolve) => idle.onDeath(resolve));
    expect(death).toMatchObject({ cause: 'exited' });
    await gone(idle.id);
    await server.makeDirectory('one/go');
    expect(await running).toMatchObject({ status: 'ok' });
  }, 60_000);
});
