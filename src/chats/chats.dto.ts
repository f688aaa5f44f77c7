import { ApiProperty } from '@nestjs/swagger';

/** A chat in which the caller ran code or kept files. */
export class ChatDto {
  @ApiProperty({ example: 'chat-1' })
  chat_id: string;

  @ApiProperty({ type: 'integer', description: 'Messages with files, executions or workspaces.', example: 4 })
  messages: number;

  @ApiProperty({
    type: 'integer',
    description: 'Files, latest versions, attached and generated.',
    example: 7,
  })
  files: number;

  @ApiProperty({ type: 'integer', example: 9 })
  executions: number;

  @ApiProperty({ type: 'integer', example: 4 })
  workspaces: number;

  @ApiProperty({ type: String, format: 'date-time' })
  last_used_at: string;
}
