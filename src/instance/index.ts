export { InstanceModule } from './instance.module.js';
export { instanceAddress } from './instance-address.js';
export { InstanceService } from './instance.service.js';
export { JobTurns } from './job-turns.service.js';
export { drawWorkspaceUid } from './os-user.js';
export { ServiceInstance } from './service-instance.entity.js';
