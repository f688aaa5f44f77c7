import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LeasesService, Workspace } from '../../workspaces/index.js';
import { DispatcherService } from '../run/dispatcher.service.js';
import { KernelEndingService } from './kernel-ending.service.js';

/** A fresh kernel on request: what runs is interrupted and collected first. */
@Injectable()
export class RestartService {
  constructor(
    private readonly dispatcher: DispatcherService,
    private readonly leases: LeasesService,
    private readonly kernels: KernelEndingService,
  ) {}

  async restart({ id }: Workspace): Promise<void> {
    this.dispatcher.interruptIn(id, { queued: false });
    const leased = await this.leases.acquire(id, { holder: randomUUID() });
    await this.leases.using(leased, async ({ workspace, lease }) => {
      await this.kernels.close(workspace, lease, { keepFiles: true });
      await this.leases.transact(lease, (manager) => manager.update(Workspace, { id }, { kernelId: null }));
    });
  }
}
