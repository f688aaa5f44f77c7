import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './setup/program.mjs';

/**
 * `npm run test:container [-- part of a path ...]`: builds the image and tries it, alone and by compose.yaml, with
 * Docker, or with what CONTAINER_TOOL and COMPOSE name. Its last line tells the sum.
 */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  const { runJest } = await import('./testing/jest.mjs');
  const { isGood } = await import('./testing/outcome.mjs');
  process.chdir(root);
  await ensureSetup({ command: 'npm run test:container' });
  const directory = mkdtempSync(join(tmpdir(), 'mntdata-test-'));
  try {
    const outcome = await runJest({
      files: '\\.container-spec\\.ts$',
      filters: process.argv.slice(2),
      options: ['--runInBand'],
      env: process.env,
      reportFile: join(directory, 'report'),
      minutes: 60,
    });
    console.log(`\n${outcome.passed} passed, ${outcome.failed} failed`);
    if (!isGood(outcome)) process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
