import { Global, Logger, Module } from '@nestjs/common';
import { AppConfig } from './app-config.js';
import { loadConfig } from './load-config.js';

/** Gives `AppConfig` to every module. Tests put another one in its place with `overrideProvider(AppConfig)`. */
@Global()
@Module({
  providers: [
    {
      provide: AppConfig,
      useFactory: () => {
        const logger = new Logger(ConfigModule.name);
        return loadConfig({
          warn: (sentence) => {
            logger.warn(sentence);
          },
        });
      },
    },
  ],
  exports: [AppConfig],
})
export class ConfigModule {}
