import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/config/index.js';
import { masked, tourOf, type TourStep } from './tour.js';

const TOUR_DEADLINE_MS = 60_000;
/** Ends the output of a step; nothing in the tour prints it. */
const END_OF_STEP = '\u0000';

/** A walk through the tour of the README. */
export interface Walk {
  steps: TourStep[];
  /** What each step printed; shorter than the tour when a command failed. */
  outputs: string[];
  /** Which command failed, with what it said; null when none did. */
  failure: string | null;
}

/** Types the tour's commands at a service that runs: all of them in one shell, as a reader does. */
export async function walkTour(url: string, token: string): Promise<Walk> {
  const steps = tourOf(await readFile(join(PROJECT_ROOT, 'README.md'), 'utf8'));
  const directory = await mkdtemp(join(tmpdir(), 'mntdata-tour-'));
  try {
    const { PATH = '', HOME = '' } = process.env;
    const { outputs, errors } = await type(steps, { PATH, HOME, URL: url, TOKEN: token }, directory);
    const failed = steps[outputs.length];
    const failure = failed ? `line ${String(failed.line)} of README.md failed: ${errors}` : null;
    return { steps, outputs, failure };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The steps whose output is not what the README shows. */
export function unlike({ steps, outputs }: Walk): { line: number; expected: string; printed: string }[] {
  return steps.flatMap(({ line, expected }, at) => {
    const printed = outputs[at]?.replace(/\n$/, '');
    if (expected === null || printed === undefined) return [];
    const shown = masked(printed, expected);
    return shown === expected ? [] : [{ line, expected, printed: shown }];
  });
}

/** What one step defines the next can use. */
async function type(
  steps: readonly TourStep[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<{ outputs: string[]; errors: string }> {
  const script = steps.map(({ code }) => `${code}\nprintf '\\0'`).join('\n');
  const shell = spawn('bash', ['-eu', '-c', script], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TOUR_DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  let printed = '';
  let errors = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  shell.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  await once(shell, 'close');
  const outputs = printed.split(END_OF_STEP);
  const unfinished = outputs.pop() ?? '';
  return { outputs, errors: `${errors}${unfinished}` };
}
