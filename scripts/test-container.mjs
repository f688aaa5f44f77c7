import { program } from './setup/program.mjs';

/**
 * `npm run test:container [-- suite ...] [-- part of a path ...]`: builds the image with Docker, or with what
 * CONTAINER_TOOL names, and tries it: alone, by compose.yaml (COMPOSE), and as the service of the end-to-end suites.
 * Its last line tells the sum.
 */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  const { withImage } = await import('./testing/image.mjs');
  const { runSuites } = await import('./testing/run-suites.mjs');
  const { containerSuites } = await import('./testing/suites.mjs');
  process.chdir(root);
  const tools = await ensureSetup({ command: 'npm run test:container', python: true, rooms: true });
  const isWell = await withImage(
    async (env) => await runSuites(process.argv.slice(2), containerSuites(env), tools),
  );
  if (!isWell) process.exitCode = 1;
});
