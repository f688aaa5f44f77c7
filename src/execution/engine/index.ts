export { AnswerListener } from './answer-listener.js';
export {
  Engine,
  type EngineHealth,
  type KernelEnd,
  type KernelLimit,
  type LimitMeans,
  type StartKernelOptions,
} from './engine.js';
export { type EngineDeadlines } from './engine-deadlines.js';
export {
  EngineFullError,
  EngineUnavailableError,
  KernelDiedError,
  KernelStartError,
} from './engine.errors.js';
export { type JupyterServerAddress } from './jupyter-requests.js';
export { pidHere } from './kernel-room.js';
export type {
  DeathCause,
  Display,
  ExecuteOptions,
  ExecuteReply,
  ExecutionListener,
  Kernel,
  KernelDeath,
  LeftOutput,
  MimeBundle,
  PythonError,
} from './kernel.js';
export { ManagedEngine, type EngineLog, type ManagedEngineOptions } from './managed-engine.js';
export { type ManagedServerSettings, type ServerEntrance } from './managed-server.js';
export { RemoteEngine, type RemoteEngineOptions } from './remote-engine.js';
export { TranslatedEngine, type TranslationOptions } from './translation/translated-engine.js';
