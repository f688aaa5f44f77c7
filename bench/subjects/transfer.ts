import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonEnvironment } from './service.js';

const execute = promisify(execFile);
const script = fileURLToPath(new URL('transfer.py', import.meta.url));

/** Milliseconds that moving a file took (`transfer.py`). */
export async function transfer(
  method: 'get' | 'put' | 'post',
  url: string,
  authorization: string,
  ...file: string[]
): Promise<number> {
  const python = join(pythonEnvironment, 'bin/python');
  const { stdout } = await execute(python, ['-I', script, method, url, authorization, ...file]);
  return (JSON.parse(stdout) as { ms: number }).ms;
}
