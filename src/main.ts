import { hostname } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { FirstStartLink } from './auth/index.js';
import { loadConfig, type AppConfig } from './config/index.js';
import { createApp } from './bootstrap.js';
import { FileLock } from './database/index.js';
import { DispatcherService, Engine, RecoveryService } from './execution/index.js';
import { LinksService } from './files/index.js';
import { FilesystemProbe } from './health/index.js';
import { InstanceService } from './instance/index.js';

/** Starts the service in this process and tells where it is. Resolves when it listens. */
export async function run(): Promise<void> {
  const logger = new Logger('mntdata');
  const config = loadConfig({ warn: (sentence) => logger.warn(sentence) });
  const app = await createApp(config);
  try {
    const home = await claimHome(config);
    closeOnSignals(app, logger);
    await app.get(InstanceService).start(home);
    await app.get(Engine).start();
    await app.get(RecoveryService).start();
    await app.listen(config.server.port, config.server.host);
    await announce(app, config);
    void app.get(FilesystemProbe).last();
  } catch (error) {
    await app.close();
    throw error;
  }
}

/**
 * A managed engine belongs to one process: while that holds the lock, every earlier life of the same home is
 * known to be over. Null with an engine that others share.
 */
async function claimHome({ data, engine }: AppConfig): Promise<string | null> {
  if (engine.jupyterUrl !== null) return null;
  await FileLock.acquire(join(data.dir, 'service.lock'));
  return `${hostname()}:${data.dir}`;
}

/** The first signal ends the service in order, within the grace time; a second one does not wait for code. */
function closeOnSignals(app: NestExpressApplication, logger: Logger): void {
  let closing = false;
  const close = (signal: NodeJS.Signals): void => {
    if (closing) {
      app.get(DispatcherService).interruptAll();
      return;
    }
    closing = true;
    logger.log(`${signal}: finishing what runs, then leaving. Press Ctrl-C again to interrupt it.`);
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error(`Could not leave in order. ${String(error)}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, close);
}

async function announce(app: NestExpressApplication, config: AppConfig): Promise<void> {
  const url = await listeningUrl(app, config);
  app.get(LinksService).listeningAt(url);
  const link = await app.get(FirstStartLink).make(config.server.publicUrl ?? url);
  const lines = ['', `mntdata is ready at ${url}`, `  Swagger:  ${url}/docs`];
  if (link !== null) lines.push(`  Open:     ${link}`);
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

async function listeningUrl(app: NestExpressApplication, { server }: AppConfig): Promise<string> {
  const { port } = new URL(await app.getUrl());
  const host = ['0.0.0.0', '::'].includes(server.host) ? 'localhost' : server.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
