import type { NestExpressApplication } from '@nestjs/platform-express';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { DataSource } from 'typeorm';
import { createApp } from '../../src/bootstrap.js';
import { newId } from '../../src/database/index.js';
import { fileFormat, LinksService, StoredFile, type FileDto } from '../../src/files/index.js';
import { ArtifactsService, ArtifactStore } from '../../src/storage/index.js';
import { aToken } from '../ownership/attackers.js';
import { startApp, type StartedApp } from '../ownership/start-app.js';
import { ApiClient } from '../support/api-client.js';

const SECRET = 's'.repeat(32);
const DOWNLOADS = '/downloads/code-execution';

interface Made {
  messageId?: string;
  chatId?: string | null;
  path?: string | Buffer | null;
  name?: string;
  content?: Buffer;
  values?: Partial<StoredFile>;
}

describe('downloads', () => {
  let started: StartedApp;
  let app: NestExpressApplication;
  let olivia: ApiClient;
  let mallory: ApiClient;
  let messages = 0;

  const as = async (user: string): Promise<ApiClient> =>
    new ApiClient(started.url, `Bearer ${await aToken(user, SECRET)}`);
  const aMessage = (): string => `message-${String((messages += 1))}`;

  beforeAll(async () => {
    started = await startApp(createApp, { AUTH_JWT_SECRET: SECRET, LOG_LEVEL: 'error' });
    app = started.app;
    app.get(LinksService).listeningAt(started.url);
    olivia = await as('olivia');
    mallory = await as('mallory');
  }, 120_000);

  afterAll(async () => {
    await started.stop();
  }, 60_000);

  /** A file as an execution leaves it. */
  async function aGeneratedFile(made: Made = {}): Promise<StoredFile> {
    const content = made.content ?? randomBytes(1000);
    const artifacts = app.get(ArtifactsService);
    const staged = await artifacts.stage(Readable.from([content]), { maxBytes: Infinity });
    await artifacts.store([staged]);
    const path = made.path === null ? null : Buffer.from(made.path ?? 'out.csv');
    const name = made.name ?? path?.toString().split('/').at(-1) ?? 'plot-1.png';
    const files = app.get(DataSource).getRepository(StoredFile);
    const id = newId();
    await files.insert({
      id,
      userId: 'olivia',
      messageId: made.messageId ?? aMessage(),
      chatId: made.chatId ?? null,
      executionId: newId(),
      source: 'code_execution',
      change: 'created',
      display: path === null,
      path,
      pathSha256: path && createHash('sha256').update(path).digest(),
      name,
      ...fileFormat(name),
      size: content.length,
      sha256: Buffer.from(staged.sha256, 'hex'),
      meta: {} as StoredFile['meta'],
      ...made.values,
    });
    return await files.findOneByOrFail({ id });
  }

  async function unpacked(zip: Buffer): Promise<Record<string, string>> {
    const directory = await mkdtemp(join(tmpdir(), 'mntdata-zip-'));
    try {
      await writeFile(join(directory, 'a.zip'), zip);
      const program =
        'import json,sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); ' +
        'print(json.dumps({n: z.read(n).hex() for n in z.namelist()}))';
      const { stdout } = await promisify(execFile)('python3', ['-c', program, join(directory, 'a.zip')]);
      return JSON.parse(stdout);
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  const idsOf = (files: readonly { id: string }[]): string[] => files.map(({ id }) => id);

  describe('of a message', () => {
    test('lists what code made, the latest versions, newest first', async () => {
      const messageId = aMessage();
      const first = await aGeneratedFile({ messageId, path: 'a.csv', values: { latest: false } });
      const second = await aGeneratedFile({ messageId, path: 'a.csv', values: { version: 2 } });
      const third = await aGeneratedFile({ messageId, path: 'b/c.xlsx', values: { createdAt: new Date() } });
      const image = await aGeneratedFile({ messageId, path: null, name: 'plot-1.png' });
      await olivia.attach(messageId, { 'input.csv': '1' });
      const { body } = await olivia.get<FileDto[]>(`${DOWNLOADS}/${messageId}/files`);
      expect(idsOf(body).sort()).toEqual([second.id, third.id].sort());
      expect(body.find(({ id }) => id === third.id)).toMatchObject({
        name: 'c.xlsx',
        path: '/mnt/data/b/c.xlsx',
        format: 'Excel',
        download_url: `/api/v1${DOWNLOADS}/file/${third.id}`,
        link: null,
      });
      const withImages = await olivia.get<FileDto[]>(`${DOWNLOADS}/${messageId}/files?display=true`);
      expect(idsOf(withImages.body)).toContain(image.id);
      expect(idsOf(withImages.body)).not.toContain(first.id);
    });

    test('is empty for strangers and unknown messages', async () => {
      const { messageId } = await aGeneratedFile();
      for (const [client, id] of [
        [mallory, messageId],
        [olivia, 'nobody-knows'],
      ] as const) {
        expect(await client.get(`${DOWNLOADS}/${String(id)}/files`)).toMatchObject({ status: 200, body: [] });
      }
    });

    test('carries links when asked for', async () => {
      const { messageId } = await aGeneratedFile({ content: Buffer.from('linked') });
      const { body } = await olivia.get<FileDto[]>(`${DOWNLOADS}/${String(messageId)}/files?links=60`);
      const answer = await fetch(body[0]!.link!);
      expect([answer.status, await answer.text()]).toEqual([200, 'linked']);
    });

    test('wins over a file of the same address', async () => {
      const made = await aGeneratedFile({ messageId: 'file' });
      const { body } = await olivia.get<FileDto[]>(`${DOWNLOADS}/file/files`);
      expect(idsOf(body)).toEqual([made.id]);
    });

    test.each(['?links=0', '?links=604801', '?links=x', '?display=1', '?other=1'])(
      'refuses %s',
      async (query) => {
        const { status, body } = await olivia.get(`${DOWNLOADS}/m/files${query}`);
        expect([status, body.code]).toEqual([400, 'validation_failed']);
      },
    );
  });

  describe('of a chat', () => {
    test('lists by message', async () => {
      const chatId = `chat-${newId()}`;
      const [one, other] = [aMessage(), aMessage()];
      const files = [
        await aGeneratedFile({ chatId, messageId: one, path: 'a' }),
        await aGeneratedFile({ chatId, messageId: one, path: 'b' }),
        await aGeneratedFile({ chatId, messageId: other, path: 'a' }),
        await aGeneratedFile({ chatId, messageId: '__proto__', path: 'a' }),
      ];
      await aGeneratedFile({ messageId: aMessage() });
      const { body } = await olivia.get<{ messages: Record<string, FileDto[]> }>(
        `${DOWNLOADS}/chat/${chatId}/files`,
      );
      expect(body).toMatchObject({ chat_id: chatId, total_files: 4 });
      const groups = Object.entries(body.messages).map(([id, group]) => [id, idsOf(group).sort()]);
      expect(groups.sort()).toEqual(
        [
          ['__proto__', [files[3]!.id]],
          [one, idsOf(files.slice(0, 2)).sort()],
          [other, [files[2]!.id]],
        ].sort(),
      );
      const stranger = await mallory.get(`${DOWNLOADS}/chat/${chatId}/files`);
      expect(stranger.body).toEqual({ chat_id: chatId, total_files: 0, messages: {} });
    });
  });

  describe('of a file', () => {
    test('gives its bytes on both routes', async () => {
      const content = randomBytes(100_000);
      const file = await aGeneratedFile({ content, path: 'Übersicht "1".bin' });
      for (const path of [`/files/${file.id}/content`, `${DOWNLOADS}/file/${file.id}`]) {
        expect((await olivia.download(`/api/v1${path}`)).equals(content)).toBe(true);
        const { status, headers } = await olivia.request('GET', path, undefined, { Range: 'bytes=-5' });
        expect([status, headers.get('content-length')]).toEqual([206, '5']);
        expect(headers.get('content-disposition')).toContain("filename*=UTF-8''%C3%9Cbersicht%20%221%22.bin");
        expect(headers.get('content-security-policy')).toMatch(/^sandbox;/);
        const head = await olivia.request('HEAD', path);
        expect([head.status, head.headers.get('content-length')]).toEqual([200, '100000']);
        const etag = headers.get('etag')!;
        expect((await olivia.request('GET', path, undefined, { 'If-None-Match': etag })).status).toBe(304);
      }
    });

    test('shows only harmless types inline', async () => {
      const image = await aGeneratedFile({ path: null, name: 'plot-1.png' });
      const page = await aGeneratedFile({ path: 'page.html' });
      const dispositions = await Promise.all(
        [image, page].map(async ({ id }) => {
          const { headers } = await olivia.request('HEAD', `/files/${id}/content?disposition=inline`);
          return headers.get('content-disposition')?.split(';')[0];
        }),
      );
      expect(dispositions).toEqual(['inline', 'attachment']);
      expect((await olivia.get(`/files/${image.id}/content?disposition=other`)).status).toBe(400);
    });

    test('is not there for strangers, and not a download when it was attached', async () => {
      const file = await aGeneratedFile();
      const [attached] = await olivia.attach(aMessage(), { 'input.csv': 'attached' });
      for (const path of [`/files/${file.id}/content`, `${DOWNLOADS}/file/${file.id}`]) {
        expect((await mallory.get(path)).status).toBe(404);
      }
      expect(await mallory.get(`${DOWNLOADS}/file/${attached!.id}`)).toMatchObject({ status: 404 });
      expect(await olivia.get(`${DOWNLOADS}/file/${attached!.id}`)).toMatchObject({
        status: 403,
        body: { code: 'not_generated' },
      });
      expect((await olivia.download(attached!.url)).toString()).toBe('attached');
      expect((await olivia.get(`${DOWNLOADS}/file/no-uuid`)).status).toBe(404);
    });

    test('that the storage lost is a problem', async () => {
      const file = await aGeneratedFile();
      await app.get(ArtifactStore).remove(file.sha256.toString('hex'));
      const { status, body } = await olivia.get(`/files/${file.id}/content`);
      expect([status, body.code]).toEqual([410, 'content_missing']);
    });
  });

  describe('as an archive', () => {
    test('hold all files, the newest under its own name', async () => {
      const messageId = aMessage();
      const at = (second: number): Partial<StoredFile> => ({
        createdAt: new Date(Date.UTC(2026, 1, 1, 0, 0, second)),
      });
      await aGeneratedFile({
        messageId,
        path: 'a/x.csv',
        content: Buffer.from('old'),
        values: at(1),
      });
      await aGeneratedFile({ messageId, path: 'a/X.csv', content: Buffer.from('new'), values: at(2) });
      await aGeneratedFile({
        messageId,
        path: Buffer.from([0x62, 0xff]),
        content: Buffer.from('raw'),
        values: at(3),
      });
      await aGeneratedFile({ messageId, path: null, content: Buffer.from('image'), values: at(4) });
      const hex = (text: string): string => Buffer.from(text).toString('hex');
      const address = `/api/v1${DOWNLOADS}/${messageId}/archive`;
      expect(await unpacked(await olivia.download(address))).toEqual({
        b_: hex('raw'),
        'a/X.csv': hex('new'),
        'a/x (2).csv': hex('old'),
      });
      expect(await unpacked(await olivia.download(`${address}?display=true`))).toHaveProperty(
        ['plot-1.png'],
        hex('image'),
      );
      const head = await olivia.request('HEAD', `${DOWNLOADS}/${messageId}/archive`);
      expect([head.status, head.headers.get('content-disposition')]).toEqual([
        200,
        `attachment; filename="files-${messageId}.zip"`,
      ]);
    });

    test('go beyond a page', async () => {
      const messageId = aMessage();
      const content = Buffer.from('same');
      for (let i = 0; i < 401; i += 1) await aGeneratedFile({ messageId, path: `f${String(i)}`, content });
      const zip = await olivia.download(`/api/v1${DOWNLOADS}/${messageId}/archive`);
      expect(Object.keys(await unpacked(zip))).toHaveLength(401);
    }, 60_000);

    test('are not there without files, for strangers or without their content', async () => {
      const file = await aGeneratedFile();
      const path = `${DOWNLOADS}/${String(file.messageId)}/archive`;
      expect(await mallory.get(path)).toMatchObject({ status: 404, body: { code: 'no_generated_files' } });
      expect((await olivia.get(`${DOWNLOADS}/nobody-knows/archive`)).status).toBe(404);
      await app.get(ArtifactStore).remove(file.sha256.toString('hex'));
      expect((await olivia.get(path)).status).toBe(410);
    });
  });

  describe('by the link of a model', () => {
    const resolve = (client: ApiClient, messageId: string | null, path: string, more = '') =>
      client.request(
        'GET',
        `${DOWNLOADS}/${String(messageId)}/resolve?path=${encodeURIComponent(path)}${more}`,
      );

    test('are found under every spelling', async () => {
      const { id, messageId } = await aGeneratedFile({ path: 'a b/Übersicht.csv'.normalize('NFC') });
      for (const path of [
        'sandbox:/mnt/data/a b/Übersicht.csv',
        'sandbox:/mnt/data/a%20b/%C3%9Cbersicht.csv',
        '/mnt/data/a b/Übersicht.csv'.normalize('NFD'),
        'a b/Übersicht.csv',
      ]) {
        expect(await resolve(olivia, messageId, path)).toMatchObject({ status: 200, body: { id } });
      }
    });

    test('are the latest version of the likeliest path, attached ones too', async () => {
      const messageId = aMessage();
      await aGeneratedFile({ messageId, path: 'x', values: { latest: false } });
      const latest = await aGeneratedFile({ messageId, path: 'x', values: { version: 2 } });
      expect((await resolve(olivia, messageId, 'x')).body.id).toBe(latest.id);
      const decoded = await aGeneratedFile({ messageId, path: '100%.txt' });
      expect((await resolve(olivia, messageId, '100%25.txt')).body.id).toBe(decoded.id);
      const literal = await aGeneratedFile({ messageId, path: '100%25.txt' });
      expect((await resolve(olivia, messageId, '100%25.txt')).body.id).toBe(literal.id);
      const [attached] = await olivia.attach(messageId, { 'in.csv': '1' });
      expect((await resolve(olivia, messageId, '/mnt/data/in.csv')).body.id).toBe(attached!.id);
    });

    test('lead to a signed link', async () => {
      const { messageId } = await aGeneratedFile({ path: 'x', content: Buffer.from('followed') });
      const address = `${olivia.url}/api/v1${DOWNLOADS}/${String(messageId)}/resolve?path=x&redirect=1`;
      const authorization = `Bearer ${await aToken('olivia', SECRET)}`;
      const answer = await fetch(address, { headers: { authorization }, redirect: 'manual' });
      expect(answer.status).toBe(302);
      expect(await (await fetch(answer.headers.get('location')!)).text()).toBe('followed');
      expect((await resolve(olivia, messageId, 'x', '&links=5')).body.link).toMatch(/\/downloads\/shared\//);
    });

    test('are not found elsewhere', async () => {
      const { messageId } = await aGeneratedFile({ path: 'x' });
      const elsewhere = { status: 404, body: { code: 'link_not_resolved' } };
      expect(await resolve(mallory, messageId, 'x')).toMatchObject(elsewhere);
      for (const path of ['y', '/etc/x', '../x', '/mnt/database/x', '\0']) {
        expect(await resolve(olivia, messageId, path)).toMatchObject(elsewhere);
      }
      expect((await resolve(olivia, messageId, '')).status).toBe(400);
      expect((await olivia.get(`${DOWNLOADS}/${String(messageId)}/resolve`)).status).toBe(400);
    });
  });

  describe('by a signed link', () => {
    const share = async (file: StoredFile, body?: object): Promise<{ url: string; expires_at: string }> => {
      const answer = await olivia.request<{ url: string; expires_at: string }>(
        'POST',
        `${DOWNLOADS}/file/${file.id}/links`,
        body,
      );
      expect(answer.status).toBe(201);
      return answer.body;
    };
    const codeOf = async (url: string): Promise<[number, string]> => {
      const answer = await fetch(url);
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };

    test('need no credentials', async () => {
      const file = await aGeneratedFile({ content: Buffer.from('shared') });
      const { url, expires_at } = await share(file);
      const answer = await fetch(url, { headers: { Range: 'bytes=1-' } });
      expect([answer.status, await answer.text()]).toEqual([206, 'hared']);
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
      const seconds = (new Date(expires_at).getTime() - Date.now()) / 1000;
      expect(Math.abs(seconds - 3600)).toBeLessThan(60);
      // The token is no credential for anything else.
      const asBearer = { Authorization: `Bearer ${url.split('/').at(-1)!}` };
      expect((await fetch(`${olivia.url}/api/v1/files/${file.id}`, { headers: asBearer })).status).toBe(401);
    });

    test('end, by time or by their owner', async () => {
      const file = await aGeneratedFile();
      const { url } = await share(file, { expires_in: 60 });
      const expired = app.get(LinksService).make(file, new Date(Date.now() - 1));
      expect(await codeOf(expired)).toEqual([410, 'link_expired']);
      expect((await mallory.request('DELETE', `${DOWNLOADS}/file/${file.id}/links`)).status).toBe(404);
      expect((await fetch(url)).status).toBe(200);
      expect((await olivia.request('DELETE', `${DOWNLOADS}/file/${file.id}/links`)).status).toBe(204);
      expect(await codeOf(url)).toEqual([410, 'link_taken_back']);
      expect((await fetch((await share(file)).url)).status).toBe(200);
    });

    test('cannot be forged, nor outlive their file', async () => {
      const file = await aGeneratedFile();
      const { url } = await share(file);
      expect(await codeOf(`${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`)).toEqual([
        404,
        'link_not_found',
      ]);
      expect(await codeOf(`${olivia.url}/api/v1/downloads/shared/nonsense`)).toEqual([404, 'link_not_found']);
      expect((await olivia.request('DELETE', `/files/${file.id}`)).status).toBe(204);
      expect(await codeOf(url)).toEqual([404, 'link_not_found']);
    });

    test.each([
      { expires_in: 0 },
      { expires_in: 604_801 },
      { expires_in: '60' },
      { expires_in: null },
      { other: 1 },
    ])('are not made for %j', async (body) => {
      const file = await aGeneratedFile();
      const answer = await olivia.request('POST', `${DOWNLOADS}/file/${file.id}/links`, body);
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    });

    test('are not made for the files of others', async () => {
      const file = await aGeneratedFile();
      expect((await mallory.request('POST', `${DOWNLOADS}/file/${file.id}/links`, {})).status).toBe(404);
    });
  });
});
