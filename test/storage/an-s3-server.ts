import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadConfig, PROJECT_ROOT } from '../../src/config/index.js';

const requirements = fileURLToPath(new URL('moto-requirements.txt', import.meta.url));

export interface S3Server {
  endpoint: string;
  stop: () => Promise<void>;
}

/** Moto, which speaks S3, in a process of its own; Debian has no such server. */
export async function anS3Server(): Promise<S3Server> {
  const python = join(loadConfig({ env: {}, file: null }).engine.pythonEnvironment, 'bin', 'python');
  const port = await aFreePort();
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    env: { PATH: process.env.PATH, PYTHONPATH: await installed(python), PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  let log = '';
  await new Promise<void>((ready, failed) => {
    child.once('exit', () => failed(new Error(`The S3 server ended:\n${log}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (log.includes('Running on')) ready();
    });
  });
  // Its log of requests is not read, but must not fill the pipe either.
  child.stderr.removeAllListeners('data').resume();
  return { endpoint: `http://127.0.0.1:${String(port)}`, stop };
}

/** Beside the environment of the kernels, not in it: kernels show what is installed there. */
async function installed(python: string): Promise<string> {
  const parent = join(PROJECT_ROOT, '.setup', 's3-server');
  const fingerprint = createHash('sha256')
    .update(await readFile(requirements))
    .update(python)
    .digest('hex');
  const directory = join(parent, fingerprint.slice(0, 16));
  if (existsSync(directory)) return directory;
  await mkdir(parent, { recursive: true });
  const unfinished = await mkdtemp(join(parent, '.unfinished-'));
  try {
    const target = ['--target', unfinished, '--require-hashes', '-r', requirements];
    await promisify(execFile)(python, ['-m', 'pip', 'install', '--disable-pip-version-check', ...target], {
      timeout: 300_000,
    });
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return directory;
}

async function aFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
