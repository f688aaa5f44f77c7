import { relative } from 'node:path';
import { program } from './setup/program.mjs';

/**
 * Sets up for good, for a container image: what starts from here on looks for no change and needs no sources. With
 * `--packages` only what is downloaded: a layer of its own, which changes less often.
 */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  const { writeFinished } = await import('./setup/finished.mjs');
  const sources = !process.argv.includes('--packages');
  const { build, python } = await ensureSetup({
    command: 'scripts/finish-setup.mjs',
    python: true,
    build: sources,
    panel: sources,
  });
  if (sources) writeFinished({ build: relative(root, build), python: relative(root, python) });
});
