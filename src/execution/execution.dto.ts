import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsNumber,
  IsPositive,
  IsUUID,
  ValidateBy,
} from 'class-validator';
import { FileDto, LinkSeconds, LinkSecondsQuery } from '../files/index.js';
import { externalIdSchema, IsExternalId, Optional, PageQuery } from '../http/index.js';
import { EXECUTION_STATUSES, type ExecutionStatus, type KernelUse } from './execution.entity.js';

const MAX_CODE_BYTES = 1024 ** 2;

/** Text of at most 1 MiB in UTF-8; lone surrogates are Python's to judge. */
function IsCode(): PropertyDecorator {
  return ValidateBy({
    name: 'isCode',
    validator: {
      validate: (value) => typeof value === 'string' && Buffer.byteLength(value) <= MAX_CODE_BYTES,
      defaultMessage: () => '$property must be text of at most 1 MiB',
    },
  });
}

export class ExecuteBody {
  @ApiProperty({
    description: 'Python, at most 1 MiB.',
    example: "import pandas as pd\npd.DataFrame({'a': [1, 2]}).to_csv('out.csv', index=False)\nprint(1)",
  })
  @IsCode()
  code: string;

  @ApiPropertyOptional({
    ...externalIdSchema,
    description: 'The message the code was written for; names its workspace.',
    example: 'msg-1',
  })
  @Optional()
  @IsExternalId()
  message_id?: string;

  @ApiPropertyOptional({ ...externalIdSchema, description: 'The chat of that message.', example: 'chat-1' })
  @Optional()
  @IsExternalId()
  chat_id?: string;

  @ApiPropertyOptional({
    type: [String],
    format: 'uuid',
    maxItems: 200,
    description: 'Files of the caller to attach to the message before the code runs.',
    // Else Swagger UI makes an id up, and the first request of whoever tries it is a 404.
    example: [],
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsUUID(undefined, { each: true })
  file_ids?: string[];

  @ApiPropertyOptional({
    type: Number,
    minimum: 0,
    exclusiveMinimum: true,
    description: 'Seconds that the code may run, counted from when its kernel takes it up.',
    example: 60,
  })
  @Optional()
  @IsNumber({ allowNaN: false, allowInfinity: false }, { message: '$property must be a number of seconds' })
  @IsPositive()
  timeout?: number;

  @ApiPropertyOptional({
    description: 'Attach the latest version of each file of the chat first (at most 100 files or 1 GiB).',
    default: false,
  })
  @Optional()
  @IsBoolean()
  include_chat_files?: boolean;

  @LinkSeconds()
  links?: number;
}

export class ExecutionsQuery extends PageQuery {
  @ApiPropertyOptional({ ...externalIdSchema, description: 'Only those of this message.' })
  @Optional()
  @IsExternalId()
  message_id?: string;

  @ApiPropertyOptional({ ...externalIdSchema, description: 'Only those of this chat.' })
  @Optional()
  @IsExternalId()
  chat_id?: string;

  @ApiPropertyOptional({ enum: EXECUTION_STATUSES, description: 'Only those in this status.' })
  @Optional()
  @IsIn(EXECUTION_STATUSES)
  status?: ExecutionStatus;

  @LinkSecondsQuery()
  links?: number;
}

export class ExecutionLinksQuery {
  @LinkSecondsQuery()
  links?: number;
}

export class ReasonDto {
  @ApiProperty({ example: 'exited' })
  code: string;

  @ApiProperty({ example: 'The kernel process ended by itself.' })
  message: string;
}

/** One thing the code displayed. */
export class OutputDto {
  @ApiProperty({ enum: ['display_data', 'execute_result'] })
  type: 'display_data' | 'execute_result';

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'MIME type → text or JSON. Images are files: see `file_id`.',
    example: { 'text/plain': '<Figure size 640x480 with 1 Axes>' },
  })
  data: Record<string, unknown>;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The stored image.' })
  file_id: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Signed URL of the image, with `links`.' })
  link: string | null;
}

export class PythonErrorDto {
  @ApiProperty({ example: 'ValueError' })
  name: string;

  @ApiProperty({ example: 'invalid literal for int()' })
  value: string;

  @ApiProperty({ type: [String], description: 'Plain text, an entry a frame.' })
  traceback: string[];
}

export class WarningDto {
  @ApiProperty({ type: String, nullable: true, example: '/mnt/data/out.csv' })
  path: string | null;

  @ApiProperty({ example: 'symlink' })
  code: string;

  @ApiProperty({ example: 'is a symbolic link; links are not followed' })
  message: string;
}

export class TotalsDto {
  @ApiProperty({ type: 'integer' })
  files: number;

  @ApiProperty({ type: 'integer' })
  deleted: number;

  @ApiProperty({ type: 'integer' })
  warnings: number;

  @ApiProperty({ type: 'integer' })
  outputs: number;
}

export class TimingsDto {
  @ApiProperty({ type: 'integer' })
  queue: number;

  @ApiProperty({ type: 'integer' })
  prepare: number;

  @ApiProperty({ type: 'integer' })
  kernel: number;

  @ApiProperty({ type: 'integer' })
  run: number;

  @ApiProperty({ type: 'integer' })
  collect: number;
}

/** One run of one piece of code, as far as it is. Lists hold at most 200 entries, `outputs` 100. */
export class ExecutionDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'msg-1' })
  workspace_id: string;

  @ApiProperty({ type: String, nullable: true, example: 'msg-1' })
  message_id: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'chat-1' })
  chat_id: string | null;

  @ApiProperty({ enum: EXECUTION_STATUSES })
  status: ExecutionStatus;

  @ApiProperty({ type: ReasonDto, nullable: true, description: 'Why it `died` or was `stopped`.' })
  reason: ReasonDto | null;

  @ApiProperty({
    enum: ['new', 'kept', 'restarted'],
    nullable: true,
    description:
      '`restarted`: there was state of earlier runs, and it is lost. Null before there is a kernel.',
  })
  kernel: KernelUse | null;

  @ApiProperty({ example: '1\n' })
  stdout: string;

  @ApiProperty({ example: '' })
  stderr: string;

  @ApiProperty({ description: '`text/plain` of the last expression and of text displays.', example: '' })
  result: string;

  @ApiProperty({ type: [OutputDto] })
  outputs: OutputDto[];

  @ApiProperty({ type: PythonErrorDto, nullable: true })
  error: PythonErrorDto | null;

  @ApiProperty({ type: [FileDto], description: 'What the code created and modified.' })
  files: FileDto[];

  @ApiProperty({ type: [String], description: 'What it deleted.', example: ['/mnt/data/old.csv'] })
  deleted: string[];

  @ApiProperty({ type: [WarningDto], description: 'What was left out, and why.' })
  warnings: WarningDto[];

  @ApiProperty({ type: TotalsDto })
  totals: TotalsDto;

  @ApiProperty({ description: 'Output was left out of stdout, stderr, result or outputs.' })
  truncated: boolean;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  started_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 41 })
  duration_ms: number | null;

  @ApiProperty({ type: TimingsDto, nullable: true })
  timings_ms: TimingsDto | null;
}
