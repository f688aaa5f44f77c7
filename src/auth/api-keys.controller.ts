import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiPage,
  ApiProblems,
  PageQuery,
  ResourceIdParam,
  decodeCursor,
  pageOf,
  type Page,
} from '../http/index.js';
import { AdminOnly, CurrentCaller } from './access.decorators.js';
import { ApiKeyView, CreateApiKeyBody, CreatedApiKey, apiKeyView } from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';
import type { Caller } from './caller.js';
import { newApiKeyOf } from './new-api-key.js';

@ApiTags('Admin')
@AdminOnly()
@Controller('admin/api-keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Get()
  @ApiOperation({
    operationId: 'listApiKeys',
    summary: 'List the API keys',
    description: 'Newest first, revoked and expired ones too; never the keys themselves.',
  })
  @ApiPage(ApiKeyView, 'A page of keys.')
  @ApiProblems(400)
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<ApiKeyView>> {
    const rows = await this.apiKeys.list(decodeCursor(cursor), limit + 1);
    return pageOf(rows, limit, { item: apiKeyView, cursor: (row) => ({ at: row.createdAt, id: row.id }) });
  }

  @Post()
  @ApiOperation({
    operationId: 'createApiKey',
    summary: 'Make an API key',
    description:
      'A user key acts as one user. A service key belongs to a chat backend: each request names the user in ' +
      '`X-User-Id`, and acts as `namespace:id` of that user.',
  })
  @ApiCreatedResponse({ description: 'The key; it is told only here.', type: CreatedApiKey })
  @ApiProblems(400)
  async create(@CurrentCaller() caller: Caller, @Body() body: CreateApiKeyBody): Promise<CreatedApiKey> {
    const { row, key } = await this.apiKeys.create(newApiKeyOf(body, new Date()), caller.id);
    return { ...apiKeyView(row), key };
  }

  @Delete(':api_key_id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'revokeApiKey',
    summary: 'Revoke an API key',
    description:
      'The key and all tokens made with it are refused at once by this process, within ten seconds by others. ' +
      'It stays in the list.',
  })
  @ApiNoContentResponse({ description: 'Revoked, now or earlier.' })
  @ApiProblems(404)
  async revoke(@ResourceIdParam('api_key_id', 'api_key') id: string): Promise<void> {
    await this.apiKeys.revoke(id);
  }
}
