import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './setup/program.mjs';

/**
 * `npm run test:browser [-- part of a path ...]`: the pages in a real browser, on a real service with real kernels.
 * Its last line tells the sum.
 */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  const { runJest } = await import('./testing/jest.mjs');
  const { isGood } = await import('./testing/outcome.mjs');
  process.chdir(root);
  const needs = { python: true, rooms: true, panel: true, chromium: true };
  const { chromium } = await ensureSetup({ command: 'npm run test:browser', ...needs });
  const directory = mkdtempSync(join(tmpdir(), 'mntdata-test-'));
  try {
    const outcome = await runJest({
      files: '\\.browser-spec\\.ts$',
      filters: process.argv.slice(2),
      options: ['--runInBand'],
      env: { ...process.env, CHROMIUM: chromium },
      reportFile: join(directory, 'report'),
    });
    console.log(`\n${outcome.passed} passed, ${outcome.failed} failed`);
    if (!isGood(outcome)) process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
