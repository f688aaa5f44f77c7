import { ApiProperty } from '@nestjs/swagger';

export class LimitsDto {
  @ApiProperty({ type: Number, description: 'Seconds that code may run when the request names none.' })
  execution_timeout_seconds: number;

  @ApiProperty({ type: Number, description: 'Most seconds that a request may ask for.' })
  max_execution_timeout_seconds: number;

  @ApiProperty({ type: 'integer', description: 'Bytes of one attached file.' })
  max_upload_bytes: number;

  @ApiProperty({ type: 'integer', description: 'Bytes of one generated file that is kept.' })
  max_generated_file_bytes: number;

  @ApiProperty({ type: 'integer' })
  max_files_per_execution: number;

  @ApiProperty({ type: 'integer', description: 'Bytes of a workspace.' })
  workspace_max_bytes: number;

  @ApiProperty({ type: 'integer', description: 'Files of a workspace.' })
  workspace_max_files: number;

  @ApiProperty({ type: Number, description: 'Days without use after which a workspace is closed.' })
  workspace_retention_days: number;

  @ApiProperty({ type: 'integer', description: 'Bytes kept of each of stdout, stderr and result.' })
  max_output_bytes: number;

  @ApiProperty({ type: 'integer', description: 'Executions and uploads a minute.' })
  rate_limit_per_minute: number;

  @ApiProperty({ type: 'integer', description: 'Executions at a time; more wait.' })
  max_concurrent_executions: number;
}

export class UsageDto {
  @ApiProperty({ type: 'integer', description: 'File rows, all versions.' })
  files: number;

  @ApiProperty({ type: 'integer', description: 'Bytes of those files.' })
  bytes: number;
}

export class LibraryDto {
  @ApiProperty({ example: 'pandas' })
  name: string;

  @ApiProperty({ example: '3.0.1' })
  version: string;
}

/** Who the caller is to this service, and what they can do and have used. */
export class AccountDto {
  @ApiProperty({ example: 'local' })
  id: string;

  @ApiProperty({ enum: ['user', 'admin'] })
  role: 'user' | 'admin';

  @ApiProperty({ type: LimitsDto })
  limits: LimitsDto;

  @ApiProperty({ type: UsageDto })
  usage: UsageDto;

  @ApiProperty({
    type: [LibraryDto],
    description: 'Python libraries that code can import; an admin adds more.',
  })
  libraries: LibraryDto[];
}
