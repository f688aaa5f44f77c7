export { Engine, type Kernel } from './engine/index.js';
export { ExecutionDto, ExecutionsQuery } from './execution.dto.js';
export { Execution } from './execution.entity.js';
export { ExecutionModule } from './execution.module.js';
export { ExecutionsService } from './executions.service.js';
export { KernelsService } from './kernels/kernels.service.js';
export { DispatcherService } from './run/dispatcher.service.js';
export { RecoveryService } from './run/recovery.service.js';
