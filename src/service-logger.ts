import { ConsoleLogger, type LogLevel } from '@nestjs/common';

/** Parts of the framework that tell, a line each, what every start does. */
const CHATTY = new Set([
  'InstanceLoader',
  'NestFactory',
  'NestApplication',
  'RouterExplorer',
  'RoutesResolver',
]);

/** What they report of a start that failed is told, in one sentence, by whoever starts. */
const STARTERS = new Set(['ExceptionHandler', 'NestApplication']);

const LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug'];
const SHOWN = { error: 2, warn: 3, info: 4, debug: 5 } as const;

/** The service's log: what happens, not what the framework does; with `debug` all of it. */
export class ServiceLogger extends ConsoleLogger {
  private readonly quiet: boolean;

  constructor(level: keyof typeof SHOWN) {
    // Colours are for a person at a terminal; in a file or a journal they are noise.
    super({ logLevels: LEVELS.slice(0, SHOWN[level]), colors: process.stdout.isTTY });
    this.quiet = level !== 'debug';
  }

  override log(message: unknown, ...more: unknown[]): void {
    const context = more.at(-1);
    if (this.quiet && typeof context === 'string' && CHATTY.has(context)) return;
    super.log(message, ...more);
  }

  override error(message: unknown, ...more: unknown[]): void {
    const context = more.at(-1);
    if (this.quiet && typeof context === 'string' && STARTERS.has(context)) return;
    super.error(message, ...more);
  }
}
