import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { run } from './command.mjs';
import { fingerprint, fingerprintOfTree } from './fingerprint.mjs';
import { buildsDirectory, panelDirectory, stateDirectory } from './paths.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./index.mjs').Context} Context */

const configurationFiles = ['package-lock.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json'];

/**
 * Compiles the service into a directory named after its sources, when there is none yet. A build is never changed
 * once it has its name: a service that runs from an older one is not disturbed.
 * @param {Context} context
 * @returns {Promise<string>} the name of the build
 */
export async function ensureBuild({ root, lock, progress }) {
  const name = fingerprint(
    ...configurationFiles.map((file) => readFileSync(join(root, file), 'utf8')),
    fingerprintOfTree(join(root, 'src'), isCompiled),
  );
  if (existsSync(join(buildsDirectory, name))) return name;
  await progress.during('service', 'building', async () => {
    const unfinished = join(buildsDirectory, '.unfinished');
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(buildsDirectory, { recursive: true });
    await compile(root, unfinished, lock.descriptor);
    renameSync(unfinished, join(buildsDirectory, name));
  });
  return name;
}

/**
 * @param {string} name of the build to keep
 * @param {readonly import('./instances.mjs').Instance[]} running whose builds are kept too
 */
export function removeOldBuilds(name, running) {
  const kept = new Set([name, basename(panelDirectory), ...running.map(({ build }) => build)]);
  for (const entry of readdirSync(buildsDirectory)) {
    if (!kept.has(entry)) rmSync(join(buildsDirectory, entry), { recursive: true, force: true });
  }
}

/** @param {string} path relative to src */
function isCompiled(path) {
  return !/^(web|kernel-runtime)$|\.(spec|kernel-spec)\.ts$/.test(path);
}

/**
 * @param {string} root
 * @param {string} outDir
 * @param {number} heldOpen
 */
async function compile(root, outDir, heldOpen) {
  const configuration = join(stateDirectory, 'tsconfig.build.json');
  writeFileSync(
    configuration,
    JSON.stringify({ extends: join(root, 'tsconfig.build.json'), compilerOptions: { outDir } }),
  );
  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const args = [nest, 'build', '--path', relative(root, configuration)]; // it takes no absolute path
  const { ok, output } = await run(process.execPath, args, {
    cwd: root,
    minutes: 10,
    heldOpen,
  });
  if (!ok) throw new SetupError(`The service could not be built:\n${output.trimEnd()}`);
}
