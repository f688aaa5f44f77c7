import { Module } from '@nestjs/common';
import { ExecutionModule } from '../execution/index.js';
import { FilesModule } from '../files/index.js';
import { WorkspacesModule } from '../workspaces/index.js';
import { AdminController } from './admin.controller.js';
import { AdminService } from './admin.service.js';

/** For admins: across users, and the service itself. */
@Module({
  imports: [ExecutionModule, FilesModule, WorkspacesModule],
  controllers: [AdminController],
  providers: [AdminService],
})
export class AdminModule {}
