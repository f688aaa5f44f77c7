import { Module } from '@nestjs/common';
import { FilesModule } from '../files/index.js';
import { WorkspacesModule } from '../workspaces/index.js';
import { ChatsController } from './chats.controller.js';
import { ChatsService } from './chats.service.js';

/** All that belongs to one chat, seen and removed together. */
@Module({
  imports: [FilesModule, WorkspacesModule],
  controllers: [ChatsController],
  providers: [ChatsService],
  exports: [ChatsService],
})
export class ChatsModule {}
