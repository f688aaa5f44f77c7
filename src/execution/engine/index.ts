export { Engine, type EngineHealth, type StartKernelOptions } from './engine.js';
export { EngineUnavailableError, KernelDiedError, KernelStartError } from './engine.errors.js';
export type {
  DeathCause,
  Display,
  ExecuteOptions,
  ExecuteReply,
  ExecutionListener,
  Kernel,
  KernelDeath,
  MimeBundle,
  PythonError,
} from './kernel.js';
