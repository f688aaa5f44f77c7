import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_ROOT } from '../../src/config/index.js';

/** An engine that several services share, and the data directory they share with it. */
export interface SharedEngine {
  directory: string;
  /** What their services must be told. */
  env: Readonly<Record<string, string>>;
  remove: () => Promise<void>;
}

const TOKEN = 'a-token-of-the-tests-for-an-engine';

export async function anEngine(): Promise<SharedEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'mntdata-engine-'));
  const workspaces = join(directory, 'workspaces');
  await mkdir(workspaces, { mode: 0o700 });
  const child = spawn(join(PROJECT_ROOT, '.venv/bin/python'), ['-I', '-m', 'mntdata_runtime.server'], {
    env: {
      PATH: process.env.PATH,
      JUPYTER_TOKEN: TOKEN,
      MNTDATA_WORKSPACES: workspaces,
      MNTDATA_STATE: join(directory, 'engine-alone'),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return {
    directory,
    env: { DATA_DIR: directory, JUPYTER_URL: url, JUPYTER_TOKEN: TOKEN },
    remove: async () => {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
