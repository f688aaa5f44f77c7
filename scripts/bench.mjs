import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { program } from './setup/program.mjs';

/**
 * `npm run bench [-- <name> ...] [--quick] [--json <file>]`: sets up what the benchmarks need and runs them
 * (bench/main.ts), with the service from the sources in a process of its own.
 */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  await ensureSetup({ command: 'npm run bench', python: true, rooms: true });
  const loader = join(root, 'test/support/typescript.mjs');
  const options = ['--import', loader, join(root, 'bench/main.ts'), ...process.argv.slice(2)];
  const child = spawn(process.execPath, options, { cwd: root, stdio: 'inherit' });
  // A terminal's ^C reaches it by itself.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = /** @type {[number | null]} */ (await once(child, 'exit'));
  process.exitCode = code ?? 1;
});
