import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AccountModule } from './account/index.js';
import { AdminModule } from './admin/index.js';
import { AuthModule } from './auth/index.js';
import { ChatsModule } from './chats/index.js';
import { ConfigModule, type AppConfig } from './config/index.js';
import { DatabaseModule } from './database/index.js';
import { DownloadsModule } from './downloads/index.js';
import { EngineModule, ExecutionModule, type Engine } from './execution/index.js';
import { FilesModule } from './files/index.js';
import { HealthModule } from './health/index.js';
import { ConnectionDraining } from './http/index.js';
import { InstanceModule } from './instance/index.js';
import { LibrariesModule } from './libraries/index.js';
import { StorageModule } from './storage/index.js';
import { WorkspacesModule } from './workspaces/index.js';

/** The whole service, for one configuration and its engine. */
@Module({})
export class AppModule {
  static with(config: AppConfig, engine: Engine): DynamicModule {
    return {
      module: AppModule,
      providers: [ConnectionDraining],
      imports: [
        ConfigModule.with(config),
        EngineModule.with(engine),
        DatabaseModule,
        ScheduleModule.forRoot(),
        InstanceModule,
        LibrariesModule,
        AuthModule,
        StorageModule,
        WorkspacesModule,
        FilesModule,
        ExecutionModule,
        DownloadsModule,
        ChatsModule,
        AccountModule,
        AdminModule,
        HealthModule,
      ],
    };
  }
}
