import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import type { Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { AuthModule } from '../../src/auth/index.js';
import { ConfigModule, loadConfig, type AppConfig } from '../../src/config/index.js';
import { DatabaseModule, databaseProblem } from '../../src/database/index.js';
import { buildOpenApi, prepareHttp, sealRoutes, serveOpenApi } from '../../src/http/index.js';
import { aDatabase } from '../support/a-database.js';

export interface StartedApp {
  app: NestExpressApplication;
  url: string;
  document: OpenAPIObject;
  stop: () => Promise<void>;
}

export type Create = (config: AppConfig) => Promise<NestExpressApplication>;

/** Starts an application with a database and a data directory of its own, on a free port. */
export async function startApp(
  create: Create,
  env: Readonly<Record<string, string>> = {},
): Promise<StartedApp> {
  const database = await aDatabase();
  try {
    const own = {
      DATA_DIR: dirname(database.directory),
      ...(database.url === null ? {} : { DATABASE_URL: database.url }),
    };
    const app = await create(loadConfig({ env: { ...env, ...own }, file: null }));
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const stop = async () => {
      await app.close();
      await database.remove();
    };
    return { app, url: `http://127.0.0.1:${port}`, document: buildOpenApi(app, '0.0.0'), stop };
  } catch (error) {
    await database.remove();
    throw error;
  }
}

/** An application of one module of a test's own, behind the real HTTP layer and authentication. */
export function appOf(module: Type): Create {
  return async (config) => {
    const testing = await Test.createTestingModule({
      imports: [ConfigModule.with(config), DatabaseModule, AuthModule, module],
    }).compile();
    const app = testing.createNestApplication<NestExpressApplication>({ bodyParser: false });
    prepareHttp(app, { corsOrigins: [], recognise: databaseProblem });
    serveOpenApi(app, buildOpenApi(app, '0.0.0'));
    await app.init();
    sealRoutes(app);
    return app;
  };
}
