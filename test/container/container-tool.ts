import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../src/config/index.js';
import { until } from '../support/until.js';

const { CONTAINER_TOOL = 'docker', COMPOSE = `${CONTAINER_TOOL} compose`, BUILD_OPTIONS = '' } = process.env;

export const IMAGE = 'mntdata-under-test';
const LONGEST_MS = 30 * 60_000;

/** Docker and Podman name differently what lets a room have a /proc of its own. */
export const PROC_OPTION = CONTAINER_TOOL === 'podman' ? 'unmask=ALL' : 'systempaths=unconfined';

/** What the documentation tells to start the service with, when it runs its own engine. */
export const OPTIONS_FOR_ROOMS = [
  ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--read-only', '--tmpfs', '/tmp'],
  ...['--security-opt', `seccomp=${join(PROJECT_ROOT, 'docker/seccomp.json')}`],
  ...['--security-opt', 'apparmor=unconfined', '--security-opt', PROC_OPTION],
];

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
  const project = ['--project-name', IMAGE, '--file', 'compose.yaml'];
  const settings = { MNTDATA_IMAGE: IMAGE, LISTEN: url.host, PUBLIC_URL: url.origin, PROC_OPTION };
  return async (...args) =>
    await said(program, [...before, ...project, ...args], {
      cwd: join(PROJECT_ROOT, 'docker'), // Compose of Podman looks for the seccomp profile there
      env: { ...process.env, ...settings },
    });
}

export async function buildImage(): Promise<void> {
  const { BASE_IMAGE } = process.env;
  const base = BASE_IMAGE === undefined ? [] : ['--build-arg', `BASE_IMAGE=${BASE_IMAGE}`];
  const more = BUILD_OPTIONS.split(' ').filter(Boolean);
  const { code, text } = await tool(
    'build',
    ...base,
    ...more,
    '--file',
    'docker/Dockerfile',
    '--tag',
    IMAGE,
    '.',
  );
  if (code !== 0) throw new Error(`The image could not be built:\n${text}`);
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
