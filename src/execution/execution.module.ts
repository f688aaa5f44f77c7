import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppConfig } from '../config/index.js';
import { FilesModule } from '../files/index.js';
import { LibrariesService } from '../libraries/index.js';
import { WorkspacesModule } from '../workspaces/index.js';
import { CopyController } from './copy/copy.controller.js';
import { CopyService } from './copy/copy.service.js';
import { Engine } from './engine/index.js';
import { Execution } from './execution.entity.js';
import { StreamsService } from './events/streams.service.js';
import { ExecutionsController } from './executions.controller.js';
import { ExecutionsService } from './executions.service.js';
import { KernelCullingService } from './kernels/kernel-culling.service.js';
import { KernelEndingService } from './kernels/kernel-ending.service.js';
import { KernelMemory } from './kernels/kernel-memory.service.js';
import { KernelRegistry } from './kernels/kernel-registry.js';
import { KernelStarter } from './kernels/kernel-starter.service.js';
import { KernelsService } from './kernels/kernels.service.js';
import { ReadyKernels } from './kernels/ready-kernels.service.js';
import { LateCollectionService } from './kernels/late-collection.service.js';
import { RestartController } from './kernels/restart.controller.js';
import { RestartService } from './kernels/restart.service.js';
import { LimitsService } from './limits.service.js';
import { RelayService } from './relay/relay.service.js';
import { ExecutionRetentionJob } from './run/execution-retention.job.js';
import { CompletionService } from './run/completion.service.js';
import { DispatcherService } from './run/dispatcher.service.js';
import { IntakeService } from './run/intake.service.js';
import { LifecycleHooksService } from './run/lifecycle-hooks.service.js';
import { QueueService } from './run/queue.service.js';
import { RecoveryService } from './run/recovery.service.js';
import { RunLimitsService } from './run/run-limits.service.js';
import { RunnerService } from './run/runner.service.js';
import { StopRequestsService } from './run/stop-requests.service.js';
import { StrandedRunsService } from './run/stranded-runs.service.js';
import { SubmissionService } from './submission.service.js';

/** Running code: executions, kernels, engines. */
@Module({
  imports: [TypeOrmModule.forFeature([Execution]), WorkspacesModule, FilesModule],
  controllers: [ExecutionsController, RestartController, CopyController],
  providers: [
    CompletionService,
    CopyService,
    DispatcherService,
    ExecutionRetentionJob,
    ExecutionsService,
    IntakeService,
    KernelCullingService,
    KernelEndingService,
    KernelMemory,
    KernelRegistry,
    KernelStarter,
    KernelsService,
    LateCollectionService,
    LifecycleHooksService,
    LimitsService,
    QueueService,
    ReadyKernels,
    RecoveryService,
    RelayService,
    RestartService,
    RunLimitsService,
    RunnerService,
    StopRequestsService,
    StrandedRunsService,
    StreamsService,
    SubmissionService,
  ],
  exports: [DispatcherService, ExecutionsService, KernelsService, LimitsService, RecoveryService],
})
export class ExecutionModule implements OnApplicationShutdown {
  constructor(
    private readonly engine: Engine,
    libraries: LibrariesService,
    @Inject(AppConfig) config: AppConfig,
  ) {
    if (config.engine.jupyterUrl !== null) libraries.askEngine(async () => await engine.libraries());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.stop();
  }
}
