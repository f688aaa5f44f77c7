import { Init1795402498000 } from './1795402498000-init.js';
import { SeveralProcesses1795671000000 } from './1795671000000-several-processes.js';

/** Every migration, oldest first. One that was released is never changed: add another. */
export const MIGRATIONS = [Init1795402498000, SeveralProcesses1795671000000];
