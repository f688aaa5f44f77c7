import { EngineFullError, KernelStartError } from '../../src/execution/engine/engine.errors.js';
import { RemoteEngine } from '../../src/execution/engine/remote-engine.js';
import { describeEngine, type EngineSubject } from './engine.contract.js';
import { EnterpriseGateway, installedGateway } from './enterprise-gateway.js';

async function remoteEngine(): Promise<EngineSubject> {
  const gateway = await EnterpriseGateway.start();
  return {
    engine: new RemoteEngine({
      server: gateway.address,
      kernelName: 'plain',
      environment: { KERNEL_USERNAME: 'mntdata' },
    }),
    makeDirectory: async (name) => await gateway.makeDirectory(name),
    killServer: async () => await gateway.kill(),
    tearDown: async () => await gateway.stop(),
  };
}

beforeAll(installedGateway, 300_000);

describeEngine('RemoteEngine on Enterprise Gateway', remoteEngine, {
  loneSurrogates: false,
  refuseLongMessages: false,
});

describe('RemoteEngine on an Enterprise Gateway with rules of its own', () => {
  let gateway: EnterpriseGateway;

  beforeAll(async () => {
    gateway = await EnterpriseGateway.start({ settings: { 'EnterpriseGatewayApp.max_kernels': 1 } });
    await gateway.makeDirectory('one');
  }, 60_000);

  afterAll(async () => await gateway.stop(), 60_000);

  function engineAs(user: string): RemoteEngine {
    const environment = { KERNEL_USERNAME: user };
    return new RemoteEngine({ server: gateway.address, kernelName: 'plain', environment });
  }

  it('tells when it may start no more', async () => {
    const engine = engineAs('mntdata');
    const kernel = await engine.startKernel({ directory: 'one' });
    await expect(engine.startKernel({ directory: 'one' })).rejects.toBeInstanceOf(EngineFullError);
    await kernel.shutdown();
  }, 60_000);

  it('tells in words when the gateway does not want the user', async () => {
    const error: unknown = await engineAs('root')
      .startKernel({ directory: 'one' })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KernelStartError);
    expect(String(error)).toContain('KERNEL_USERNAME');
  }, 60_000);
});
