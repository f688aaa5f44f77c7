import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { AppConfig, loadConfig } from '../../src/config/index.js';
import { databaseProblem } from '../../src/database/index.js';
import { buildOpenApi, prepareHttp, sealRoutes } from '../../src/http/index.js';

export interface StartedApp {
  app: NestExpressApplication;
  url: string;
  document: OpenAPIObject;
  stop: () => Promise<void>;
}

/** Starts a module with the real HTTP layer, an embedded database and a directory of its own, on a free port. */
export async function startApp(
  module: Type,
  env: Readonly<Record<string, string>> = {},
): Promise<StartedApp> {
  const directory = await mkdtemp(join(tmpdir(), 'mntdata-walk-'));
  const remove = async () => await rm(directory, { recursive: true });
  try {
    const testing = await Test.createTestingModule({ imports: [module] })
      .overrideProvider(AppConfig)
      .useValue(loadConfig({ env: { ...env, DATA_DIR: directory }, file: null }))
      .compile();
    const app = testing.createNestApplication<NestExpressApplication>({ bodyParser: false });
    prepareHttp(app, { corsOrigins: [], recognise: databaseProblem });
    const document = buildOpenApi(app, '0.0.0');
    await app.init();
    sealRoutes(app);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const stop = async () => {
      await app.close();
      await remove();
    };
    return { app, url: `http://127.0.0.1:${port}`, document, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}
