import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { FirstStartLink } from './auth/index.js';
import { loadConfig, type AppConfig } from './config/index.js';
import { DispatcherService } from './execution/index.js';
import { startService, type Service } from './service.js';

/** npm passes on a Ctrl-C that the terminal has sent to this process already. */
const ECHO_MS = 1_000;

/** Starts the service in this process and tells where it is. Resolves when it listens. */
export async function run(): Promise<void> {
  const logger = new Logger('mntdata');
  const config = loadConfig({
    warn: (sentence) => {
      logger.warn(sentence);
    },
  });
  const service = await startService(config);
  closeOnSignals(service.app, logger);
  await announce(service, config);
}

/** The first signal ends the service in order, within the grace time; a second one does not wait for code. */
function closeOnSignals(app: NestExpressApplication, logger: Logger): void {
  let since: number | null = null;
  const close = (signal: NodeJS.Signals): void => {
    if (since !== null) {
      if (performance.now() - since > ECHO_MS) app.get(DispatcherService).interruptAll();
      return;
    }
    since = performance.now();
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

async function announce({ app, url }: Service, { server }: AppConfig): Promise<void> {
  const link = await app.get(FirstStartLink).make(server.publicUrl ?? url);
  const lines = ['', `mntdata is ready at ${url}`, `  Swagger:  ${url}/docs`];
  if (link !== null) lines.push(`  Open:     ${link}`);
  process.stdout.write(`${lines.join('\n')}\n\n`);
}
