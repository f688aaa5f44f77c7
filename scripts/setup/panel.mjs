import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run } from './command.mjs';
import { fingerprint, fingerprintOfTree } from './fingerprint.mjs';
import { buildsDirectory, panelDirectory } from './paths.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./index.mjs').Context} Context */

/**
 * Builds the browser side when its sources changed. The service serves it from one place, so a new build takes the
 * place of the old one; pages that are open load the rest of theirs again after a reload.
 * @param {Context} context
 */
export async function ensurePanel({ root, lock, progress }) {
  const stamp = join(panelDirectory, '.sources');
  const wanted = fingerprint(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
    fingerprintOfTree(join(root, 'src', 'web'), isBuilt),
  );
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  await progress.during('panel', 'building', async () => {
    const unfinished = join(buildsDirectory, '.unfinished-panel');
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    const web = join(root, 'src', 'web');
    const args = [vite, 'build', web, '--outDir', unfinished, '--emptyOutDir', '--logLevel', 'warn'];
    const { ok, output } = await run(process.execPath, args, {
      cwd: web,
      minutes: 10,
      heldOpen: lock.descriptor,
    });
    if (!ok) throw new SetupError(`The panel could not be built:\n${output.trimEnd()}`);
    compress(unfinished);
    writeFileSync(join(unfinished, '.sources'), wanted);
    rmSync(panelDirectory, { recursive: true, force: true });
    renameSync(unfinished, panelDirectory);
  });
}

/**
 * Once, as small as can be: the service hands `.gz` files out as they are.
 * @param {string} directory
 */
function compress(directory) {
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(?:m?js|css|html|svg)$/.test(path)) continue;
    const file = join(directory, path);
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
  }
}

/** @param {string} path relative to src/web */
function isBuilt(path) {
  return path !== 'generated' && !path.endsWith('.spec.ts');
}
