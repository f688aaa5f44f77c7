import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, LessThan, type Repository } from 'typeorm';
import { AppConfig, timerMs } from '../config/index.js';
import { DomainError, NotFoundError } from '../errors/index.js';
import { FilesService, LinksService } from '../files/index.js';
import { decodeCursor, type PageQuery } from '../http/index.js';
import type { Checkpoint } from './events/live-output.js';
import { viewExecution } from './execution-view.js';
import type { ExecutionDto } from './execution.dto.js';
import { Execution, type ExecutionStatus } from './execution.entity.js';
import { decodeRecord, EMPTY_RECORD, makeRecord, type ExecutionRecord } from './run/execution-record.js';
import { DispatcherService } from './run/dispatcher.service.js';

const FINAL_POLL_MS = 500;
const DAY_MS = 86_400_000;

export interface ExecutionFilter {
  messageId?: string;
  chatId?: string;
  status?: ExecutionStatus;
}

/** What executions there are and how far they are; also asks them to stop. */
@Injectable()
export class ExecutionsService {
  constructor(
    @InjectRepository(Execution) private readonly executions: Repository<Execution>,
    private readonly dispatcher: DispatcherService,
    private readonly files: FilesService,
    private readonly links: LinksService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** @throws NotFoundError */
  async get(userId: string, id: string): Promise<Execution> {
    const execution = await this.executions.findOneBy({ id, userId });
    if (!execution) throw new NotFoundError('execution', id);
    return execution;
  }

  /** Newest first, one row more than the page holds. */
  list(where: { userId?: string } & ExecutionFilter, query: PageQuery): Promise<Execution[]> {
    const after = decodeCursor(query.cursor);
    const select = this.executions
      .createQueryBuilder('e')
      .where('TRUE')
      .orderBy('e.createdAt', 'DESC')
      .addOrderBy('e.id', 'DESC')
      .limit(query.limit + 1);
    if (where.userId !== undefined) select.andWhere('e.userId = :userId', where);
    if (where.messageId !== undefined) select.andWhere('e.messageId = :messageId', where);
    if (where.chatId !== undefined) select.andWhere('e.chatId = :chatId', where);
    if (where.status !== undefined) select.andWhere('e.status = :status', where);
    if (after) select.andWhere('(e.createdAt, e.id) < (:at::timestamptz, :id::uuid)', after);
    return select.getMany();
  }

  /** Executions as clients see them, with their files; `linkSeconds` adds signed links. */
  async view(executions: readonly Execution[], linkSeconds?: number): Promise<ExecutionDto[]> {
    const ids = executions.map((execution) => execution.id);
    const files = await this.files.ofExecutions(ids, false);
    const images = linkSeconds === undefined ? null : await this.files.ofExecutions(ids, true);
    const link = this.links.maker(linkSeconds);
    return await Promise.all(
      executions.map(async (execution) =>
        viewExecution(
          execution,
          await this.record(execution),
          files.get(execution.id) ?? [],
          images?.get(execution.id) ?? [],
          link,
        ),
      ),
    );
  }

  async viewOne(execution: Execution, linkSeconds?: number): Promise<ExecutionDto> {
    const [view] = await this.view([execution], linkSeconds);
    if (!view) throw new Error('An execution has no view.');
    return view;
  }

  /** An execution of this process at a checkpoint of its output. */
  async viewAt(execution: Execution, checkpoint: Checkpoint, linkSeconds?: number): Promise<ExecutionDto> {
    const link = this.links.maker(linkSeconds);
    const images = (await this.files.ofExecutions([execution.id], true)).get(execution.id) ?? [];
    return viewExecution(execution, recordSoFar(checkpoint), [], images, link);
  }

  /** Waits until the execution is final, whichever process runs it. */
  async viewFinal(userId: string, id: string, linkSeconds?: number): Promise<ExecutionDto> {
    const active = this.dispatcher.active(id);
    await active?.done;
    // What this process stored just now need not be read again.
    if (active?.outcome === undefined || active.userId !== userId)
      return await this.viewOne(await this.final(userId, id), linkSeconds);
    const { execution, record, files, images } = active.outcome;
    return viewExecution(execution, record, files, images, this.links.maker(linkSeconds));
  }

  private async final(userId: string, id: string): Promise<Execution> {
    for (;;) {
      const execution = await this.get(userId, id);
      if (isFinal(execution.status)) return execution;
      await new Promise((resolve) => setTimeout(resolve, FINAL_POLL_MS));
    }
  }

  /** Removes executions past their retention; files stay. Returns how many there were. */
  async removeExpired(): Promise<number> {
    const before = new Date(Date.now() - this.config.execution.retentionDays * DAY_MS);
    const { affected } = await this.executions.delete({ finishedAt: LessThan(before) });
    return affected ?? 0;
  }

  /** The time the code may run. @throws DomainError naming `timeout` when it is more than allowed */
  timeoutMs(seconds: number | undefined): number {
    const { timeoutSeconds, maxTimeoutSeconds } = this.config.execution;
    if (seconds === undefined) return timerMs(Math.min(timeoutSeconds, maxTimeoutSeconds));
    if (seconds <= maxTimeoutSeconds) return timerMs(seconds);
    const message = `timeout must be at most ${String(maxTimeoutSeconds)} seconds.`;
    throw new DomainError('invalid', 'validation_failed', message, {
      details: { errors: [{ field: 'timeout', message }] },
    });
  }

  countOpen(): Promise<number> {
    return this.executions.countBy({ status: In(['queued', 'running']) });
  }

  /** What is stored, or for a run of this process what it showed so far. */
  private async record(execution: Execution): Promise<ExecutionRecord> {
    if (execution.output !== null) return await decodeRecord(execution.output);
    const active = this.dispatcher.active(execution.id);
    return active ? recordSoFar(await active.checkpoint()) : EMPTY_RECORD;
  }
}

/** An execution that is not final: its output up to a checkpoint, no files yet. */
function recordSoFar({ output, imageIds }: Checkpoint): ExecutionRecord {
  return makeRecord({ output, imageIds, files: 0, deleted: [], warnings: [] });
}

export function isFinal(status: ExecutionStatus): boolean {
  return status !== 'queued' && status !== 'running';
}
