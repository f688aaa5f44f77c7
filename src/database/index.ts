export { prepareDataDirectory } from './data-directory.js';
export { databaseProblem, isConnectionLoss, violatedUnique } from './database-errors.js';
export { DatabaseModule } from './database.module.js';
export { FileLock, FileLockedError } from './file-lock.js';
export { newId } from './id.js';
export { openDatabase, type DatabaseOptions } from './open-database.js';
