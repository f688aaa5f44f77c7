import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../auth/index.js';
import { AppConfig } from '../config/index.js';
import { FilesService } from '../files/index.js';
import { LibrariesService } from '../libraries/index.js';
import { AccountDto, type LimitsDto } from './account.dto.js';

@ApiTags('Account')
@Controller('me')
export class AccountController {
  constructor(
    private readonly files: FilesService,
    private readonly libraries: LibrariesService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getAccount',
    summary: 'Show the caller',
    description: 'Id, role, limits, usage, and the Python libraries there are.',
  })
  @ApiOkResponse({ description: 'The caller.', type: AccountDto })
  async get(@CurrentCaller() { id, role }: Caller): Promise<AccountDto> {
    return {
      id,
      role,
      limits: limitsOf(this.config),
      usage: await this.files.usage(id),
      libraries: await this.libraries.list(),
    };
  }
}

function limitsOf({ execution, files, workspaces }: AppConfig): LimitsDto {
  return {
    execution_timeout_seconds: execution.timeoutSeconds,
    max_execution_timeout_seconds: execution.maxTimeoutSeconds,
    max_upload_bytes: files.maxUploadBytes,
    max_generated_file_bytes: files.maxGeneratedFileBytes,
    max_files_per_execution: files.maxFilesPerExecution,
    workspace_max_bytes: workspaces.maxBytes,
    workspace_max_files: workspaces.maxFiles,
    workspace_retention_days: workspaces.retentionDays,
    max_output_bytes: execution.maxOutputBytes,
    rate_limit_per_minute: execution.rateLimitPerMinute,
    max_concurrent_executions: execution.maxConcurrentPerUser,
  };
}
