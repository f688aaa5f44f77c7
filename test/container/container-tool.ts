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
  /** Both streams. */
  text: string;
}

/** Runs Docker, or what CONTAINER_TOOL names, from the root of the repository. */
export async function tool(...args: string[]): Promise<Said> {
  return await said(CONTAINER_TOOL, args, process.env);
}

/** Runs Docker Compose, or what COMPOSE names, on compose.yaml. */
export async function compose(...args: string[]): Promise<Said> {
  const [program = '', ...before] = COMPOSE.split(' ');
  const env = { ...process.env, MNTDATA_IMAGE: IMAGE, LISTEN: '127.0.0.1:', PROC_OPTION };
  return await said(program, [...before, '--file', 'docker/compose.yaml', ...args], env);
}

export async function buildImage(): Promise<void> {
  const { BASE_IMAGE } = process.env;
  const base = BASE_IMAGE === undefined ? [] : ['--build-arg', `BASE_IMAGE=${BASE_IMAGE}`];
  const more = BUILD_OPTIONS.split(' ').filter(Boolean);
  const { code, text } = await tool('build', ...base, ...more, '--file', 'docker/Dockerfile', '--tag', IMAGE, '.');
  if (code !== 0) throw new Error(`The image could not be built:\n${text}`);
}

/** The token of the link that the service prints when it is ready, from what `logs` gives. */
export async function tokenIn(logs: () => Promise<Said>): Promise<string> {
  let token: string | undefined;
  await until(async () => {
    token = /#token=(\S+)/.exec((await logs()).text)?.[1];
    return token !== undefined;
  });
  return token ?? '';
}

/** Where a port of a container is reached, from what `port` gives. */
export function urlOf({ text }: Said): string {
  const address = /^127\.0\.0\.1:\d+$/m.exec(text)?.[0];
  if (address === undefined) throw new Error(`No port is published on the loopback address:\n${text}`);
  return `http://${address}`;
}

async function said(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<Said> {
  const options = { cwd: PROJECT_ROOT, env, timeout: LONGEST_MS, maxBuffer: 64 * 1024 ** 2 };
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, options);
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { code, text: `${stdout ?? ''}${stderr ?? ''}` };
  }
}
