import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/config/index.js';
import { aToken } from '../ownership/attackers.js';
import { aService, SECRET, type TestService } from '../support/a-service.js';
import { masked, tourOf, type TourStep } from './tour.js';

const TOUR_DEADLINE_MS = 60_000;
/** Start of the service, and the tour. */
const SET_UP_DEADLINE_MS = 120_000;
/** Ends the output of a step; nothing in the tour prints it. */
const END_OF_STEP = '\u0000';

interface Outcome {
  /** What each step printed; shorter than the tour when a command failed. */
  outputs: string[];
  errors: string;
}

/** All steps in one shell, as a reader types them: what one defines the next can use. */
async function walk(steps: readonly TourStep[], env: NodeJS.ProcessEnv, cwd: string): Promise<Outcome> {
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

describe('the tour of the README', () => {
  let steps: TourStep[];
  let outcome: Outcome;
  let service: TestService;
  let directory: string;

  beforeAll(async () => {
    steps = tourOf(await readFile(join(PROJECT_ROOT, 'README.md'), 'utf8'));
    directory = await mkdtemp(join(tmpdir(), 'mntdata-tour-'));
    service = await aService();
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, URL: service.url, TOKEN: await aToken('a reader', SECRET) };
    outcome = await walk(steps, env, directory);
  }, SET_UP_DEADLINE_MS);

  afterAll(async () => {
    await service.remove();
    await rm(directory, { recursive: true });
  });

  it('runs to its end', () => {
    expect(steps.length).toBeGreaterThan(5);
    const failed = steps[outcome.outputs.length];
    expect(failed && `line ${String(failed.line)} of README.md failed: ${outcome.errors}`).toBeUndefined();
  });

  it('prints what the README shows', () => {
    const shown = steps.flatMap(({ line, expected }, at) => {
      const printed = outcome.outputs[at]?.replace(/\n$/, '');
      return expected === null || printed === undefined
        ? []
        : [{ line, expected, printed: masked(printed, expected) }];
    });
    expect(shown.length).toBeGreaterThan(5);
    for (const { line, expected, printed } of shown)
      expect({ line, printed }).toEqual({ line, printed: expected });
  });
});
