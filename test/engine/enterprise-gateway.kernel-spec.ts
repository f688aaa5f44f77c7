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

describeEngine('RemoteEngine on Enterprise Gateway', remoteEngine, { loneSurrogates: false });
