import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './setup/command.mjs';
import { program } from './setup/program.mjs';

/** `npm run check:web`: types of the browser side against the OpenAPI document, its components, its rules. */
await program(async () => {
  const { root } = await import('./setup/paths.mjs');
  const web = join(root, 'src', 'web');
  const bin = join(root, 'node_modules', '.bin');
  mkdirSync(join(web, 'generated'), { recursive: true });
  const steps = [
    ['openapi-typescript', join(root, 'docs', 'openapi.json'), '-o', join(web, 'generated', 'openapi.d.ts')],
    ['svelte-check', '--workspace', web, '--tsconfig', 'tsconfig.json', '--fail-on-warnings'],
    ['eslint', '--config', join(web, 'eslint.config.mjs'), 'src/web/**/*.ts'],
  ];
  for (const [name = '', ...args] of steps) {
    const { ok, output } = await run(join(bin, name), args, { cwd: root, minutes: 5 });
    if (ok) continue;
    console.log(output);
    process.exitCode = 1;
  }
});
