import type { NestExpressApplication } from '@nestjs/platform-express';
import { DataSource } from 'typeorm';
import { createApp } from '../../src/bootstrap.js';
import { Engine } from '../../src/execution/index.js';
import type { ExecutionDto } from '../../src/execution/index.js';
import { FilesRetentionJob } from '../../src/files/files-retention.job.js';
import type { FileDto } from '../../src/files/index.js';
import { ArtifactStore, ArtifactSweep } from '../../src/storage/index.js';
import { aToken } from '../ownership/attackers.js';
import { startApp, type StartedApp } from '../ownership/start-app.js';
import { ApiClient } from '../support/api-client.js';

const SECRET = 's'.repeat(32);

describe('what a user stores', () => {
  let started: StartedApp;
  let app: NestExpressApplication;

  beforeAll(async () => {
    started = await startApp(createApp, {
      AUTH_JWT_SECRET: SECRET,
      LOG_LEVEL: 'error',
      USER_MAX_BYTES: '10000',
      USER_MAX_FILES: '6',
      GENERATED_FILE_RETENTION_DAYS: '30',
      ATTACHED_FILE_RETENTION_DAYS: '60',
    });
    app = started.app;
    await app.get(Engine).start();
  }, 120_000);

  afterAll(async () => {
    await started.stop();
  }, 60_000);

  const as = async (user: string): Promise<ApiClient> =>
    new ApiClient(started.url, `Bearer ${await aToken(user, SECRET)}`);
  const upload = (client: ApiClient, messageId: string, files: Record<string, Buffer>) => {
    const form = new FormData();
    form.set('message_id', messageId);
    for (const [name, content] of Object.entries(files)) form.append('file', new Blob([content]), name);
    return client.request<{ code: string; files: FileDto[] }>('POST', '/files', form);
  };
  const stagedFiles = async (): Promise<number> =>
    (await app.get(ArtifactSweep).run({ unusedForSeconds: 3600, abandonedForSeconds: 0 })).staged;

  it('is refused past the quota, all of a request or nothing', async () => {
    const alice = await as('alice');
    expect((await upload(alice, 'm', { 'a.bin': Buffer.alloc(6_000) })).status).toBe(201);
    const tooMuch = await upload(alice, 'm', {
      'b.bin': Buffer.alloc(3_000, 1),
      'c.bin': Buffer.alloc(3_000, 2),
    });
    expect([tooMuch.status, tooMuch.body.code]).toEqual([413, 'quota_exceeded']);
    expect(await alice.files('message_id=m')).toHaveLength(1);
    expect(await stagedFiles()).toBe(0);
    // The same again is no new file, and others have a quota of their own.
    expect((await upload(alice, 'm', { 'a.bin': Buffer.alloc(6_000) })).status).toBe(201);
    expect((await upload(await as('bob'), 'm', { 'a.bin': Buffer.alloc(6_000) })).status).toBe(201);
    const [file] = await alice.files('message_id=m');
    await alice.request('DELETE', `/files/${file?.id ?? ''}`);
    expect((await upload(alice, 'm', { 'b.bin': Buffer.alloc(9_000) })).status).toBe(201);
  });

  it('holds also against uploads at the same time, and counts files', async () => {
    const carol = await as('carol');
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, n) =>
        upload(carol, `m${String(n)}`, { 'a.bin': Buffer.alloc(4_000, n) }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 413, 413, 413]);
    const dora = await as('dora');
    const many = Object.fromEntries(
      Array.from({ length: 7 }, (_, n) => [`${String(n)}.txt`, Buffer.alloc(0)]),
    );
    expect((await upload(dora, 'm', many)).status).toBe(413);
  });

  it('is told by a run that went past it; what fits is kept, and its files can be used on', async () => {
    const eve = await as('eve');
    const run = await eve.run(
      "for name, size in [('a', 4000), ('b', 7000), ('c', 5000)]: open(name, 'w').write(name * size)",
      { message_id: 'run' },
    );
    expect(run).toMatchObject({
      status: 'ok',
      files: [{ name: 'a' }, { name: 'c' }],
      warnings: [{ code: 'quota_exceeded', path: '/mnt/data/b' }],
    });
    const next = await eve.run("print(len(open('b').read()))", { message_id: 'run' });
    expect(next).toMatchObject({ stdout: '7000\n', files: [], warnings: [] });
    const [file] = run.files;
    const refused = await eve.request<ExecutionDto>('POST', '/executions', {
      ...{ code: 'print(1)', message_id: 'other', file_ids: [file?.id] },
    });
    expect(refused.body).toMatchObject({
      ...{ status: 'ok', stdout: '1\n' },
      warnings: [{ code: 'quota_exceeded', path: null }],
    });
    const put = await eve.request('PUT', '/messages/other/attachments', { file_ids: [file?.id] });
    expect([put.status, put.body.code]).toEqual([413, 'quota_exceeded']);
  });

  it('goes when it is older than its retention, its bytes with the next sweep', async () => {
    const fay = await as('fay');
    await fay.attach('old', { 'in.txt': 'attached', 'kept.txt': 'kept' });
    await fay.run("open('in.txt', 'w').write('changed'); open('out.txt', 'w').write('out')", {
      message_id: 'old',
    });
    const age = (days: number, source: string) =>
      app
        .get(DataSource)
        .query(
          `UPDATE files SET created_at = now() - $1 * interval '1 day' WHERE user_id = 'fay' AND source = $2`,
          [days, source],
        );
    const names = async (query = ''): Promise<[string, number][]> =>
      (await fay.files(`message_id=old${query}`))
        .map(({ name, version }): [string, number] => [name, version])
        .sort();

    await age(29, 'code_execution');
    await app.get(FilesRetentionJob).run();
    expect(await names()).toEqual([
      ['in.txt', 2],
      ['kept.txt', 1],
      ['out.txt', 1],
    ]);

    await age(31, 'code_execution');
    await app.get(FilesRetentionJob).run();
    // What is left of a path is its latest version again.
    expect(await names()).toEqual([
      ['in.txt', 1],
      ['kept.txt', 1],
    ]);
    const [file] = await fay.files('message_id=old&source=attached');
    expect(file).toBeDefined();

    await age(61, 'attached');
    await app.get(FilesRetentionJob).run();
    expect(await names('&versions=all')).toEqual([]);
    await app.get(ArtifactSweep).run({ unusedForSeconds: 0, abandonedForSeconds: 3600 });
    const stored: string[] = [];
    for await (const { sha256 } of app.get(ArtifactStore).list()) stored.push(sha256);
    expect(stored).not.toContain(file?.sha256);
  });
});
