import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LeasesService, type Workspace } from '../../workspaces/index.js';
import { StopRequestsService } from '../run/stop-requests.service.js';
import { KernelEndingService } from './kernel-ending.service.js';

/** A fresh kernel on request: what runs is interrupted and collected first. */
@Injectable()
export class RestartService {
  constructor(
    private readonly stops: StopRequestsService,
    private readonly leases: LeasesService,
    private readonly kernels: KernelEndingService,
  ) {}

  async restart({ id }: Workspace): Promise<void> {
    await this.stops.inWorkspace(id, { queued: false });
    const leased = await this.leases.acquire(id, { holder: randomUUID() });
    await this.leases.changing(leased, async ({ workspace, lease }) => {
      await this.kernels.close(workspace, lease, { keepFiles: true });
      return { kernelId: null };
    });
  }
}
