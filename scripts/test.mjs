import { program } from './setup/program.mjs';

/**
 * `npm test [-- suite ...] [-- part of a path ...]`: sets up what the tests need, runs the suites, and tells the sum
 * in its last line.
 */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  const { runSuites } = await import('./testing/run-suites.mjs');
  const { allSuites } = await import('./testing/suites.mjs');
  process.chdir(root);
  const tools = await ensureSetup({ command: 'npm test', python: true, rooms: true, pythonTools: true });
  if (!(await runSuites(process.argv.slice(2), allSuites(process.env), tools))) process.exitCode = 1;
});
