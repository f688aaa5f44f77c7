import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: the directory of package.json. */
export const root = resolve(fileURLToPath(new URL('../../', import.meta.url)));

/** What set-up leaves behind beside packages and builds: locks, logs, development tools. */
export const stateDirectory = join(root, '.setup');

/** Builds by the hash of their sources. */
export const buildsDirectory = join(root, 'dist');

/** The built browser side; the service looks for it here (src/panel). */
export const panelDirectory = join(buildsDirectory, 'panel');

export const runtimeDirectory = join(root, 'src', 'kernel-runtime');
