import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { AppConfig } from '../config/index.js';
import { ManagedEngine, type ServerEntrance } from './engine/index.js';

/** So much output of a kernel is taken before all but its end is given up: streams show it as it comes. */
const FLOOD_BYTES = 8 * 1024 ** 2;

/** The engine that this configuration starts and supervises; with an `entrance` it is there for other processes. */
export function ownEngine(
  { engine, execution, kernels, data, workspaces }: AppConfig,
  entrance: ServerEntrance | null,
): ManagedEngine {
  return new ManagedEngine({
    concurrentStarts: kernels.maxStarts,
    log: new Logger('Engine'),
    server: {
      python: join(engine.pythonEnvironment, 'bin', 'python'),
      workspaces: join(data.dir, 'workspaces'),
      state: join(data.dir, 'engine'),
      sandbox: engine.sandbox,
      entrance,
      kernel: {
        memoryBytes: kernels.memoryBytes,
        processes: kernels.processes,
        openFiles: kernels.openFiles,
        fileBytes: workspaces.maxBytes,
        outputBytes: Math.max(FLOOD_BYTES, execution.maxOutputBytes),
      },
    },
  });
}
