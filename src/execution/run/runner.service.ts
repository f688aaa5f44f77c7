import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../errors/index.js';
import {
  PreparationService,
  type Attribution,
  type GatheredFiles,
  type OpenWorkspace,
  type Warning,
} from '../../files/index.js';
import { DirectoriesService, type Leased } from '../../workspaces/index.js';
import type { KernelUse } from '../execution.entity.js';
import { LiveOutput } from '../events/live-output.js';
import type { HeldKernel } from '../kernels/kernel-registry.js';
import { KernelsService } from '../kernels/kernels.service.js';
import type { ActiveExecution } from './active-execution.js';
import type { CodeEnd } from './code-run.js';
import { CompletionService } from './completion.service.js';
import { makeRecord, type ExecutionRecord } from './execution-record.js';
import type { RunImages } from './run-images.js';
import { RunLimitsService } from './run-limits.service.js';
import { Stopwatch } from './stopwatch.js';
import type { WorkspaceCeiling } from './workspace-watch.js';

export interface RunOptions extends Leased {
  /** Whether something may be attached that the workspace does not have yet. */
  attachmentsPending: boolean;
  queuedMs: number;
}

/** One run under way, and what its parts found out so far. */
interface Run extends RunOptions {
  execution: ActiveExecution;
  attribution: Attribution;
  images: RunImages;
  watch: Stopwatch;
  end: CodeEnd;
  kernel: KernelUse | null;
  held: HeldKernel | null;
  ceiling: WorkspaceCeiling | null;
  warnings: Warning[];
  gathered: GatheredFiles | null;
  failure: Error | null;
}

const LOST = {
  status: 'stopped' as const,
  reason: { code: 'lease_lost', message: 'Another instance of the service took this workspace over.' },
};

/** The way of one run in a leased workspace: prepare, kernel, run, compare and collect, answer. */
@Injectable()
export class RunnerService {
  private readonly logger = new Logger(RunnerService.name);

  constructor(
    private readonly directories: DirectoriesService,
    private readonly preparation: PreparationService,
    private readonly kernels: KernelsService,
    private readonly limits: RunLimitsService,
    private readonly completion: CompletionService,
  ) {}

  /**
   * Resolves when the execution is final and the lease released.
   *
   * @throws the reason why it could not be run; the execution is final all the same, unless the lease was lost
   *   or the database could not be reached.
   */
  async run(execution: ActiveExecution, options: RunOptions): Promise<void> {
    const run = this.begin(execution, options);
    const stopWithLease = (): void => execution.stop(LOST);
    options.lease.signal.addEventListener('abort', stopWithLease, { once: true });
    try {
      await this.perform(run);
      await this.complete(run);
    } finally {
      options.lease.signal.removeEventListener('abort', stopWithLease);
      if (run.held) this.kernels.rest(run.held);
    }
    if (run.failure) throw run.failure;
  }

  private begin(execution: ActiveExecution, options: RunOptions): Run {
    const { id: executionId, userId, request } = execution;
    const { messageId, chatId } = request;
    const workspaceRef = options.workspace.externalId;
    const attribution = { userId, messageId, chatId, executionId, workspaceRef };
    return {
      ...options,
      ...{ execution, attribution },
      images: this.completion.imagesOf(options.lease, attribution),
      watch: new Stopwatch(options.queuedMs),
      end: { status: 'died', reason: null },
      kernel: null,
      held: null,
      ceiling: null,
      warnings: [],
      gathered: null,
      failure: null,
    };
  }

  /** Never rejects: what goes wrong is a finding, so that the execution still ends. */
  private async perform(run: Run): Promise<void> {
    const { watch } = run;
    try {
      const open = await this.open(run);
      await watch.time('prepare', async () => {
        await this.prepare(run, open);
      });
      await watch.time('kernel', async () => {
        const measuring = this.limits.ceiling(open.workspace.directory);
        // Told below; while the kernel is being taken, nobody else hears of a failure.
        measuring.catch(() => undefined);
        await this.takeKernel(run, open);
        run.ceiling = await measuring;
      });
      run.end = await watch.time('run', async () => await this.execute(run));
      await watch.time('collect', async () => {
        await this.collect(run, open);
      });
    } catch (error) {
      this.noteFailure(run, error);
    }
  }

  private async open({ workspace, lease }: Run): Promise<OpenWorkspace> {
    const { directory } = workspace;
    // What a live kernel sits in is there and as it should be.
    if (directory !== null && this.kernels.stateOf(workspace.id) !== null) {
      return { workspace: Object.assign(workspace, { directory }), lease };
    }
    return { workspace: await this.directories.ensure(workspace, lease), lease };
  }

  private async prepare(run: Run, open: OpenWorkspace): Promise<void> {
    const { request, userId } = run.execution;
    const { messageId, chatId, fileIds, includeChatFiles } = request;
    run.warnings = await this.preparation.prepare(open, {
      target: { userId, messageId, chatId, workspaceId: open.workspace.id },
      fileIds,
      includeChatFiles,
      attachmentsPending: run.attachmentsPending,
    });
  }

  private async takeKernel(run: Run, { workspace, lease }: OpenWorkspace): Promise<void> {
    const signal = AbortSignal.any([run.execution.cancellation.signal, lease.signal]);
    const { held, use, warnings } = await this.kernels.acquire(workspace, lease, signal);
    run.held = held;
    run.kernel = use;
    run.warnings.push(...warnings);
  }

  private async execute({ held, ceiling, execution, images }: Run): Promise<CodeEnd> {
    if (!held || !ceiling) throw new Error('The run has no kernel.');
    const { request, collector, events } = execution;
    const code = this.limits.codeRun(held.kernel, request.timeoutMs);
    const output = new LiveOutput(collector, events, async (changed) => await images.keep(changed));
    execution.running(code, output);
    const growth = this.limits.watch(held.directory, ceiling, (reason) => execution.stop(reason));
    try {
      return await code.execute(request.code, output);
    } finally {
      growth.end();
      await output.finish();
    }
  }

  private async collect(run: Run, open: OpenWorkspace): Promise<void> {
    try {
      run.gathered = await this.completion.collect(open, run.held?.kernel.room ?? null);
      run.warnings.push(...run.gathered.warnings);
      // Code that was faster than any look at the workspace.
      const { totals } = run.gathered.change;
      const grown = totals && run.ceiling?.passedBy(totals);
      if (grown && ['ok', 'error'].includes(run.end.status)) run.end = grown;
    } catch (error) {
      // The manifest is unchanged: what did not fit now is found again by the next collection.
      if (!(error instanceof DomainError) || error.kind !== 'storage_full') throw error;
      run.warnings.push({ path: null, code: error.code, message: error.message });
    }
  }

  private async complete(run: Run): Promise<void> {
    const { execution, workspace, lease, end, kernel, held, watch, gathered, attribution, images } = run;
    execution.outcome = await this.completion.complete({
      executionId: execution.id,
      ...{ workspace, lease, ...end, kernel, gathered, attribution, images },
      kernelId: held?.kernel.state === 'alive' ? held.kernel.id : null,
      record: await this.record(run),
      timings: watch.timings(),
    });
  }

  private async record({ execution, images, gathered, warnings }: Run): Promise<ExecutionRecord> {
    const output = execution.collector.snapshot();
    const imageIds = await images.idsOf(output.images);
    return makeRecord({
      output,
      imageIds,
      files: gathered?.files.length ?? 0,
      deleted: gathered?.deleted ?? [],
      warnings: [...warnings, ...images.warnings],
    });
  }

  private noteFailure(run: Run, error: unknown): void {
    const { stopped } = run.execution;
    if (stopped && run.held === null) {
      run.end = stopped;
      return;
    }
    run.failure = error instanceof Error ? error : new Error(String(error));
    const known = error instanceof DomainError;
    if (!known) this.logger.error(`Execution ${run.execution.id} failed.`, run.failure.stack);
    const reason = known
      ? { code: error.code, message: error.message }
      : { code: 'internal_error', message: 'The service failed while running this code; its log tells why.' };
    run.end = { status: 'died', reason };
  }
}
