import { Module } from '@nestjs/common';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/index.js';
import { ArtifactStore } from './artifact-store.port.js';
import { ArtifactSweepJob } from './artifact-sweep.job.js';
import { ArtifactSweep } from './artifact-sweep.service.js';
import { ArtifactsService } from './artifacts.service.js';
import { DiskArtifactStore } from './disk-artifact-store.adapter.js';

@Module({
  providers: [
    {
      provide: ArtifactStore,
      // The database first: it checks that the data directory is one that this version can use.
      inject: [AppConfig, DataSource],
      useFactory: async (config: AppConfig): Promise<ArtifactStore> => {
        const store = new DiskArtifactStore({
          root: join(config.data.dir, 'artifacts'),
          stagingDirectory: join(config.data.dir, 'staging'),
        });
        await store.prepare();
        return store;
      },
    },
    ArtifactsService,
    ArtifactSweep,
    ArtifactSweepJob,
  ],
  exports: [ArtifactStore, ArtifactsService, ArtifactSweep],
})
export class StorageModule {}
