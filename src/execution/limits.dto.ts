import { ApiProperty } from '@nestjs/swagger';

export const LIMIT_UNITS = ['seconds', 'bytes', 'count', 'share'] as const;
export const LIMIT_MEANS = ['service', 'cgroup', 'rlimit', 'nice', 'nothing'] as const;

/** A limit of runs, and who sees to it. */
export class LimitDto {
  @ApiProperty({ description: 'What is limited.', example: 'memory' })
  name: string;

  @ApiProperty({ type: Number, nullable: true, description: 'In `unit`; null for a share.' })
  value: number | null;

  @ApiProperty({ enum: LIMIT_UNITS })
  unit: (typeof LIMIT_UNITS)[number];

  @ApiProperty({
    enum: LIMIT_MEANS,
    description:
      '`service`: it looks itself. `cgroup`: all processes of a kernel together. `rlimit`: each process by itself. ' +
      '`nice`: a mere preference. `nothing`: it is set, and cannot be kept here.',
  })
  by: (typeof LIMIT_MEANS)[number];
}
