import { Module } from '@nestjs/common';
import { FilesModule } from '../files/index.js';
import { StorageModule } from '../storage/index.js';
import { ArchivesService } from './archives.service.js';
import { ContentController } from './content.controller.js';
import { FileLinksController } from './file-links.controller.js';
import { GeneratedFilesController } from './generated-files.controller.js';
import { GeneratedFilesService } from './generated-files.service.js';
import { ModelLinksService } from './model-links.service.js';
import { SharedFilesController } from './shared-files.controller.js';
import { SharedFilesService } from './shared-files.service.js';

/** Bytes of files, by message, by chat and by link. */
@Module({
  imports: [FilesModule, StorageModule],
  controllers: [ContentController, GeneratedFilesController, FileLinksController, SharedFilesController],
  providers: [ArchivesService, GeneratedFilesService, ModelLinksService, SharedFilesService],
})
export class DownloadsModule {}
