import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { InstanceService } from '../../instance/index.js';
import { Execution } from '../execution.entity.js';

/** The queue of executions as the database keeps it: per workspace, in order of arrival, across processes. */
@Injectable()
export class QueueService {
  constructor(
    @InjectRepository(Execution) private readonly executions: Repository<Execution>,
    private readonly instance: InstanceService,
  ) {}

  /** Whether nobody else waits before it in its workspace. */
  async isNext(executionId: string, workspaceId: string): Promise<boolean> {
    const [first] = await this.executions.query<[{ id: string }?]>(
      `SELECT id FROM executions WHERE workspace_id = $1 AND status = 'queued' ORDER BY seq LIMIT 1`,
      [workspaceId],
    );
    return first?.id === executionId;
  }

  async markRunning(executionId: string): Promise<void> {
    await this.executions.query(
      `UPDATE executions SET status = 'running', started_at = now(), owner_id = $2 WHERE id = $1`,
      [executionId, this.instance.id],
    );
  }

  /** Ends an execution that was stopped while it waited. */
  async interrupt(executionId: string): Promise<void> {
    await this.executions.query(
      `UPDATE executions SET status = 'interrupted', finished_at = now() WHERE id = $1 AND status = 'queued'`,
      [executionId],
    );
  }

  /** Takes over what instances that are gone had queued, with the requests. */
  async adopt(): Promise<Execution[]> {
    const adopted = await this.executions.query<{ id: string }[]>(
      `WITH adopted AS (
         UPDATE executions SET owner_id = $1
          WHERE status = 'queued' AND owner_id <> $1 AND ${this.instance.deadCondition('owner_id')}
         RETURNING id)
       SELECT id FROM adopted`,
      [this.instance.id],
    );
    if (adopted.length === 0) return [];
    return await this.executions
      .createQueryBuilder('e')
      .addSelect('e.request')
      .where('e.id IN (:...ids)', { ids: adopted.map(({ id }) => id) })
      .orderBy('e.seq')
      .getMany();
  }

  /** Workspaces with an execution that runs although the lease's time ran out. */
  async strandedWorkspaces(): Promise<string[]> {
    const rows = await this.executions.query<{ workspace_id: string }[]>(
      `SELECT DISTINCT e.workspace_id FROM executions e JOIN workspaces w ON w.id = e.workspace_id
        WHERE e.status = 'running' AND w.lease_expires_at < now()`,
    );
    return rows.map((row) => row.workspace_id);
  }
}
