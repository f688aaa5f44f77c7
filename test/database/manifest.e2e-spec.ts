import { jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { EntityManager, type DataSource } from 'typeorm';
import { newId, openDatabase } from '../../src/database/index.js';
import {
  ManifestService,
  Workspace,
  WorkspaceEntry,
  type ManifestChange,
  type ManifestRow,
} from '../../src/workspaces/index.js';
import { aDatabase, type TestDatabase } from '../support/a-database.js';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Every column another value, by the name and a number. */
const entry = (name: string, number: number, change: Partial<ManifestRow> = {}): ManifestRow => ({
  ...{ pathSha256: sha256(name), path: Buffer.from(name), origin: 'generated', size: number, mode: 0o644 },
  ...{ mtimeNs: `${String(number)}01`, ctimeNs: `${String(number)}02`, inode: `${String(number)}03` },
  ...{ racy: false, sha256: sha256(`${name} ${String(number)}`), fileId: newId() },
  ...change,
});

// On the server that TEST_DATABASE_URL names, else embedded.
describe('The manifest', () => {
  let home: TestDatabase;
  let dataSource: DataSource;
  let manifest: ManifestService;
  let workspaceId: string;

  const apply = async (change: Partial<ManifestChange>): Promise<number> =>
    await dataSource.transaction((manager) =>
      manifest.apply(manager, workspaceId, { upserts: [], refreshes: [], removals: [], ...change }),
    );
  const content = async (): Promise<ManifestRow[]> => {
    const rows = await manifest.load(workspaceId);
    return rows
      .map(({ workspaceId: _, ...row }) => row)
      .sort((one, other) => Buffer.compare(one.path, other.path));
  };
  const totals = async (): Promise<Pick<Workspace, 'generation' | 'bytes' | 'fileCount'>> => {
    const { generation, bytes, fileCount } = await dataSource
      .getRepository(Workspace)
      .findOneByOrFail({ id: workspaceId });
    return { generation, bytes, fileCount };
  };

  beforeAll(async () => {
    home = await aDatabase();
    dataSource = await openDatabase({ ...home, poolSize: 2, warn: () => undefined });
    manifest = new ManifestService(dataSource.getRepository(WorkspaceEntry));
  }, 60_000);

  afterAll(async () => {
    await dataSource.destroy();
    await home.remove();
  });

  beforeEach(async () => {
    workspaceId = newId();
    await dataSource.getRepository(Workspace).insert({
      ...{ id: workspaceId, userId: 'alice', kind: 'message', externalId: workspaceId, state: 'active' },
    });
  });

  it('holds what was entered, replaced, seen again and removed in one change', async () => {
    const [a, b, c, d] = [entry('a', 1), entry('b', 2), entry('c', 3), entry('d', 4)];
    expect(await apply({ upserts: [a, b, c, d], totals: { files: 4, bytes: 10 } })).toBe(1);
    expect(await content()).toEqual([a, b, c, d]);
    expect(await totals()).toEqual({ generation: 1, bytes: 10, fileCount: 4 });

    const replaced = entry('b', 5, {
      origin: 'untracked',
      mode: 0o600,
      racy: true,
      sha256: null,
      fileId: null,
    });
    const added = entry('e', 6, { mtimeNs: null, ctimeNs: null, inode: null });
    const seen = { mode: 0o755, mtimeNs: '71', ctimeNs: '72', inode: '18446744073709551615', racy: true };
    const refreshes = [{ pathSha256: c.pathSha256, ...seen }];
    expect(await apply({ upserts: [replaced, added], refreshes, removals: [d.pathSha256] })).toBe(2);
    expect(await content()).toEqual([a, replaced, { ...c, ...seen }, added]);
    expect(await totals()).toEqual({ generation: 2, bytes: 10, fileCount: 4 });
  });

  it('changes no other workspace', async () => {
    const mine = entry('a', 1);
    await apply({ upserts: [mine] });
    const other = workspaceId;
    workspaceId = newId();
    await dataSource.getRepository(Workspace).insert({
      ...{ id: workspaceId, userId: 'mallory', kind: 'message', externalId: other, state: 'active' },
    });
    const { pathSha256 } = mine;
    const refreshes = [{ pathSha256, mode: 0, mtimeNs: '0', ctimeNs: '0', inode: '0', racy: true }];
    await apply({ upserts: [entry('a', 2)], totals: { files: 9, bytes: 9 } });
    await apply({ refreshes });
    await apply({ removals: [pathSha256] });
    expect(await content()).toEqual([]);
    workspaceId = other;
    expect(await content()).toEqual([mine]);
    expect(await totals()).toEqual({ generation: 1, bytes: 0, fileCount: 0 });
  });

  it('takes many entries with the longest paths in one change, in statements that stay small', async () => {
    const path = Buffer.alloc(4_096, 'x');
    const entries = Array.from({ length: 5_000 }, (_, number) => entry(String(number), number, { path }));
    const query = jest.spyOn(EntityManager.prototype, 'query');
    await apply({ upserts: entries });
    // Written as text they are twice as long, and 512 MiB are the longest that Node.js knows.
    const sizes = query.mock.calls.map(([, values = []]) =>
      (values as unknown[])
        .flat()
        .filter(Buffer.isBuffer)
        .reduce((sum, { length }) => sum + length, 0),
    );
    query.mockRestore();
    expect(Math.max(...sizes)).toBeGreaterThan(1 << 20);
    expect(Math.max(...sizes)).toBeLessThan(16 << 20);
    const refreshes = entries.map((row) => ({ ...row, mtimeNs: '1', ctimeNs: '2', inode: '3', racy: true }));
    expect(await apply({ refreshes })).toBe(2);
    const seen = await dataSource
      .getRepository(WorkspaceEntry)
      .countBy({ workspaceId, mtimeNs: '1', ctimeNs: '2', inode: '3', racy: true });
    expect(seen).toBe(entries.length);
    await apply({ removals: entries.map((row) => row.pathSha256) });
    expect(await content()).toEqual([]);
  });

  it('is empty and tells so after it was cleared', async () => {
    await apply({ upserts: [entry('a', 1)], totals: { files: 1, bytes: 1 } });
    await dataSource.transaction((manager) => manifest.clear(manager, workspaceId));
    expect(await content()).toEqual([]);
    expect(await totals()).toEqual({ generation: 2, bytes: 0, fileCount: 0 });
  });
});
