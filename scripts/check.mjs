import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { program } from './setup/program.mjs';

/**
 * `npm run check`: every script of package.json whose name begins with `check:`, as many at a time as there are
 * processors. All of them run, also after one failed; the output of those that failed is shown.
 */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  const { run } = await import('./setup/command.mjs');
  process.chdir(root);
  await ensureSetup({
    command: 'npm run check',
    build: true,
    python: true,
    pythonTools: true,
    dockerTools: true,
  });
  const { scripts } = /** @type {{scripts: Record<string, string>}} */ (
    JSON.parse(readFileSync('package.json', 'utf8'))
  );
  const waiting = Object.keys(scripts).filter((name) => name.startsWith('check:'));
  let passed = 0;
  let failed = 0;
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const began = performance.now();
      const { ok, output } = await run('npm', ['run', '--silent', name], { minutes: 10 });
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      if (ok) passed += 1;
      else failed += 1;
      console.log(
        ok ? `ok      ${name} (${seconds} s)` : `FAILED  ${name} (${seconds} s)\n${output.trimEnd()}\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
});
