export { FilesystemProbe } from './filesystem-probe.service.js';
export { HealthModule } from './health.module.js';
