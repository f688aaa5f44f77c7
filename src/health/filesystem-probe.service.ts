import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { AnswerListener, Engine, type Kernel } from '../execution/index.js';
import { newPlace, WorkspaceContent } from '../workspaces/index.js';
import type { PartState } from './part-state.js';
import { probeFinding } from './probe-finding.js';

/** How long an answer counts; a failure is looked at again sooner. */
const GOOD_FOR_MS = 10 * 60_000;
const BAD_FOR_MS = 15_000;
const DEADLINE_MS = 60_000;
const FROM_SERVICE = 'probe-from-service';
const FROM_KERNEL = 'probe-from-kernel';

/**
 * Proves that service and kernel see the same workspace, both ways and with the right owner: the service
 * writes a file that a kernel must read and open for writing, the kernel writes one that the service must read. Cached, one at a
 * time, in a workspace of its own.
 */
@Injectable()
export class FilesystemProbe {
  private readonly logger = new Logger(FilesystemProbe.name);
  private known: { state: PartState; until: number } | undefined;
  private running: Promise<PartState> | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly content: WorkspaceContent,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** The cached answer; a new one is found out when it is too old. */
  async last(): Promise<PartState> {
    if (this.known && performance.now() < this.known.until) return this.known.state;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return await this.running;
  }

  private async run(): Promise<PartState> {
    const state = await this.tryProbe();
    if (!state.ok) this.logger.warn(`The filesystem probe failed: ${state.detail}`);
    this.known = { state, until: performance.now() + (state.ok ? GOOD_FOR_MS : BAD_FOR_MS) };
    return state;
  }

  private async tryProbe(): Promise<PartState> {
    const { directory, osUid } = newPlace(this.config.engine);
    let kernel: Kernel | undefined;
    try {
      await this.content.create(directory, osUid);
      const signal = AbortSignal.timeout(DEADLINE_MS);
      kernel = await this.engine.startKernel({ directory, signal });
      const detail = await this.exchange(kernel, directory, osUid, signal);
      return {
        ok: detail === null,
        detail: detail ?? 'Service and kernel see the same workspace, both ways.',
      };
    } catch (error) {
      return { ok: false, detail: withCauses(error) };
    } finally {
      await this.cleanUp(directory, kernel);
    }
  }

  /** Null when all is well, else what is wrong. */
  private async exchange(
    kernel: Kernel,
    directory: string,
    osUid: number | null,
    signal: AbortSignal,
  ): Promise<string | null> {
    const secret = randomBytes(16).toString('hex');
    await this.content.writeProbe(directory, FROM_SERVICE, Buffer.from(secret), osUid);
    const finding = probeFinding(await this.ask(kernel, signal), secret);
    if (finding !== null) return finding;
    const written = await this.content.readProbe(directory, FROM_KERNEL);
    if (written?.content.toString() !== secret) return 'The service does not see what a kernel wrote.';
    return null;
  }

  private async ask(kernel: Kernel, signal: AbortSignal): Promise<string> {
    const heard = new AnswerListener();
    await kernel.execute(
      `import os
os.stat('/mnt/data')
with open('/mnt/data/${FROM_SERVICE}', 'r+') as f:
    text = f.read()
    f.write('')
with open('/mnt/data/${FROM_KERNEL}', 'w') as f: f.write(text)
print(text)`,
      heard,
      { signal, silent: false },
    );
    return heard.failure ?? heard.printed;
  }

  private async cleanUp(directory: string, kernel: Kernel | undefined): Promise<void> {
    try {
      await kernel?.shutdown();
      await this.content.remove(directory);
    } catch (error) {
      this.logger.warn(`Could not clean up after the filesystem probe. ${String(error)}`);
    }
  }
}

/** For admins: a cause can name addresses and paths that the message leaves out. */
function withCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ${withCauses(error.cause)}`;
}
