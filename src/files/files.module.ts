import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StorageModule } from '../storage/index.js';
import { WorkspacesModule } from '../workspaces/index.js';
import { AttachmentsController } from './attachments.controller.js';
import { AttachmentsService } from './attachments.service.js';
import { CollectionService } from './collection.service.js';
import { StoredFile } from './file.entity.js';
import { FilesController } from './files.controller.js';
import { FilesService } from './files.service.js';
import { LinksService } from './links.service.js';
import { PlacementService } from './placement.service.js';
import { PreparationService } from './preparation.service.js';
import { PromptController } from './prompt.controller.js';
import { PromptService } from './prompt.service.js';
import { QuotasService } from './quotas.service.js';
import { RestoreService } from './restore.service.js';
import { FilesRetentionJob } from './files-retention.job.js';

/** File rows: attaching, preparing, collecting, listing, and the prompt that tells a model of them. */
@Module({
  imports: [TypeOrmModule.forFeature([StoredFile]), StorageModule, WorkspacesModule],
  controllers: [AttachmentsController, FilesController, PromptController],
  providers: [
    AttachmentsService,
    CollectionService,
    FilesRetentionJob,
    FilesService,
    LinksService,
    PlacementService,
    PreparationService,
    PromptService,
    QuotasService,
    RestoreService,
  ],
  exports: [AttachmentsService, CollectionService, FilesService, LinksService, PreparationService],
})
export class FilesModule {}
