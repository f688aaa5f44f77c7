import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../../config/index.js';
import { newPlace, WorkspaceContent } from '../../workspaces/index.js';
import { KernelRegistry } from './kernel-registry.js';
import { KernelStarter, type StartedKernel } from './kernel-starter.service.js';
import { ReadyDemand } from './ready-demand.js';

/** A kernel that waits in a directory which becomes the workspace of the message that takes it. */
export interface ReadyKernel extends StartedKernel {
  directory: string;
  osUid: number | null;
}

/** Ready kernels take no more than this share of MAX_KERNELS: the others hold somebody's variables. */
const SHARE = 0.25;
const RELAX_PERIOD_MS = 60_000;
const START_DEADLINE_MS = 120_000;
/** So long a run that got its kernel has the engine for itself; most are answered by then. */
const HEAD_START_MS = 200;
const RETRY_MS = { first: 1_000, longest: 60_000 };

/**
 * Kernels that wait for new messages. None is handed out twice: who takes one adopts it, gives it back or
 * discards it. They are made one at a time, not while a run waits for a kernel of its own, and the next one
 * only when the run that got one was answered, or lasts. Each counts as a live kernel. Only for the managed
 * engine: its kernels end with it, so that none is left behind.
 */
@Injectable()
export class ReadyKernels implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ReadyKernels.name);
  private readonly demand: ReadyDemand;
  private readonly ending = new AbortController();
  private readonly waiting: ReadyKernel[] = [];
  private makeRoom: (() => Promise<boolean>) | undefined;
  private refilling: Promise<void> | undefined;
  private runsWaiting = 0;
  private failures = 0;
  private retry: NodeJS.Timeout | undefined;
  private relaxing: NodeJS.Timeout | undefined;

  constructor(
    private readonly starter: KernelStarter,
    private readonly content: WorkspaceContent,
    private readonly registry: KernelRegistry,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {
    const { kernels, engine } = config;
    const most = engine.jupyterUrl === null ? Math.floor(kernels.max * SHARE) : 0;
    this.demand = new ReadyDemand({
      min: Math.min(kernels.readyMin, most),
      max: Math.min(kernels.readyMax, most),
    });
  }

  /** From now on kernels are made ready. @param makeRoom ends an idle kernel where all places are taken. */
  start(makeRoom: () => Promise<boolean>): void {
    this.makeRoom = makeRoom;
    this.relaxing = setInterval(() => void this.relax(), RELAX_PERIOD_MS);
    this.relaxing.unref();
    this.refill();
  }

  /** What waits is ended with its directories; nothing is made any more. */
  async beforeApplicationShutdown(): Promise<void> {
    this.ending.abort(new Error('The service is shutting down.'));
    clearInterval(this.relaxing);
    clearTimeout(this.retry);
    await this.refilling;
    await Promise.all(this.waiting.splice(0).map((ready) => this.discard(ready)));
  }

  get count(): number {
    return this.waiting.length;
  }

  /** How many shall wait. */
  get target(): number {
    return this.demand.target;
  }

  /** The one that waited longest, for the taker alone; null when there is none. */
  take(): ReadyKernel | null {
    if (this.ending.signal.aborted) return null;
    return this.waiting.shift() ?? null;
  }

  /** It became a workspace's kernel. */
  adopted(): void {
    this.failures = 0;
    this.demand.taken(this.waiting.length);
    this.refillLater();
  }

  /** A run was answered. */
  runEnded(): void {
    this.refill();
  }

  /** The taker has no use for it. */
  giveBack(ready: ReadyKernel): void {
    if (ready.kernel.state === 'dead' || this.ending.signal.aborted) void this.discard(ready);
    else this.waiting.unshift(ready);
  }

  /** Ends one that nobody uses, with its directory. */
  async discard(ready: ReadyKernel): Promise<void> {
    await this.abandon(ready);
    await this.content.remove(ready.directory).catch((error: unknown) => {
      this.logger.warn(`The directory of a ready kernel stays until the next start. ${String(error)}`);
    });
  }

  /** Ends one whose directory may be a workspace's already: where it is not, the next start removes it. */
  async abandon({ kernel }: ReadyKernel): Promise<void> {
    try {
      await kernel.shutdown();
    } catch (error) {
      this.logger.warn(`A ready kernel could not be ended. ${String(error)}`);
    } finally {
      this.registry.unreserve();
      this.refill();
    }
  }

  /** Ends one for the sake of a run that needs its place; false when there is none. */
  async giveUpOne(): Promise<boolean> {
    const ready = this.waiting.pop();
    if (!ready) return false;
    await this.discard(ready);
    return true;
  }

  /** A run starts a kernel of its own meanwhile. @param isNew it would have taken a ready one */
  async whileRunWaits<T>(isNew: boolean, start: () => Promise<T>): Promise<T> {
    if (isNew) this.demand.missed();
    this.runsWaiting += 1;
    try {
      return await start();
    } finally {
      this.runsWaiting -= 1;
      this.refillLater();
    }
  }

  private async relax(): Promise<void> {
    this.demand.relax();
    if (this.waiting.length > this.demand.target) await this.giveUpOne();
  }

  private refillLater(): void {
    setTimeout(() => {
      this.refill();
    }, HEAD_START_MS).unref();
  }

  private refill(): void {
    if (!this.isShort() || this.refilling) return;
    this.refilling = this.addOne().finally(() => {
      this.refilling = undefined;
      this.refill();
    });
  }

  private isShort(): boolean {
    const { makeRoom, ending, retry, runsWaiting, waiting, demand } = this;
    if (makeRoom === undefined || ending.signal.aborted || retry !== undefined) return false;
    return runsWaiting === 0 && waiting.length < demand.target;
  }

  /** Never rejects: a run that finds none starts a kernel of its own, and is told what is wrong. */
  private async addOne(): Promise<void> {
    if (!this.registry.reserve()) {
      await this.makeRoom?.();
      if (!this.registry.reserve()) {
        this.retryLater();
        return;
      }
    }
    const place = newPlace(this.config.engine);
    try {
      await this.content.create(place.directory, place.osUid);
      const signal = AbortSignal.any([this.ending.signal, AbortSignal.timeout(START_DEADLINE_MS)]);
      this.wait({ ...place, ...(await this.starter.start(place.directory, signal)) });
    } catch (error) {
      this.registry.unreserve();
      if (!this.ending.signal.aborted) this.failed(error);
      await this.content.remove(place.directory).catch(() => undefined); // the next start removes it
    }
  }

  private wait(ready: ReadyKernel): void {
    this.waiting.push(ready);
    ready.kernel.onDeath(({ message }) => {
      const at = this.waiting.indexOf(ready);
      if (at < 0) return;
      this.waiting.splice(at, 1);
      this.failed(message);
      void this.discard(ready);
    });
  }

  private failed(why: unknown): void {
    this.logger.warn(`A kernel could not be kept ready. ${String(why)}`);
    this.failures += 1;
    this.retryLater();
  }

  /** Slower each time, until one is taken again. */
  private retryLater(): void {
    const delay = Math.min(RETRY_MS.first * 2 ** Math.max(0, this.failures - 1), RETRY_MS.longest);
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.refill();
    }, delay);
    this.retry.unref();
  }
}
