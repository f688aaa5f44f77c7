import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/index.js';
import { ArtifactStore } from './artifact-store.port.js';
import { ArtifactSweepJob } from './artifact-sweep.job.js';
import { ArtifactSweep } from './artifact-sweep.service.js';
import { ArtifactsService } from './artifacts.service.js';
import { openStore } from './open-store.js';

@Module({
  providers: [
    {
      provide: ArtifactStore,
      // The database first: it checks that the data directory is one that this version can use.
      inject: [AppConfig, DataSource],
      useFactory: openStore,
    },
    ArtifactsService,
    ArtifactSweep,
    ArtifactSweepJob,
  ],
  exports: [ArtifactStore, ArtifactsService, ArtifactSweep],
})
export class StorageModule {}
