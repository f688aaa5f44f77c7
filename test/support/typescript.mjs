import { register } from 'node:module';

// `node --import ./test/support/typescript.mjs file.ts` runs TypeScript from the sources: for tests that need
// a process of their own, to kill it.
register('./typescript-hooks.mjs', import.meta.url);
