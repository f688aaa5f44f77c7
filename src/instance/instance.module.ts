import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { InstanceService } from './instance.service.js';
import { ServiceInstance } from './service-instance.entity.js';

/** Who this process is among those that share the database. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([ServiceInstance])],
  providers: [InstanceService],
  exports: [InstanceService],
})
export class InstanceModule {}
