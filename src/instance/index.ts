export { InstanceModule } from './instance.module.js';
export { InstanceService } from './instance.service.js';
export { drawWorkspaceUid } from './os-user.js';
export { ServiceInstance } from './service-instance.entity.js';
