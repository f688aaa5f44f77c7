import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { InstanceService } from './instance.service.js';
import { JobTurns } from './job-turns.service.js';
import { ScheduledJob } from './scheduled-job.entity.js';
import { ServiceInstance } from './service-instance.entity.js';

/** Who this process is among those that share the database. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([ServiceInstance, ScheduledJob])],
  providers: [InstanceService, JobTurns],
  exports: [InstanceService, JobTurns],
})
export class InstanceModule {}
