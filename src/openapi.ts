import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDocument } from './bootstrap.js';
import { PROJECT_ROOT } from './config/index.js';

/** `npm run openapi`: writes `docs/openapi.json`, or with `--check` fails when it differs from the code. */
const file = join(PROJECT_ROOT, 'docs', 'openapi.json');
const text = `${JSON.stringify(await createDocument(), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/openapi.json differs from the code: run `npm run openapi` and commit it.\n');
  process.exitCode = 1;
}
