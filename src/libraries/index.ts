export { LibrariesModule } from './libraries.module.js';
export { LibrariesService, type Library } from './libraries.service.js';
