import { ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { FileDto, LinkSecondsQuery, MAX_LINK_SECONDS } from '../files/index.js';
import { Optional } from '../http/index.js';
import type { Disposition } from './content-response.js';

/** Every byte of the longest path percent-encoded, and what a scheme adds. */
const MAX_LINK_LENGTH = 3 * 4096 + 64;
const SWITCH = ['true', 'false'] as const;

export class ArchiveQuery {
  @ApiPropertyOptional({
    enum: SWITCH,
    default: 'false',
    description: '`true`: images that were only displayed, too.',
  })
  @Optional()
  @IsIn(SWITCH)
  display?: (typeof SWITCH)[number];
}

export class GeneratedFilesQuery extends ArchiveQuery {
  @LinkSecondsQuery()
  links?: number;
}

export class ContentQuery {
  @ApiPropertyOptional({
    enum: ['attachment', 'inline'],
    default: 'attachment',
    description: '`inline` shows PNG, JPEG, GIF, WebP and plain text in the browser; others stay downloads.',
  })
  @Optional()
  @IsIn(['attachment', 'inline'])
  disposition?: Disposition;
}

export class ResolveQuery {
  @ApiProperty({
    description: 'The link as the model wrote it, or the path in it.',
    minLength: 1,
    maxLength: MAX_LINK_LENGTH,
    example: 'sandbox:/mnt/data/report.xlsx',
  })
  @IsString()
  @Length(1, MAX_LINK_LENGTH)
  path: string;

  @ApiPropertyOptional({
    enum: ['1', '0', ...SWITCH],
    default: '0',
    description: '`1`: answers 302 to a signed link of the file, valid for `links` seconds, else an hour.',
  })
  @Optional()
  @IsIn(['1', '0', ...SWITCH])
  redirect?: string;

  @LinkSecondsQuery()
  links?: number;
}

export class ShareBody {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LINK_SECONDS,
    default: 3600,
    description: 'Seconds for which the link works.',
  })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(MAX_LINK_SECONDS)
  expires_in?: number;
}

export class SharedLinkDto {
  @ApiProperty({
    description: 'Absolute; whoever has it can read the file.',
    example: 'https://mntdata.example/api/v1/downloads/shared/AQGTa158…',
  })
  url: string;

  @ApiProperty({ type: String, format: 'date-time' })
  expires_at: string;
}

export class ChatFiles {
  @ApiProperty({ example: 'chat-1' })
  chat_id: string;

  @ApiProperty({ type: 'integer', description: 'Of the chat; the groups hold the newest 1,000.', example: 2 })
  total_files: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { $ref: getSchemaPath(FileDto) } },
    description: 'Files by message id, newest first.',
  })
  messages: Record<string, FileDto[]>;
}
