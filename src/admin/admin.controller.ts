import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { AdminOnly, isUserId } from '../auth/index.js';
import { NotFoundError } from '../errors/index.js';
import { KernelsService } from '../execution/index.js';
import { ApiProblems, externalIdSchema } from '../http/index.js';
import { RetentionService, WorkspaceViews } from '../workspaces/index.js';
import { CleanupBody, CleanupDto, KernelsDto, StatsDto } from './admin.dto.js';
import { StatsService } from './stats.service.js';
import { UserDataService } from './user-data.service.js';
import { viewForAdmin } from './workspace-view.js';

@ApiTags('Admin')
@AdminOnly()
@Controller('admin')
export class AdminController {
  constructor(
    private readonly stats: StatsService,
    private readonly kernels: KernelsService,
    private readonly retention: RetentionService,
    private readonly views: WorkspaceViews,
    private readonly userData: UserDataService,
  ) {}

  @Get('stats')
  @ApiOperation({ operationId: 'getStats', summary: 'Statistics', description: 'The service at a glance.' })
  @ApiOkResponse({ description: 'Counts and bytes.', type: StatsDto })
  async getStats(): Promise<StatsDto> {
    return await this.stats.read();
  }

  @Get('kernels')
  @ApiOperation({
    operationId: 'listKernels',
    summary: 'List kernels',
    description: 'Those of this process.',
  })
  @ApiOkResponse({ description: 'Live kernels.', type: KernelsDto })
  listKernels(): KernelsDto {
    const now = performance.now();
    return {
      items: this.kernels.list().map(({ kernel, directory, busy, lastUsed }) => ({
        id: kernel.id,
        directory,
        state: busy ? 'busy' : 'idle',
        idle_seconds: busy ? 0 : Math.round((now - lastUsed) / 100) / 10,
      })),
    };
  }

  @Post('cleanup')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'cleanUp',
    summary: 'Clean up now',
    description:
      'Closes workspaces unused for longer than the retention and answers when it is done. Stored files stay; the ' +
      'next run of a message restores its workspace.',
  })
  @ApiOkResponse({ description: 'What was closed, or with `dry_run` would be.', type: CleanupDto })
  @ApiProblems(400)
  async cleanUp(@Body() { dry_run: dryRun = false }: CleanupBody): Promise<CleanupDto> {
    const { workspaces, bytes } = await (dryRun ? this.retention.preview() : this.retention.run());
    return { dry_run: dryRun, workspaces: workspaces.map((row) => viewForAdmin(this.views, row)), bytes };
  }

  @Delete('users/:user_id/data')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteUserData',
    summary: "Delete a user's data",
    description:
      'Workspaces, kernels, files and executions; what runs is stopped. A user without data has none.',
  })
  @ApiParam({
    name: 'user_id',
    schema: { type: 'string', minLength: 1, maxLength: 1024, pattern: externalIdSchema.pattern },
    description: 'The full id, as `GET /me` shows it; `namespace:id` for a user of a service.',
    example: 'alice',
  })
  @ApiNoContentResponse({ description: 'Nothing of it is left.' })
  @ApiProblems(404)
  async deleteUserData(@Param('user_id') userId: unknown): Promise<void> {
    if (!isUserId(userId)) throw new NotFoundError('user', String(userId).slice(0, 64));
    await this.userData.delete(userId);
  }
}
