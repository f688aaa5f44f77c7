import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Instances } from './instances.mjs';
import { lockAfterOthers } from './lock.mjs';
import { root } from './paths.mjs';

/**
 * A process that does something with a module of set-up, says so, and lives until it is killed.
 * @param {string} module
 * @param {string} work
 */
async function another(module, work) {
  const url = pathToFileURL(join(root, 'scripts', 'setup', module)).href;
  const program = `const m = await import('${url}'); ${work}; console.log('done'); setInterval(() => 0, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

describe('a lock between processes', () => {
  /** @type {string} */
  let directory;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('is had at once when nobody holds it, and again after its release', async () => {
    /** @type {string[]} */
    const told = [];
    for (let i = 0; i < 2; i++) {
      const lock = await lockAfterOthers(join(directory, 'lock'), (holder) => told.push(holder), 'me');
      lock.release();
    }
    expect(told).toEqual([]);
  });

  it('is waited for while another lives, and had when that is killed', async () => {
    const path = join(directory, 'lock');
    const other = await another(
      'lock.mjs',
      `await m.lockAfterOthers('${path}', () => 0, 'npm start, pid 7')`,
    );
    const holders = await new Promise((resolve, reject) => {
      /** @type {string[]} */
      const told = [];
      lockAfterOthers(path, (holder) => void (told.push(holder), other.kill()), 'me').then((lock) => {
        lock.release();
        resolve(told);
      }, reject);
    });
    expect(holders).toEqual(['npm start, pid 7']);
  });

  it('tells who runs, and forgets who was killed', async () => {
    const instances = new Instances(directory);
    const other = await another(
      'instances.mjs',
      `new m.Instances('${directory}').add({ pid: process.pid, command: 'npm start', build: 'b1' })`,
    );
    expect(instances.list()).toEqual([{ pid: other.pid, command: 'npm start', build: 'b1' }]);
    await other.kill();
    expect(instances.list()).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });
});
