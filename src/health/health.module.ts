import { Module } from '@nestjs/common';
import { ExecutionModule } from '../execution/index.js';
import { StorageModule } from '../storage/index.js';
import { WorkspacesModule } from '../workspaces/index.js';
import { FilesystemProbe } from './filesystem-probe.service.js';
import { HealthController } from './health.controller.js';
import { MetricsService } from './metrics.service.js';
import { PartsService } from './parts.service.js';

/** For probes and monitoring. */
@Module({
  imports: [ExecutionModule, StorageModule, WorkspacesModule],
  controllers: [HealthController],
  providers: [FilesystemProbe, MetricsService, PartsService],
  exports: [FilesystemProbe],
})
export class HealthModule {}
