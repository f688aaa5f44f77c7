import { join } from 'node:path';
import { Global, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/index.js';
import { prepareDataDirectory } from './data-directory.js';
import { openDatabase } from './open-database.js';

/**
 * Gives TypeORM's `DataSource`, open and migrated, to every module; features name their entities with
 * `TypeOrmModule.forFeature`. It is opened here, and not by `TypeOrmModule.forRoot`, because opening is more
 * than connecting: directory, lock, embedded server, migrations.
 */
@Global()
@Module({
  providers: [{ provide: DataSource, inject: [AppConfig], useFactory: open }],
  exports: [DataSource],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly dataSource: DataSource) {}

  /** Nest ends global modules last: whoever still writes in its own shutdown hook can. */
  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

async function open({ data, database }: AppConfig): Promise<DataSource> {
  const logger = new Logger(DatabaseModule.name);
  prepareDataDirectory(data.dir);
  return await openDatabase({
    url: database.url,
    directory: join(data.dir, 'database'),
    poolSize: database.poolSize,
    warn: (sentence) => {
      logger.warn(sentence);
    },
  });
}
