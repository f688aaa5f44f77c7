import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.js';
import { installedBeside, PYTHON } from '../support/python-packages.js';

const requirements = fileURLToPath(new URL('moto-requirements.txt', import.meta.url));

export interface S3Server {
  endpoint: string;
  stop: () => Promise<void>;
}

/** Moto, which speaks S3, in a process of its own; Debian has no such server. */
export async function anS3Server(): Promise<S3Server> {
  const packages = await installedBeside('s3-server', requirements);
  const port = await freePort();
  const child = spawn(PYTHON, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    env: { PATH: process.env.PATH, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1' },
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
