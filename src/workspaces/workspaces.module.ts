import { join } from 'node:path';
import { Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppConfig } from '../config/index.js';
import { WorkspaceContent } from './content/index.js';
import { ClosingService } from './closing.service.js';
import { DirectoriesService } from './directories.service.js';
import { LeasesService } from './leases.service.js';
import { ManifestService } from './manifest.service.js';
import { OrphanedDirectoriesService } from './orphaned-directories.service.js';
import { RetentionJob } from './retention.job.js';
import { RetentionService } from './retention.service.js';
import { WorkspaceAttachment } from './workspace-attachment.entity.js';
import { WorkspaceEntry } from './workspace-entry.entity.js';
import { WorkspaceLifecycle } from './workspace-lifecycle.js';
import { WorkspaceViews } from './workspace-views.service.js';
import { Workspace } from './workspace.entity.js';
import { WorkspacesController } from './workspaces.controller.js';
import { WorkspacesService } from './workspaces.service.js';

async function startContent({ data, engine }: AppConfig): Promise<WorkspaceContent> {
  const logger = new Logger(WorkspaceContent.name);
  const content = new WorkspaceContent({
    python: join(engine.pythonEnvironment, 'bin', 'python'),
    workspacesRoot: join(data.dir, 'workspaces'),
    stagingRoot: join(data.dir, 'staging'),
    trashRoot: join(data.dir, 'trash'),
    log: (text) => {
      logger.warn(text.trimEnd());
    },
  });
  await content.start();
  return content;
}

/** Workspaces: their rows, leases, manifests, retention, and all access to their content. */
@Module({
  imports: [TypeOrmModule.forFeature([Workspace, WorkspaceEntry, WorkspaceAttachment]), ScheduleModule],
  controllers: [WorkspacesController],
  providers: [
    { provide: WorkspaceContent, inject: [AppConfig], useFactory: startContent },
    ClosingService,
    DirectoriesService,
    LeasesService,
    ManifestService,
    OrphanedDirectoriesService,
    RetentionJob,
    RetentionService,
    WorkspaceLifecycle,
    WorkspaceViews,
    WorkspacesService,
  ],
  exports: [
    WorkspaceContent,
    ClosingService,
    DirectoriesService,
    LeasesService,
    ManifestService,
    OrphanedDirectoriesService,
    RetentionService,
    WorkspaceLifecycle,
    WorkspaceViews,
    WorkspacesService,
  ],
})
export class WorkspacesModule implements OnApplicationShutdown {
  constructor(private readonly content: WorkspaceContent) {}

  async onApplicationShutdown(): Promise<void> {
    await this.content.stop();
  }
}
