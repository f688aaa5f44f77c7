import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import { loadConfig, type AppConfig } from './config/index.js';
import { databaseProblem } from './database/index.js';
import { makeEngine, type Engine } from './execution/index.js';
import { buildOpenApi, prepareHttp, sealRoutes, serveOpenApi } from './http/index.js';
import { servePanel } from './panel/index.js';
import { ServiceLogger } from './service-logger.js';
import { VERSION } from './version.js';

/** Routes outside of `/api/v1`. */
const UNPREFIXED = ['health/live', 'health/ready', 'metrics'];

/** The application for one configuration, ready for `listen`; whoever calls this starts the engine. */
export async function createApp(
  config: AppConfig,
  engine: Engine = makeEngine(config),
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(config, engine), {
    bodyParser: false,
    // A failed start is told by whoever starts, in one sentence.
    abortOnError: false,
    logger: new ServiceLogger(config.server.logLevel),
  });
  const { corsOrigins } = config.server;
  const origins = corsOrigins === '*' ? ['*'] : corsOrigins;
  prepareHttp(app, { corsOrigins: origins, recognise: databaseProblem });
  app.setGlobalPrefix('api/v1', { exclude: UNPREFIXED });
  serveOpenApi(app, buildOpenApi(app, VERSION));
  servePanel(app, origins);
  await app.init();
  sealRoutes(app);
  return app;
}

/** The OpenAPI document; nothing is started for it, and it does not depend on the configuration. */
export async function createDocument(): Promise<OpenAPIObject> {
  const config = loadConfig({ env: {}, file: null, warn: () => undefined });
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(config, makeEngine(config)), {
    preview: true,
    logger: false,
  });
  app.setGlobalPrefix('api/v1', { exclude: UNPREFIXED });
  return buildOpenApi(app, VERSION);
}
