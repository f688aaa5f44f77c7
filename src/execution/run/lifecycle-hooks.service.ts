import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import {
  WorkspaceLifecycle,
  type Lease,
  type Workspace,
  type WorkspaceLifecycleHooks,
} from '../../workspaces/index.js';
import { Execution } from '../execution.entity.js';
import { KernelEndingService } from '../kernels/kernel-ending.service.js';
import { StopRequestsService } from './stop-requests.service.js';
import { StrandedRunsService } from './stranded-runs.service.js';

/** What executions and kernels do at the turning points of a workspace. */
@Injectable()
export class LifecycleHooksService implements OnModuleInit, WorkspaceLifecycleHooks {
  constructor(
    @InjectRepository(Execution) private readonly executions: Repository<Execution>,
    private readonly lifecycle: WorkspaceLifecycle,
    private readonly kernels: KernelEndingService,
    private readonly stops: StopRequestsService,
    private readonly stranded: StrandedRunsService,
  ) {}

  onModuleInit(): void {
    this.lifecycle.register(this);
  }

  async recover(workspace: Workspace, lease: Lease): Promise<void> {
    await this.stranded.recover(workspace, lease);
  }

  async interrupt(workspaceId: string): Promise<void> {
    await this.stops.inWorkspace(workspaceId, { queued: true });
  }

  async close(workspace: Workspace, lease: Lease, options: { keepFiles: boolean }): Promise<void> {
    await this.kernels.close(workspace, lease, options);
  }

  /** Executions and files of a message name its chat; either may be there without the other. */
  async chatOfMessage(userId: string, messageId: string): Promise<string | null> {
    const [row] = await this.executions.query<[{ chat_id: string }?]>(
      `SELECT chat_id FROM (
         SELECT chat_id, created_at FROM executions
          WHERE user_id = $1 AND message_id = $2 AND chat_id IS NOT NULL
         UNION ALL
         SELECT chat_id, created_at FROM files WHERE user_id = $1 AND message_id = $2 AND chat_id IS NOT NULL
       ) AS mentions ORDER BY created_at DESC LIMIT 1`,
      [userId, messageId],
    );
    return row?.chat_id ?? null;
  }
}
