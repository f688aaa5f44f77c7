import type { AppConfig } from '../config/index.js';
import { MOUNT } from '../files/index.js';
import { RemoteEngine, TranslatedEngine, type Engine } from './engine/index.js';
import { ownEngine } from './own-engine.js';

/** The engine of this configuration, not started. */
export function makeEngine(config: AppConfig): Engine {
  const { jupyterUrl, kernelWorkspacesDir, pathMode } = config.engine;
  if (jupyterUrl === null) return ownEngine(config, null);
  const engine = remoteEngine(config, jupyterUrl);
  if (kernelWorkspacesDir === null || pathMode === 'mounted') return engine;
  return new TranslatedEngine(engine, { mount: MOUNT, workspaces: kernelWorkspacesDir });
}

function remoteEngine({ engine, kernels }: AppConfig, url: string): Engine {
  return new RemoteEngine({
    server: { url, token: engine.jupyterToken, password: engine.jupyterPassword },
    kernelName: engine.kernelName,
    workspacesPath: engine.jupyterWorkspacesPath,
    environment: engine.kernelEnvironment,
    concurrentStarts: kernels.maxStarts,
  });
}
