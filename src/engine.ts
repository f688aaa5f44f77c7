import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { ConfigurationError, loadConfig, type AppConfig } from './config/index.js';
import { FileLock, prepareDataDirectory } from './database/index.js';
import { ownEngine, type ServerEntrance } from './execution/index.js';
import { ServiceLogger } from './service-logger.js';

/** A token is the right to run code as any workspace; nobody may guess it. */
const TOKEN_BYTES = 16;

/**
 * Runs the engine alone, for API processes that reach it by JUPYTER_URL. Resolves when it takes kernels. Its
 * Jupyter Server is started again whenever it ends.
 */
export async function run(): Promise<void> {
  const logger = new Logger('mntdata');
  const config = loadConfig({ warn: (sentence) => logger.warn(sentence) });
  Logger.overrideLogger(new ServiceLogger(config.server.logLevel));
  const entrance = entranceOf(config);
  prepareDataDirectory(config.data.dir);
  mkdirSync(join(config.data.dir, 'workspaces'), { recursive: true, mode: 0o700 });
  // Two engines, or a service with one of its own, would end each other's kernels.
  const lock = await FileLock.acquire(join(config.data.dir, 'service.lock'));
  const engine = ownEngine(config, entrance);
  const leave = closeOnSignals(logger, async () => {
    await engine.stop();
    lock.release();
  });
  try {
    await engine.start();
  } catch (error) {
    if (leave.begun) return;
    throw error;
  }
  process.stdout.write(`\nThe engine of mntdata is ready at ${engine.url ?? ''}\n\n`);
}

function entranceOf({ engine: { host, port, jupyterToken }, kernels }: AppConfig): ServerEntrance {
  if (jupyterToken === null || Buffer.byteLength(jupyterToken) < TOKEN_BYTES) {
    throw new ConfigurationError([
      `JUPYTER_TOKEN is ${jupyterToken === null ? 'not set' : 'too short'}: the engine runs code for whoever has it. ` +
        `Set it to the same secret of at least ${TOKEN_BYTES} bytes for the engine and for the API processes.`,
    ]);
  }
  const { max: maxKernels, idleTimeoutSeconds: idleSeconds } = kernels;
  return { host, port, token: jupyterToken, maxKernels, idleSeconds };
}

/** The first signal ends the engine with all its kernels; there is nothing that a second one could hurry. */
function closeOnSignals(logger: Logger, close: () => Promise<void>): { readonly begun: boolean } {
  const state = { begun: false };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (state.begun) return;
      state.begun = true;
      logger.log(`${signal}: ending all kernels, then leaving.`);
      close().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error(`Could not leave in order. ${String(error)}`);
          process.exit(1);
        },
      );
    });
  }
  return state;
}
