import { ApiProperty } from '@nestjs/swagger';

/** The directory of one message (or chat), as its owner sees it. */
export class WorkspaceDto {
  @ApiProperty({ description: 'The message id, else the chat id, else a UUID.', example: 'msg-1' })
  id: string;

  @ApiProperty({ enum: ['message', 'chat', 'own'], description: 'What the id names.' })
  kind: string;

  @ApiProperty({ type: String, nullable: true, example: 'chat-1' })
  chat_id: string | null;

  @ApiProperty({
    enum: ['active', 'expired'],
    description: '`expired`: clean-up removed the directory; the next run restores the files.',
  })
  state: string;

  @ApiProperty({
    enum: ['busy', 'idle'],
    nullable: true,
    description: 'Its kernel; null when it has none and the next run starts one.',
  })
  kernel: 'busy' | 'idle' | null;

  @ApiProperty({ type: 'integer', description: 'Files it held after its last run.', example: 3 })
  files: number;

  @ApiProperty({ type: 'integer', description: 'Bytes it held after its last run.', example: 5012 })
  bytes: number;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time' })
  last_used_at: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When clean-up removes the directory if nobody uses it; null when it is expired.',
  })
  expires_at: string | null;
}
