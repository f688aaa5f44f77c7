import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/index.js';

const DEADLINE_MS = 30_000;
const SCRIPT =
  'import json; from mntdata_runtime.libraries import installed_libraries; print(json.dumps(installed_libraries()))';

/** A Python library that code can import. */
export interface Library {
  name: string;
  version: string;
}

/** The libraries of the kernels' Python environment, for prompts and for people. */
@Injectable()
export class LibrariesService {
  private readonly logger = new Logger(LibrariesService.name);
  private known: Promise<Library[]> | undefined;
  private engine: (() => Promise<ReadonlyMap<string, string> | null>) | undefined;

  constructor(@Inject(AppConfig) private readonly config: AppConfig) {}

  /** Kernels do not run in our own environment: whoever starts them is asked instead. */
  askEngine(engine: () => Promise<ReadonlyMap<string, string> | null>): void {
    this.engine = engine;
  }

  /** Asked once per life of the service; empty for engines that are not ours, and when it cannot be found out. */
  async list(): Promise<Library[]> {
    this.known ??= this.ask().catch((error: unknown) => {
      this.logger.warn(`Could not list the Python libraries. ${String(error)}`);
      this.known = undefined;
      return [];
    });
    return await this.known;
  }

  private async ask(): Promise<Library[]> {
    if (!this.engine) return await this.askOwnPython();
    const versions = await this.engine();
    if (versions === null) this.known = undefined; // it may be another engine, or there, the next time
    return [...(versions ?? [])].map(([name, version]) => ({ name, version }));
  }

  private async askOwnPython(): Promise<Library[]> {
    const python = join(this.config.engine.pythonEnvironment, 'bin', 'python');
    const options = { timeout: DEADLINE_MS, env: { LC_ALL: 'C.UTF-8' } };
    const { stdout } = await promisify(execFile)(python, ['-I', '-c', SCRIPT], options);
    const versions = JSON.parse(stdout) as Record<string, string>;
    return Object.entries(versions).map(([name, version]) => ({ name, version }));
  }
}
