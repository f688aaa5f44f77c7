import { join } from 'node:path';
import { program } from './setup/program.mjs';

/** `npm run check:python` lints the Python side and compares its format; with `--fix` it mends what it can. */
await program(async () => {
  const { ensureSetup } = await import('./setup/index.mjs');
  const { run } = await import('./setup/command.mjs');
  const { root, runtimeDirectory } = await import('./setup/paths.mjs');
  const fix = process.argv.includes('--fix');
  const { pythonTools } = await ensureSetup({
    command: 'npm run check:python',
    python: true,
    pythonTools: true,
  });
  const ruff = join(pythonTools, 'bin', 'ruff');
  for (const args of [fix ? ['check', '--fix'] : ['check'], fix ? ['format'] : ['format', '--check']]) {
    const { ok } = await run(ruff, [...args, '--no-cache', '.', join(root, 'docker')], {
      cwd: runtimeDirectory,
      minutes: 2,
      shown: true,
    });
    if (!ok) process.exitCode = 1;
  }
});
