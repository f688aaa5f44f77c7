import { Module } from '@nestjs/common';
import { ExecutionModule } from '../execution/index.js';
import { FilesModule } from '../files/index.js';
import { WorkspacesModule } from '../workspaces/index.js';
import { AdminController } from './admin.controller.js';
import { AdminListsController } from './admin-lists.controller.js';
import { StatsService } from './stats.service.js';
import { UserDataService } from './user-data.service.js';

/** For admins: across users, and the service itself. */
@Module({
  imports: [ExecutionModule, FilesModule, WorkspacesModule],
  controllers: [AdminController, AdminListsController],
  providers: [StatsService, UserDataService],
})
export class AdminModule {}
