import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../../config/index.js';
import { KernelEndingService } from './kernel-ending.service.js';
import { KernelMemory } from './kernel-memory.service.js';
import { KernelRegistry } from './kernel-registry.js';
import { ReadyKernels } from './ready-kernels.service.js';

/** How often idle kernels and the memory of all are looked at. */
const PERIOD_MS = 5_000;

/** Ends kernels that were not used for long, and idle ones while all together take too much memory. */
@Injectable()
export class KernelCullingService implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running = false;

  constructor(
    private readonly registry: KernelRegistry,
    private readonly ending: KernelEndingService,
    private readonly ready: ReadyKernels,
    private readonly memory: KernelMemory,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.tick(), PERIOD_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async tick(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      await this.cullIdle();
      await this.keepBudget();
    } finally {
      this.running = false;
    }
  }

  private async cullIdle(): Promise<void> {
    const { idleTimeoutSeconds } = this.config.kernels;
    const before = performance.now() - idleTimeoutSeconds * 1000;
    for (const held of this.registry.idle()) {
      if (held.lastUsed < before) await this.ending.retire(held, idleTimeoutSeconds);
    }
  }

  private async keepBudget(): Promise<void> {
    const { memoryBytes, memoryBudgetBytes } = this.config.kernels;
    const count = this.registry.all().length + this.ready.count;
    // As many kernels at their limit each would still fit: nothing to measure.
    if (count * memoryBytes <= memoryBudgetBytes) return;
    if ((await this.memory.atMost()) <= memoryBudgetBytes) return;
    const usage = await this.memory.measure();
    let excess = [...usage.values()].reduce((sum, bytes) => sum + bytes, 0) - memoryBudgetBytes;
    for (const held of this.registry.idle()) {
      if (excess <= 0) return;
      if (await this.ending.retire(held)) excess -= usage.get(held.kernel.id) ?? 0;
    }
    if (excess > 0) await this.ready.giveUpOne();
  }
}
