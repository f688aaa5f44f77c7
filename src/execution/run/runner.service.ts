import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../errors/index.js';
import {
  CollectionService,
  PreparationService,
  type Attribution,
  type DisplayImage,
  type GatheredFiles,
  type OpenWorkspace,
  type StoredFile,
  type Warning,
} from '../../files/index.js';
import { DirectoriesService, type Leased } from '../../workspaces/index.js';
import type { KernelUse } from '../execution.entity.js';
import type { HeldKernel } from '../kernels/kernel-registry.js';
import { KernelsService } from '../kernels/kernels.service.js';
import type { CollectedOutput } from '../output/index.js';
import type { ActiveExecution } from './active-execution.js';
import { CodeRun, type CodeEnd } from './code-run.js';
import { CompletionService } from './completion.service.js';
import { makeRecord } from './execution-record.js';
import { Stopwatch } from './stopwatch.js';

export interface RunOptions extends Leased {
  /** Whether something may be attached that the workspace does not have yet. */
  attachmentsPending: boolean;
  queuedMs: number;
}

/** What the parts of one run found out, gathered for its completion. */
interface Findings {
  end: CodeEnd;
  kernel: KernelUse | null;
  held: HeldKernel | null;
  warnings: Warning[];
  gathered: GatheredFiles | null;
  failure: Error | null;
}

/** The way of one run in a leased workspace: prepare, kernel, run, compare and collect, answer. */
@Injectable()
export class RunnerService {
  private readonly logger = new Logger(RunnerService.name);

  constructor(
    private readonly directories: DirectoriesService,
    private readonly preparation: PreparationService,
    private readonly kernels: KernelsService,
    private readonly collection: CollectionService,
    private readonly completion: CompletionService,
  ) {}

  /**
   * Resolves when the execution is final and the lease released.
   *
   * @throws the reason why it could not be run; the execution is final all the same, unless the lease was lost
   *   or the database could not be reached.
   */
  async run(execution: ActiveExecution, options: RunOptions): Promise<void> {
    const watch = new Stopwatch(options.queuedMs);
    const { workspace, lease } = options;
    const stopWithLease = (): void => execution.stop(LOST);
    lease.signal.addEventListener('abort', stopWithLease, { once: true });
    const findings = await this.perform(execution, options, watch);
    try {
      const attribution = this.attribute(execution, workspace.externalId);
      const output = execution.collector.snapshot();
      const images = await this.keepImages(output, workspace.id, attribution);
      await this.completion.complete({
        executionId: execution.id,
        workspace,
        lease,
        ...findings.end,
        kernel: findings.kernel,
        kernelId: findings.held?.kernel.state === 'alive' ? findings.held.kernel.id : null,
        timings: watch.timings(),
        record: makeRecord({
          output,
          imageIds: new Map(output.images.map((image, at) => [image.index, images[at]?.id ?? ''])),
          files: findings.gathered?.files.length ?? 0,
          deleted: findings.gathered?.deleted ?? [],
          warnings: findings.warnings,
        }),
        gathered: findings.gathered,
        images,
        attribution,
      });
    } finally {
      lease.signal.removeEventListener('abort', stopWithLease);
      if (findings.held) this.kernels.rest(findings.held);
    }
    if (findings.failure) throw findings.failure;
  }

  /** Never rejects: what goes wrong is a finding, so that the execution still ends. */
  private async perform(
    execution: ActiveExecution,
    options: RunOptions,
    watch: Stopwatch,
  ): Promise<Findings> {
    const findings: Findings = {
      end: { status: 'died', reason: null },
      kernel: null,
      held: null,
      warnings: [],
      gathered: null,
      failure: null,
    };
    try {
      const open = await this.open(options);
      findings.warnings = await watch.time('prepare', () => this.prepare(execution, open, options));
      await watch.time('kernel', () => this.takeKernel(execution, open, findings));
      findings.end = await watch.time('run', () => this.execute(execution, findings));
      findings.gathered = await watch
        .time('collect', () => this.collect(open, findings))
        .catch((error: unknown) => this.tellStorageFull(findings, error));
    } catch (error) {
      this.noteFailure(execution, findings, error);
    }
    return findings;
  }

  private async open({ workspace, lease }: RunOptions): Promise<OpenWorkspace> {
    return { workspace: await this.directories.ensure(workspace, lease), lease };
  }

  private async prepare(
    { request, userId }: ActiveExecution,
    open: OpenWorkspace,
    { attachmentsPending }: RunOptions,
  ): Promise<Warning[]> {
    const { messageId, chatId, fileIds, includeChatFiles } = request;
    return await this.preparation.prepare(open, {
      target: { userId, messageId, chatId, workspaceId: open.workspace.id },
      fileIds,
      includeChatFiles,
      attachmentsPending,
    });
  }

  private async takeKernel(
    execution: ActiveExecution,
    open: OpenWorkspace,
    findings: Findings,
  ): Promise<void> {
    const signal = AbortSignal.any([execution.cancellation.signal, open.lease.signal]);
    const { held, use } = await this.kernels.acquire(open.workspace, signal);
    findings.held = held;
    findings.kernel = use;
  }

  private async execute(execution: ActiveExecution, { held }: Findings): Promise<CodeEnd> {
    if (!held) throw new Error('The run has no kernel.');
    const run = new CodeRun(held.kernel, execution.request.timeoutMs);
    execution.running(run);
    return await run.execute(execution.request.code, execution.collector);
  }

  private async collect(open: OpenWorkspace, findings: Findings): Promise<GatheredFiles> {
    const gathered = await this.collection.collect(open, null);
    findings.warnings.push(...gathered.warnings);
    return gathered;
  }

  /** The manifest is unchanged: what did not fit now is found again by the next collection. */
  private tellStorageFull(findings: Findings, error: unknown): null {
    if (!(error instanceof DomainError) || error.kind !== 'storage_full') throw error;
    findings.warnings.push({ path: null, code: error.code, message: error.message });
    return null;
  }

  private noteFailure(execution: ActiveExecution, findings: Findings, error: unknown): void {
    if (execution.stopped && execution.cancellation.signal.aborted && findings.held === null) {
      findings.end = execution.stopped;
      return;
    }
    findings.failure = error instanceof Error ? error : new Error(String(error));
    const known = error instanceof DomainError;
    if (!known) this.logger.error(`Execution ${execution.id} failed.`, findings.failure.stack);
    findings.end = {
      status: 'died',
      reason: known
        ? { code: error.code, message: error.message }
        : {
            code: 'internal_error',
            message: 'The service failed while running this code; its log tells why.',
          },
    };
  }

  private keepImages(
    output: CollectedOutput,
    workspaceId: string,
    attribution: Attribution,
  ): Promise<StoredFile[]> {
    const images = output.images.map(({ mime, bytes }): DisplayImage => ({ mime, bytes }));
    return this.collection.keepImages(images, workspaceId, attribution);
  }

  private attribute({ id, userId, request }: ActiveExecution, workspaceRef: string): Attribution {
    const { messageId, chatId } = request;
    return { userId, messageId, chatId, executionId: id, workspaceRef };
  }
}

const LOST = {
  status: 'stopped' as const,
  reason: { code: 'lease_lost', message: 'Another instance of the service took this workspace over.' },
};
