import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from './bootstrap.js';
import type { AppConfig } from './config/index.js';
import { FileLock, prepareDataDirectory } from './database/index.js';
import { KernelsService, makeEngine, RecoveryService, type Engine } from './execution/index.js';
import { LinksService } from './files/index.js';
import { FilesystemProbe } from './health/index.js';
import { instanceAddress, InstanceService } from './instance/index.js';
import { ServiceLogger } from './service-logger.js';
import { OrphanedDirectoriesService } from './workspaces/index.js';

const LONGEST_UPLOAD_MS = 3_600_000;
const KEEP_ALIVE_MS = 75_000;

/** The running service. */
export interface Service {
  app: NestExpressApplication;
  /** Where it listens, without a slash at the end. */
  url: string;
}

/**
 * Starts the service: engine and database, recovery of what an earlier life left, and only then the port. On
 * failure nothing stays behind.
 */
export async function startService(config: AppConfig, engine: Engine = makeEngine(config)): Promise<Service> {
  Logger.overrideLogger(new ServiceLogger(config.server.logLevel));
  const home = await claimHome(config);
  const { app, started } = await appBeside(engine, config);
  try {
    await app.get(InstanceService).start(home);
    await started;
    await app.get(RecoveryService).start();
    await app.get(OrphanedDirectoriesService).remove();
    app.get(KernelsService).keepReady();
    allowLongRequests(app);
    await app.listen(config.server.port, config.server.host);
    const url = await listeningUrl(app, config);
    app.get(LinksService).listeningAt(url);
    await app.get(InstanceService).listeningAt(await addressForOthers(app, config));
    void app.get(FilesystemProbe).last();
    return { app, url };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The application, made while its engine starts: either takes a second or two. */
async function appBeside(
  engine: Engine,
  config: AppConfig,
): Promise<{ app: NestExpressApplication; started: Promise<void> }> {
  const started = engine.start();
  // Told to whoever waits for it.
  started.catch(() => undefined);
  try {
    return { app: await createApp(config, engine), started };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

/**
 * A managed engine belongs to one process: while that holds the lock, every earlier life of the same home is
 * known to be over. Null with an engine that others share.
 */
async function claimHome({ data, engine }: AppConfig): Promise<string | null> {
  if (engine.jupyterUrl !== null) return null;
  prepareDataDirectory(data.dir);
  await FileLock.acquire(join(data.dir, 'service.lock'));
  return `${hostname()}:${data.dir}`;
}

/** Node ends a request that takes five minutes to arrive; a large upload over a slow line takes longer. */
function allowLongRequests(app: NestExpressApplication): void {
  const server = app.getHttpServer();
  server.requestTimeout = LONGEST_UPLOAD_MS;
  // Longer than proxies keep idle connections, so that it is they who close them.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
}

async function addressForOthers(app: NestExpressApplication, { server }: AppConfig): Promise<string> {
  const { port } = new URL(await app.getUrl());
  return server.instanceUrl ?? instanceAddress(server.host, Number(port), networkInterfaces());
}

async function listeningUrl(app: NestExpressApplication, { server }: AppConfig): Promise<string> {
  const { port } = new URL(await app.getUrl());
  const host = ['0.0.0.0', '::'].includes(server.host) ? 'localhost' : server.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
