import { Controller, Delete, Get, HttpCode, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../auth/index.js';
import { ApiPage, ApiProblems, ExternalIdParam, PageQuery, pageOf, type Page } from '../http/index.js';
import { ChatDto } from './chats.dto.js';
import { ChatsService } from './chats.service.js';

@ApiTags('Chats')
@Controller('chats')
export class ChatsController {
  constructor(private readonly chats: ChatsService) {}

  @Get()
  @ApiOperation({
    operationId: 'listChats',
    summary: 'List chats',
    description: "The caller's chats with counts, last used first.",
  })
  @ApiPage(ChatDto, 'A page of chats.')
  @ApiProblems(400)
  async list(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<Page<ChatDto>> {
    const rows = await this.chats.list(caller.id, query);
    return pageOf(rows, query.limit, {
      item: ({ chatId, lastUsedAt, ...counts }) => ({
        chat_id: chatId,
        ...counts,
        last_used_at: lastUsedAt.toISOString(),
      }),
      cursor: (row) => ({ at: row.lastUsedAt, id: row.chatId }),
    });
  }

  @Delete(':chat_id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteChat',
    summary: 'Delete a chat',
    description:
      'Stops what runs in it and removes its workspaces, kernels, executions and files, attached and generated.',
  })
  @ApiNoContentResponse({ description: 'Nothing of it is left.' })
  @ApiProblems(400)
  async delete(@CurrentCaller() caller: Caller, @ExternalIdParam('chat_id') chatId: string): Promise<void> {
    await this.chats.delete(caller.id, chatId);
  }
}
