import type { EngineLog } from '../../src/execution/engine/managed-engine.js';

/** Keeps what an engine logs. */
export class LogBook implements EngineLog {
  readonly #lines: string[] = [];

  get text(): string {
    return this.#lines.join('\n');
  }

  debug(message: string): void {
    this.#lines.push(message);
  }

  log(message: string): void {
    this.#lines.push(message);
  }

  warn(message: string): void {
    this.#lines.push(message);
  }
}
