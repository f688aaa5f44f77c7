import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { program } from './setup/program.mjs';

/**
 * `node scripts/run.mjs <module> [argument ...]`: brings the build up to date and runs one of its modules as a
 * program, named by its path in src without `.ts`. The module finds its arguments where a program expects them.
 */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  process.chdir(root);
  const [node = '', , module = '', ...args] = process.argv;
  const { build } = await ensureSetup({ command: `scripts/run.mjs ${module}`, build: true });
  const file = join(build, `${module}.js`);
  process.argv = [node, file, ...args];
  await import(pathToFileURL(file).href);
});
