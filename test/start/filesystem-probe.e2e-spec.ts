import { watch, type FSWatcher } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aService, type TestService } from '../support/a-service.js';
import { until } from '../support/until.js';

const AT_ONCE = 50;
/** How directories of workspaces are named. */
const DIRECTORY = /^[0-9a-f]{32}$/;

describe('the filesystem probe', () => {
  let service: TestService;
  let watcher: FSWatcher;
  /** All that was ever seen in the directory of the workspaces. */
  const seen = new Set<string>();

  beforeAll(async () => {
    service = await aService(
      // No kernel but the one of the probe has a workspace.
      { READY_KERNELS_MIN: '0', READY_KERNELS_MAX: '0' },
      {
        prepare: async (_, directory) => {
          await mkdir(join(directory, 'workspaces'));
          watcher = watch(join(directory, 'workspaces'), (_event, name) => {
            if (name !== null) seen.add(name);
          });
        },
      },
    );
  });

  afterAll(async () => {
    watcher.close();
    await service.remove();
  });

  async function askAtOnce(): Promise<void> {
    const asking = Array.from({ length: AT_ONCE }, async () => await fetch(`${service.url}/health/ready`));
    for (const response of await Promise.all(asking)) {
      expect(await response.json()).toMatchObject({ parts: { workspace: { status: 'ok' } } });
    }
  }

  /** How many probes there were, of all that began before now. */
  async function probes(): Promise<number> {
    const mark = `mark-${seen.size}`;
    await writeFile(join(service.directory, 'workspaces', mark), '');
    await until(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return seen.has(mark);
    });
    return [...seen].filter((name) => DIRECTORY.test(name)).length;
  }

  it('is one for all who ask while it runs, from the start on', async () => {
    await askAtOnce();
    expect(await probes()).toBe(1);
  });

  it('is not made again while its answer is fresh', async () => {
    await askAtOnce();
    expect(await probes()).toBe(1);
  });
});
