import { RemoteEngine } from '../../src/execution/engine/remote-engine.js';
import { describeEngine, type EngineSubject } from './engine.contract.js';
import { PlainJupyterServer } from './plain-jupyter-server.js';

async function remoteEngine(): Promise<EngineSubject> {
  const server = await PlainJupyterServer.start();
  return {
    engine: new RemoteEngine({ server: server.address, kernelName: null }),
    makeDirectory: async (name) => await server.makeDirectory(name),
    killServer: async () => await server.kill(),
    tearDown: async () => await server.stop(),
  };
}

describeEngine('RemoteEngine on a plain Jupyter server', remoteEngine, {
  loneSurrogates: false,
  refuseLongMessages: false,
});
