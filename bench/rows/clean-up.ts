import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark } from '../bench.js';
import { growthDuring, serviceProcesses } from '../processes.js';
import { withRatio, type Row } from '../row.js';
import { timed } from '../statistics.js';
import { makeExpiredWorkspaces } from '../subjects/expired-workspaces.js';
import { inDatabase } from '../subjects/filled-database.js';

const execute = promisify(execFile);

/** Closing workspaces that were not used for long: each is leased, compared with its manifest, closed, removed. */
export const cleanUp: Benchmark = {
  name: 'clean-up',
  measure: async (bench) => {
    const { expired } = bench.scale;
    const service = await bench.special('expired workspaces', 'pglite', {}, async (database, directory) => {
      await inDatabase(database, async (source) => {
        await makeExpiredWorkspaces(source, join(directory, 'workspaces'), expired);
        await makeExpiredWorkspaces(null, join(directory, 'twins'), expired);
      });
    });
    const { admin, process } = service;
    let closed = 0;
    let ours = Number.NaN;
    const grown = await growthDuring(
      () => serviceProcesses(process.pid),
      async () => {
        ours = await timed(async () => {
          const { body } = await admin.request<{ workspaces: unknown[] }>('POST', '/admin/cleanup', {});
          closed = body.workspaces.length;
        });
      },
    );
    if (closed !== expired) throw new Error(`Clean-up closed ${closed} workspaces of ${expired}.`);
    const remove = await timed(async () => await execute('rm', ['-rf', join(process.directory, 'twins')]));
    const row: Row = {
      ...{ id: 'clean-up', what: `clean-up of ${expired} workspaces`, unit: 'ms' },
      ...{ ours: { pglite: { value: ours } }, other: { name: '`rm -rf`', value: remove } },
      memory: { ours: grown },
    };
    return [withRatio(row, 'ours/other')];
  },
};
