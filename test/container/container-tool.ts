import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../src/config/index.js';
import { CONTAINER_TOOL } from '../../scripts/testing/image.mjs';
import { until } from '../support/until.js';

const { COMPOSE = `${CONTAINER_TOOL} compose` } = process.env;

/** What `npm run test:container` has built. */
export const IMAGE = process.env.TEST_SERVICE_IMAGE ?? '';
const PROJECT = 'mntdata-under-test';
const LONGEST_MS = 30 * 60_000;

/** Docker and Podman name differently what lets a room have a /proc of its own. */
export const PROC_OPTION = CONTAINER_TOOL === 'podman' ? 'unmask=ALL' : 'systempaths=unconfined';

/** What the documentation tells to start the service with, when it runs its own engine. The profile lies below the root. */
export const OPTIONS_FOR_ROOMS = optionsIn(readFileSync(join(PROJECT_ROOT, 'docs/operations.md'), 'utf8'));

/** More options of `run`. */
export const RUN_OPTIONS = (process.env.RUN_OPTIONS ?? '').split(' ').filter(Boolean);

export interface Said {
  code: number;
  stdout: string;
  /** Both streams: what containers log comes on either. */
  text: string;
}

/** Runs Docker, or what CONTAINER_TOOL names, from the root of the repository. */
export async function tool(...args: string[]): Promise<Said> {
  return await said(CONTAINER_TOOL, args, { cwd: PROJECT_ROOT, env: process.env });
}

/** Docker Compose, or what COMPOSE names, on compose.yaml, with the API at this URL. */
export function composeAt(url: URL): (...args: string[]) => Promise<Said> {
  const [program = '', ...before] = COMPOSE.split(' ');
  // A name of its own: the volumes of an installation on this machine are none of its business.
  const project = ['--project-name', PROJECT, '--file', 'compose.yaml'];
  const settings = { MNTDATA_IMAGE: IMAGE, LISTEN: url.host, PUBLIC_URL: url.origin, PROC_OPTION };
  return async (...args) =>
    await said(program, [...before, ...project, ...args], {
      cwd: join(PROJECT_ROOT, 'docker'), // Compose of Podman looks for the seccomp profile there
      env: { ...process.env, ...settings },
    });
}

/** Ends what `composeAt` started, and forgets what it stored. */
export async function removeComposed(compose: (...args: string[]) => Promise<Said>): Promise<void> {
  await compose('down', '--volumes');
  // Compose of Podman leaves those that it did not label, and the next database would know another password.
  const { stdout } = await tool('volume', 'ls', '--quiet', '--filter', `name=${PROJECT}_`);
  for (const volume of stdout.split('\n').filter(Boolean)) await tool('volume', 'rm', volume);
}

/** The token of the link that the service prints when it is ready, from what `logs` gives. */
export async function tokenIn(logs: () => Promise<Said>): Promise<string> {
  let token: string | undefined;
  await until(async () => {
    token = /#token=([\w.-]+)/.exec((await logs()).text)?.[1];
    return token !== undefined;
  });
  return token ?? '';
}

/** Compose of Podman starts the API without waiting for the engine's health. */
export async function untilReady(url: string): Promise<void> {
  await until(
    async () =>
      await fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  );
}

async function said(
  program: string,
  args: string[],
  where: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Said> {
  const options = { ...where, timeout: LONGEST_MS, maxBuffer: 64 * 1024 ** 2 };
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, options);
    return { code: 0, stdout, text: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { code, stdout, text: stdout + stderr };
  }
}

/** Those of its `docker run`, up to what is about address and data. */
function optionsIn(documentation: string): string[] {
  const told = /^docker run ([^`]+?)--publish/m.exec(documentation)?.[1] ?? '';
  const options = told.split(/[\s\\]+/).filter(Boolean);
  if (options.length === 0) throw new Error('docs/operations.md shows no docker run.');
  return options.map((option) => (option === 'systempaths=unconfined' ? PROC_OPTION : option));
}
