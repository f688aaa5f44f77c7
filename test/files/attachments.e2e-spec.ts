import { readFile } from 'node:fs/promises';
import type { FileDto } from '../../src/files/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';

const MIB = 1024 * 1024;

/** Prints every file below `/mnt/data` with its content. */
const SHOW = `
import json, os
found = {}
for folder, _, names in os.walk('/mnt/data'):
    for name in names:
        path = os.path.join(folder, name)
        with open(path, errors='replace') as file: found[os.path.relpath(path, '/mnt/data')] = file.read()
print(json.dumps(found))`;

describe('attached files', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aService();
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  const seen = async (fields: Record<string, unknown>): Promise<Record<string, string>> => {
    const { stdout, status, error } = await alice.run(SHOW, fields);
    expect([status, error]).toEqual(['ok', null]);
    return JSON.parse(stdout) as Record<string, string>;
  };
  const put = async (messageId: string, fileIds: string[], chatId?: string): Promise<FileDto[]> => {
    const { status, body } = await alice.request<{ files: FileDto[] }>(
      'PUT',
      `/messages/${messageId}/attachments`,
      { file_ids: fileIds, ...(chatId !== undefined && { chat_id: chatId }) },
    );
    expect(status).toBe(200);
    return body.files;
  };

  it('stand where they were named, another content of a name beside the first, the same content once', async () => {
    const [first] = await alice.attach('names', { 'data/in.csv': 'one' });
    const [second] = await alice.attach('names', { 'data/in.csv': 'two' });
    const [third] = await alice.attach('names', { 'data/in.csv': 'three' });
    const [repeated] = await alice.attach('names', { 'data/in.csv': 'two' });
    await alice.attach('names', { 'grüße.txt': 'nfc', 'gru\u0308ße.txt': 'nfd', leer: '' });
    expect([first?.path, second?.path, third?.path]).toEqual([
      '/mnt/data/data/in.csv',
      '/mnt/data/data/in (2).csv',
      '/mnt/data/data/in (3).csv',
    ]);
    expect(repeated?.id).toBe(second?.id);
    expect(await seen({ message_id: 'names' })).toEqual({
      'data/in.csv': 'one',
      'data/in (2).csv': 'two',
      'data/in (3).csv': 'three',
      'grüße.txt': 'nfc',
      'gru\u0308ße.txt': 'nfd',
      leer: '',
    });
  });

  it('are refused with what to send instead when the form is not one that is taken', async () => {
    const send = async (
      parts: readonly (readonly [name: string, value: string | Blob])[],
    ): Promise<unknown> => {
      const form = new FormData();
      for (const [name, value] of parts) form.append(name, value);
      const { status, body } = await alice.request('POST', '/files', form);
      return [status, body.code, body.detail];
    };
    const file = new Blob(['x']);
    const message = ['message_id', 'refused'] as const;
    const says = (text: string): unknown => expect.stringContaining(text);
    expect(await send([message, ['upload', file]])).toEqual([
      ...[400, 'unexpected_file_field', says('sent as file, not as "upload"')],
    ]);
    expect(await send([message, ...Array.from({ length: 101 }, () => ['file', file] as const)])).toEqual([
      ...[400, 'too_many_files', says('takes 100 files')],
    ]);
    expect(
      await send([
        ['message_id', 'x'.repeat(20_000)],
        ['file', file],
      ]),
    ).toEqual([...[400, 'malformed_multipart', says('"message_id" is not')]]);
    expect(await alice.files('message_id=refused')).toEqual([]);
  });

  it('appear between two runs of a live kernel, and do not come back when code deleted them', async () => {
    await alice.attach('live', { 'a.csv': 'a' });
    expect(await seen({ message_id: 'live' })).toEqual({ 'a.csv': 'a' });
    await alice.attach('live', { 'b.csv': 'b' });
    const removed = await alice.run("import os; os.remove('a.csv')", { message_id: 'live' });
    expect(removed).toMatchObject({ kernel: 'kept', deleted: ['/mnt/data/a.csv'], files: [] });
    expect(await seen({ message_id: 'live' })).toEqual({ 'b.csv': 'b' });
    await alice.attach('live', { 'a.csv': 'a', 'c.csv': 'c' });
    expect(await seen({ message_id: 'live' })).toEqual({ 'b.csv': 'b', 'c.csv': 'c' });
    await alice.request('POST', '/workspaces/live/restart');
    expect(await seen({ message_id: 'live' })).toEqual({ 'b.csv': 'b', 'c.csv': 'c' });
  });

  it('give way to what code made under their name meanwhile, and tell where they are', async () => {
    await alice.run("open('plan.txt', 'w').write('made')", { message_id: 'taken' });
    const [attached] = await alice.attach('taken', { 'plan.txt': 'attached' });
    expect(attached).toMatchObject({ name: 'plan (2).txt', version: 1 });
    expect(await seen({ message_id: 'taken' })).toEqual({ 'plan.txt': 'made', 'plan (2).txt': 'attached' });
  });

  it('leave the latest version what it is when they come with the content that code gave it', async () => {
    await alice.attach('same', { 'a.txt': 'one' });
    await alice.run("open('a.txt', 'w').write('two')", { message_id: 'same' });
    const [again] = await alice.attach('same', { 'a.txt': 'two' });
    expect(again).toMatchObject({ name: 'a (2).txt' });
    const listed = await alice.files('message_id=same');
    expect(listed.map(({ name, version }) => [name, version]).sort()).toEqual([
      ['a (2).txt', 1],
      ['a.txt', 2],
    ]);
  });

  it('become generated files when code changes them', async () => {
    await alice.attach('changed', { 'in.csv': 'a' });
    const run = await alice.run("open('in.csv', 'a').write('b')", { message_id: 'changed' });
    expect(run.files).toMatchObject([
      { path: '/mnt/data/in.csv', change: 'modified', source: 'code_execution', version: 2 },
    ]);
    const versions = await alice.files('message_id=changed&versions=all');
    const contents = await Promise.all(
      versions.map(async ({ url }) => (await alice.download(url)).toString()),
    );
    expect(contents).toEqual(['ab', 'a']);
  });

  it('can be files of earlier messages, each message with its own', async () => {
    const made = await alice.run("open('out.csv', 'w').write('made')", { message_id: 'maker' });
    const id = made.files[0]?.id ?? '';
    const [file] = await put('taker', [id]);
    expect(file).toMatchObject({ message_id: 'taker', source: 'attached', path: '/mnt/data/out.csv' });
    expect(file?.id).not.toBe(id);
    expect((await put('taker', [id]))[0]?.id).toBe(file?.id);
    expect((await alice.request('DELETE', `/files/${id}`)).status).toBe(204);
    expect(await seen({ message_id: 'taker' })).toEqual({ 'out.csv': 'made' });
    expect((await alice.download(file?.url ?? '')).toString()).toBe('made');

    expect(await seen({ message_id: 'third', file_ids: [file?.id] })).toEqual({ 'out.csv': 'made' });
    const bob = await service.as('bob');
    const foreign = await bob.request('PUT', '/messages/x/attachments', { file_ids: [file?.id] });
    expect(foreign.status).toBe(404);
    const run = await bob.request('POST', '/executions', { code: '1', file_ids: [file?.id] });
    expect(run.status).toBe(404);
  });

  it('come and go without their bytes passing through the service', async () => {
    /** Everything that the process ever read, proc(5). */
    const bytesRead = async (): Promise<number> => {
      const io = await readFile(`/proc/${String(service.pid)}/io`, 'utf8');
      return Number(/^rchar: (\d+)/.exec(io)?.[1]);
    };
    const large = 64 * MIB;
    await alice.run('1', { message_id: 'large' });
    const before = await bytesRead();
    const made = await alice.run(`open('large.bin', 'wb').write(bytes(${String(large)}))`, {
      message_id: 'large',
    });
    expect(made.files).toMatchObject([{ name: 'large.bin', size: large }]);
    await put(
      'large-too',
      made.files.map(({ id }) => id),
    );
    const size = await alice.run("import os; print(os.path.getsize('large.bin'))", {
      message_id: 'large-too',
    });
    expect(size.stdout).toBe(`${String(large)}\n`);
    expect((await bytesRead()) - before).toBeLessThan(large / 2);
  });

  it('can be all files of a chat: the newest keeps its name, others get another, each once', async () => {
    const chat = { chat_id: 'story', include_chat_files: true };
    await alice.run("open('a.txt', 'w').write('1'); open('only.txt', 'w').write('x')", {
      ...{ message_id: 'm1', chat_id: 'story' },
    });
    await alice.run("open('a.txt', 'w').write('older')", { message_id: 'm1', chat_id: 'story' });
    await alice.run("open('a.txt', 'w').write('newer')", { message_id: 'm2', chat_id: 'story' });
    const expected = { 'a.txt': 'newer', 'a (2).txt': 'older', 'only.txt': 'x' };
    expect(await seen({ message_id: 'm3', ...chat })).toEqual(expected);
    expect(await seen({ message_id: 'm4', ...chat })).toEqual(expected);
    expect(await seen({ message_id: 'm4', ...chat })).toEqual(expected);
  });

  it('names the files of a chat that are too many', async () => {
    await alice.run("for n in range(105): open(f'{n}.txt', 'w').write(str(n))", {
      ...{ message_id: 'many', chat_id: 'crowd' },
    });
    const fields = { message_id: 'next', chat_id: 'crowd', include_chat_files: true };
    const run = await alice.run("import os; print(len(os.listdir('/mnt/data')))", fields);
    expect(run.stdout).toBe('100\n');
    expect(run.warnings.map(({ code }) => code)).toEqual(Array<string>(5).fill('chat_file_left_out'));
  });
});

describe('attached files of a workspace that a chat shares', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aService({ WORKSPACE_SCOPE: 'chat' });
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  it('are there for all of its messages, and what code makes belongs to the message that ran it', async () => {
    await alice.attach('m1', { 'in.csv': 'one' }, 'chat');
    const first = await alice.run("x = open('in.csv').read(); open('out.txt', 'w').write(x)", {
      ...{ message_id: 'm1', chat_id: 'chat' },
    });
    expect(first).toMatchObject({ status: 'ok', workspace_id: 'chat', files: [{ message_id: 'm1' }] });
    await alice.attach('m2', { 'in.csv': 'two' }, 'chat');
    const second = await alice.run("print(x, open('in (2).csv').read()); open('out.txt', 'a').write('!')", {
      ...{ message_id: 'm2', chat_id: 'chat' },
    });
    expect(second).toMatchObject({
      ...{ kernel: 'kept', stdout: 'one two\n' },
      files: [{ message_id: 'm2', change: 'modified', path: '/mnt/data/out.txt' }],
    });
    expect(await alice.files('message_id=m2&source=attached')).toMatchObject([{ name: 'in (2).csv' }]);
    const { body } = await alice.get<{ prompt: string }>('/workspaces/m2/prompt');
    for (const name of ['in.csv', 'in (2).csv', 'out.txt'])
      expect(body.prompt).toContain(`"/mnt/data/${name}"`);
  });
});
