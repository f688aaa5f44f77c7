export { AppConfig } from './app-config.js';
export { ConfigModule } from './config.module.js';
export { ConfigurationError } from './configuration.error.js';
export { loadConfig, type ConfigSources } from './load-config.js';
export { PROJECT_ROOT } from './project-root.js';
export { timerMs } from './timer.js';
