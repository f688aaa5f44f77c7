import { fileURLToPath } from 'node:url';

/** The directory of `package.json`: two levels above this file, in `src` as well as in `dist`. */
export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url));
