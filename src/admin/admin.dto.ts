import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { Optional } from '../http/index.js';
import { WorkspaceDto } from '../workspaces/index.js';
import { ExecutionDto, LimitDto } from '../execution/index.js';

export class AdminWorkspaceDto extends WorkspaceDto {
  @ApiProperty({ description: 'Its owner.', example: 'alice' })
  user_id: string;
}

export class AdminExecutionDto extends ExecutionDto {
  @ApiProperty({ description: 'Its owner.', example: 'alice' })
  user_id: string;
}

export class KernelDto {
  @ApiProperty({ description: 'As the engine names it.' })
  id: string;

  @ApiProperty({ description: 'The directory it works in.' })
  directory: string;

  @ApiProperty({ enum: ['busy', 'idle'] })
  state: 'busy' | 'idle';

  @ApiProperty({ type: Number, description: 'Seconds since its last run ended; 0 while one is under way.' })
  idle_seconds: number;
}

export class KernelsDto {
  @ApiProperty({ type: [KernelDto] })
  items: KernelDto[];
}

export class CountsDto {
  @ApiProperty({ type: 'integer' })
  running: number;

  @ApiProperty({ type: 'integer' })
  waiting: number;
}

export class StoredDto {
  @ApiProperty({ type: 'integer', description: 'Rows, all versions.' })
  files: number;

  @ApiProperty({ type: 'integer' })
  artifacts: number;

  @ApiProperty({ type: 'integer', description: 'Bytes of the artifacts: each content counts once.' })
  bytes: number;
}

export class WorkspaceCountsDto {
  @ApiProperty({ type: 'integer' })
  active: number;

  @ApiProperty({ type: 'integer' })
  expired: number;

  @ApiProperty({
    type: 'integer',
    description: 'Bytes in the directories of active ones, after their last runs.',
  })
  bytes: number;
}

/** The service at a glance. */
export class StatsDto {
  @ApiProperty({ type: 'integer' })
  users: number;

  @ApiProperty({ type: WorkspaceCountsDto })
  workspaces: WorkspaceCountsDto;

  @ApiProperty({ type: CountsDto, description: 'Executions of this process.' })
  executions: CountsDto;

  @ApiProperty({ type: 'integer', description: 'Live kernels of this process.' })
  kernels: number;

  @ApiProperty({ type: [LimitDto], description: 'The limits of runs, and who sees to them.' })
  limits: LimitDto[];

  @ApiProperty({ type: StoredDto })
  storage: StoredDto;
}

export class CleanupBody {
  @ApiPropertyOptional({ default: false, description: 'Only tell what would be closed.' })
  @Optional()
  @IsBoolean()
  dry_run?: boolean;
}

export class CleanupDto {
  @ApiProperty()
  dry_run: boolean;

  @ApiProperty({ type: [AdminWorkspaceDto], description: 'What was, or would be, closed.' })
  workspaces: AdminWorkspaceDto[];

  @ApiProperty({ type: 'integer', description: 'What their directories held.' })
  bytes: number;
}
