import { hostname } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from './bootstrap.js';
import type { AppConfig } from './config/index.js';
import { FileLock } from './database/index.js';
import { Engine, RecoveryService } from './execution/index.js';
import { LinksService } from './files/index.js';
import { FilesystemProbe } from './health/index.js';
import { InstanceService } from './instance/index.js';

/** The running service. */
export interface Service {
  app: NestExpressApplication;
  /** Where it listens, without a slash at the end. */
  url: string;
}

/**
 * Starts the service: database, workspace helper, engine, recovery of what an earlier life left, and only then
 * the port. On failure nothing stays behind.
 */
export async function startService(config: AppConfig): Promise<Service> {
  const app = await createApp(config);
  try {
    await app.get(InstanceService).start(await claimHome(config));
    await app.get(Engine).start();
    await app.get(RecoveryService).start();
    await app.listen(config.server.port, config.server.host);
    const url = await listeningUrl(app, config);
    app.get(LinksService).listeningAt(url);
    void app.get(FilesystemProbe).last();
    return { app, url };
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

async function listeningUrl(app: NestExpressApplication, { server }: AppConfig): Promise<string> {
  const { port } = new URL(await app.getUrl());
  const host = ['0.0.0.0', '::'].includes(server.host) ? 'localhost' : server.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
