import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsUUID } from 'class-validator';
import { externalIdSchema, IsExternalId, Optional, PageQuery } from '../http/index.js';
import type { FileSource } from './file.entity.js';
import { FileDto } from './file.dto.js';
import { LinkSecondsQuery } from './links-query.js';

/** The fields of an upload, beside its `file` parts. */
export class UploadBody {
  @ApiProperty({ ...externalIdSchema, description: 'The message to attach to.', example: 'msg-1' })
  @IsExternalId()
  message_id: string;

  @ApiPropertyOptional({ ...externalIdSchema, description: 'The chat of that message.', example: 'chat-1' })
  @Optional()
  @IsExternalId()
  chat_id?: string;
}

/** The multipart body of an upload, for the document. */
export class UploadForm extends UploadBody {
  @ApiProperty({
    type: 'array',
    items: { type: 'string', format: 'binary' },
    minItems: 1,
    maxItems: 100,
    description: 'One or more files; names may be relative paths such as `data/a.csv`.',
  })
  file: unknown[];
}

export class AttachBody {
  @ApiProperty({
    type: [String],
    format: 'uuid',
    minItems: 1,
    maxItems: 200,
    description: 'Files of the caller.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsUUID(undefined, { each: true })
  file_ids: string[];

  @ApiPropertyOptional({ ...externalIdSchema, description: 'The chat of the message.', example: 'chat-1' })
  @Optional()
  @IsExternalId()
  chat_id?: string;
}

export class AttachedFiles {
  @ApiProperty({ type: [FileDto], description: 'In the order of the request.' })
  files: FileDto[];
}

const SOURCES: readonly FileSource[] = ['code_execution', 'attached'];

export class FilesQuery extends PageQuery {
  @ApiPropertyOptional({ ...externalIdSchema, description: 'Only those of this message.' })
  @Optional()
  @IsExternalId()
  message_id?: string;

  @ApiPropertyOptional({ ...externalIdSchema, description: 'Only those of this chat.' })
  @Optional()
  @IsExternalId()
  chat_id?: string;

  @ApiPropertyOptional({ enum: SOURCES, description: 'Only attached, or only generated ones.' })
  @Optional()
  @IsIn(SOURCES)
  source?: FileSource;

  @ApiPropertyOptional({
    enum: ['latest', 'all'],
    default: 'latest',
    description: 'The latest version of each path, or all versions.',
  })
  @Optional()
  @IsIn(['latest', 'all'])
  versions?: 'latest' | 'all';

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description: '`true`: images that were only displayed, too.',
  })
  @Optional()
  @IsIn(['true', 'false'])
  display?: 'true' | 'false';

  @LinkSecondsQuery()
  links?: number;
}

export class FileQuery {
  @LinkSecondsQuery()
  links?: number;
}
