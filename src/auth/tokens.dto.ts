import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { externalIdSchema } from '../http/index.js';
import { IsUserName } from './is-user-name.decorator.js';

export class CreateTokenBody {
  @ApiProperty({ ...externalIdSchema, description: 'The user as the service names it.', example: 'alice' })
  @IsUserName()
  user_id: string;

  @ApiPropertyOptional({
    description: 'Seconds until the token ends.',
    type: 'integer',
    minimum: 1,
    maximum: 86_400,
    default: 3_600,
  })
  @IsInt()
  @Min(1)
  @Max(86_400)
  expires_in = 3_600;
}

export class CreatedToken {
  @ApiProperty({ description: 'Send it as `Authorization: Bearer`.', type: String })
  token: string;

  @ApiProperty({ type: String, format: 'date-time' })
  expires_at: string;
}
