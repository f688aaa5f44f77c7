import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { LimitDto } from '../execution/index.js';

export class LiveDto {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

export class PartDto {
  @ApiProperty({ enum: ['ok', 'failed'] })
  status: 'ok' | 'failed';

  @ApiPropertyOptional({ description: 'What answers or what is wrong; for admins only.' })
  detail?: string;
}

/** Whether the service can do its work, part by part. */
export class ReadyDto {
  @ApiProperty({ enum: ['ok', 'failed'] })
  status: 'ok' | 'failed';

  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/PartDto' },
    description:
      '`database`, `engine`, `storage`, and `workspace`: a kernel sees the same workspace as the service.',
  })
  parts: Record<string, PartDto>;

  @ApiPropertyOptional({
    type: [LimitDto],
    description: 'The limits of runs, and who sees to them; for admins only.',
  })
  limits?: LimitDto[];
}
