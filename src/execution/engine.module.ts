import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Engine } from './engine/index.js';

/** Gives the engine, which may be starting, to every module. */
@Global()
@Module({})
export class EngineModule {
  static with(engine: Engine): DynamicModule {
    return {
      module: EngineModule,
      providers: [{ provide: Engine, useValue: engine }],
      exports: [Engine],
    };
  }
}
