import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import type { Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { AppConfig, loadConfig } from '../../src/config/index.js';
import { databaseProblem } from '../../src/database/index.js';
import { buildOpenApi, prepareHttp, sealRoutes, serveOpenApi } from '../../src/http/index.js';
import { aDatabase } from '../support/a-database.js';

export interface StartedApp {
  app: NestExpressApplication;
  url: string;
  document: OpenAPIObject;
  stop: () => Promise<void>;
}

/** Starts a module with the real HTTP layer, and a database and data directory of its own, on a free port. */
export async function startApp(
  module: Type,
  env: Readonly<Record<string, string>> = {},
): Promise<StartedApp> {
  const database = await aDatabase();
  try {
    const own = {
      DATA_DIR: dirname(database.directory),
      ...(database.url === null ? {} : { DATABASE_URL: database.url }),
    };
    const testing = await Test.createTestingModule({ imports: [module] })
      .overrideProvider(AppConfig)
      .useValue(loadConfig({ env: { ...env, ...own }, file: null }))
      .compile();
    const app = testing.createNestApplication<NestExpressApplication>({ bodyParser: false });
    prepareHttp(app, { corsOrigins: [], recognise: databaseProblem });
    const document = buildOpenApi(app, '0.0.0');
    serveOpenApi(app, document);
    await app.init();
    sealRoutes(app);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const stop = async () => {
      await app.close();
      await database.remove();
    };
    return { app, url: `http://127.0.0.1:${port}`, document, stop };
  } catch (error) {
    await database.remove();
    throw error;
  }
}
