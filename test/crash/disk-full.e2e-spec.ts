import { spawnSync } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionDto } from '../../src/execution/index.js';
import { aDatabase } from '../support/a-database.js';
import { SECRET, TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { aSmallDisk, canHaveSmallDisks } from '../support/small-disk.js';
import { until } from '../support/until.js';
import { contentAfterSweep } from './stored-content.js';

const MIB = 1024 * 1024;

/** A service whose files lie on a disk of 32 MiB, and its database elsewhere. */
async function aServiceOnASmallDisk(): Promise<TestService> {
  const disk = aSmallDisk(32);
  if (!disk) throw new Error('No small disk could be mounted.');
  const database = await aDatabase();
  const home = join(disk.directory, 'database');
  if (database.url === null) {
    await mkdir(home);
    const bind = spawnSync('mount', ['--bind', database.directory, home]);
    if (bind.status !== 0) throw new Error(`The database could not be mounted: ${String(bind.stderr)}`);
  }
  const env = {
    ...{ DATA_DIR: disk.directory, PORT: '0', AUTH_JWT_SECRET: SECRET, SHUTDOWN_GRACE_SECONDS: '1' },
    ...(database.url === null ? {} : { DATABASE_URL: database.url }),
    LEASE_SECONDS: '3',
  };
  const service = new TestService(env, disk.directory, async () => {
    if (database.url === null) spawnSync('umount', [home]);
    await database.remove();
    disk.remove();
  });
  try {
    await service.start();
    return service;
  } catch (error) {
    await service.remove();
    throw error;
  }
}

// Mounting is for root only.
const describeWithDisks = canHaveSmallDisks() ? describe : describe.skip;

describeWithDisks('a disk that is full', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aServiceOnASmallDisk();
    alice = await service.as('alice');
  }, 120_000);

  afterAll(async () => {
    await service.remove();
  });

  const ballast = (): string => join(service.directory, 'ballast');
  /** Takes all the space there is but for so much. */
  const fill = async (leftBytes: number): Promise<void> => {
    const { bavail, bsize } = await statfs(service.directory);
    await writeFile(ballast(), Buffer.alloc(bavail * bsize - leftBytes));
  };
  const free = (): Promise<void> => rm(ballast(), { force: true });
  const names = ({ files }: ExecutionDto): string[] => files.map(({ name }) => name);

  it('refuses an upload with 507 and takes it when there is space again', async () => {
    await fill(MIB);
    const form = new FormData();
    form.set('message_id', 'upload');
    form.append('file', new Blob([Buffer.alloc(3 * MIB)]), 'in.bin');
    const { status, body } = await alice.request('POST', '/files', form);
    expect([status, body.code]).toEqual([507, 'storage_full']);
    expect(await alice.files('message_id=upload')).toEqual([]);
    await free();
    expect(await alice.attach('upload', { 'in.bin': Buffer.alloc(3 * MIB) })).toHaveLength(1);
  });

  it('tells which file could not be prepared, and prepares it when there is space again', async () => {
    await alice.attach('prepare', { 'in.bin': Buffer.alloc(3 * MIB, 1), 'small.txt': 'small' });
    await fill(MIB);
    const code = "import os; print(sorted(os.listdir('.')))";
    const full = await alice.run(code, { message_id: 'prepare' });
    expect(full).toMatchObject({
      ...{ status: 'ok', stdout: "['small.txt']\n", deleted: [] },
      warnings: [{ code: 'no_space', path: '/mnt/data/in.bin' }],
    });
    await free();
    const next = await alice.run(code, { message_id: 'prepare' });
    expect(next).toMatchObject({ stdout: "['in.bin', 'small.txt']\n", warnings: [], files: [] });
  });

  it('tells which file could not be kept, and lists it once when there is space again', async () => {
    await alice.run('1', { message_id: 'collect' });
    await fill(5 * MIB);
    const full = await alice.run(
      "open('big.bin', 'wb').write(b'b' * (3 << 20)); open('small.txt', 'w').write('small')",
      { message_id: 'collect' },
    );
    expect(full.status).toBe('ok');
    expect(names(full)).not.toContain('big.bin');
    expect(full.warnings.map(({ code }) => code)).toEqual([expect.stringMatching(/no_space|storage_full/)]);
    await free();
    const next = await alice.run('1', { message_id: 'collect' });
    expect([...names(full), ...names(next)].sort()).toEqual(['big.bin', 'small.txt']);
    expect(next.warnings).toEqual([]);
  });

  it('does not keep a killed run from being told, and its files are found when there is space again', async () => {
    const started = await alice.request<ExecutionDto>(
      'POST',
      '/executions',
      {
        code: "open('big.bin', 'wb').write(b'c' * (3 << 20)); print('go', flush=True)\nwhile True: pass",
        message_id: 'killed',
      },
      { Prefer: 'respond-async' },
    );
    const path = `/executions/${started.body.id}`;
    await until(async () => (await alice.get<ExecutionDto>(path)).body.stdout === 'go\n');
    await fill(MIB);
    await service.kill();
    await service.start();
    alice = await service.as('alice');
    await until(async () => (await alice.get<ExecutionDto>(path)).body.status === 'died');
    expect(await alice.files('message_id=killed')).toEqual([]);
    await free();
    const next = await alice.run('1', { message_id: 'killed' });
    expect(next).toMatchObject({ status: 'ok', files: [{ name: 'big.bin', change: 'created' }] });
  });

  it('tells which image could not be kept, and shows the rest of its output', async () => {
    await alice.run('1', { message_id: 'image' });
    await fill(MIB);
    const code = `
import os
image = b'\\x89PNG\\r\\n\\x1a\\n' + os.urandom(3 << 20)
display({'image/png': image, 'text/plain': 'an image'}, raw=True)
print('after')`;
    const full = await alice.run(code, { message_id: 'image' });
    expect(full).toMatchObject({
      ...{ status: 'ok', stdout: 'after\n', files: [] },
      outputs: [{ file_id: null, data: { 'text/plain': 'an image' } }],
      warnings: [{ code: 'image_not_kept', path: null }],
    });
    await free();
    const next = await alice.run(code, { message_id: 'image' });
    expect(next).toMatchObject({ status: 'ok', warnings: [] });
    expect(next.outputs[0]?.file_id).not.toBeNull();
  });

  it('restores nothing by halves: a run is refused, and the one after finds everything', async () => {
    await service.end();
    // About a second without use, and a scheduled job that never comes.
    await service.start({ WORKSPACE_RETENTION_DAYS: '0.00001', CLEANUP_CRON: '0 0 29 2 *' });
    alice = await service.as('alice');
    const admin = await service.as('ada', { role: 'admin' });
    const write = "open('big.bin', 'wb').write(b'd' * (3 << 20)); open('small.txt', 'w').write('small')";
    await alice.run(write, { message_id: 'restore' });
    await until(async () => {
      await admin.request('POST', '/admin/cleanup', {});
      return (await alice.get('/workspaces/restore')).body.state === 'expired';
    });
    await fill(MIB);
    const code = "import os; print(sorted(os.listdir('.')))";
    const refused = await alice.request('POST', '/executions', { code, message_id: 'restore' });
    expect([refused.status, refused.body.code]).toEqual([507, 'storage_full']);
    await free();
    expect(await alice.run(code, { message_id: 'restore' })).toMatchObject({
      ...{ status: 'ok', stdout: "['big.bin', 'small.txt']\n" },
      ...{ files: [], deleted: [], warnings: [] },
    });
  });

  it('leaves rows and content that match', async () => {
    await service.end();
    const { stored, rows, used } = await contentAfterSweep(service.env);
    expect([rows, stored]).toEqual([used, used]);
    await service.start();
  });
});
