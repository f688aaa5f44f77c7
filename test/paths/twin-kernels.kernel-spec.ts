import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import type { Kernel } from '../../src/execution/engine/kernel.js';
import { withoutAnsi } from '../../src/execution/output/ansi.js';
import { RecordingListener } from '../engine/recording-listener.js';
import { PREPARATION, program } from './python-programs.js';
import { TwinKernels } from './twin-kernels.js';

const SOAK = process.env.SOAK === '1';

/** All that a run shows, but for the name of its code's file: it holds the process id, and a hash of the code. */
async function shown(kernel: Kernel, code: string): Promise<unknown> {
  const heard = new RecordingListener();
  const { status, error } = await kernel.execute(code, heard);
  const errors = [...heard.errors, error].map(
    (raised) => raised && { ...raised, traceback: raised.traceback.map(withoutAnsi) },
  );
  const { out, err, displays } = heard;
  const all = JSON.stringify({ status, out, err, displays: displays.map(({ data }) => data), errors });
  return JSON.parse(all.replace(/(?:ipykernel_\d+\/)?\d{5,}\.py/g, 'cell.py'));
}

describe('a mounted and a translated kernel', () => {
  let twins: TwinKernels;

  beforeAll(async () => {
    twins = await TwinKernels.start();
    await Promise.all([shown(twins.mounted, PREPARATION), shown(twins.translated, PREPARATION)]);
  }, 60_000);

  afterAll(async () => await twins.remove(), 60_000);

  async function expectAlike(code: string): Promise<void> {
    const [mounted, translated] = await Promise.all([
      shown(twins.mounted, code),
      shown(twins.translated, code),
    ]);
    expect(translated).toEqual(mounted);
    const { directories } = twins;
    const files = async (of: keyof typeof directories): Promise<string[]> =>
      (await readdir(directories[of], { recursive: true })).sort();
    expect(await files('translated')).toEqual(await files('mounted'));
  }

  it(
    'show and do the same for all code that can be seen to mean /mnt/data',
    async () => {
      const runs = SOAK ? { numRuns: 3000 } : { numRuns: 60 };
      await fc.assert(fc.asyncProperty(program, expectAlike), runs);
    },
    SOAK ? 3_600_000 : 120_000,
  );
});
