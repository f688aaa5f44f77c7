import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { DispatcherService, KernelsService } from '../execution/index.js';

/** What Prometheus scrapes: the process, executions, kernels. */
@Injectable()
export class MetricsService {
  private readonly registry = new Registry();

  constructor(dispatcher: DispatcherService, kernels: KernelsService) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge(
      'mntdata_executions_running',
      'Executions that run in this process.',
      () => dispatcher.stats.running,
    );
    this.gauge(
      'mntdata_executions_waiting',
      'Executions that wait in this process.',
      () => dispatcher.stats.waiting,
    );
    this.gauge('mntdata_kernels', 'Live kernels of this process.', () => kernels.list().length);
    this.gauge(
      'mntdata_kernels_ready',
      'Kernels that wait for new messages, beside those.',
      () => kernels.readyCount,
    );
    this.gauge(
      'mntdata_kernels_ready_target',
      'How many shall wait, by what new messages asked for lately.',
      () => kernels.readyTarget,
    );
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
