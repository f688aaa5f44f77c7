import type { ExecutionDto } from '../../src/execution/index.js';
import type { FileDto } from '../../src/files/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { until } from '../support/until.js';

const REPORT = `
import pandas as pd
from fpdf import FPDF
import matplotlib.pyplot as plt
table = pd.read_csv('/mnt/data/in.csv')
table.to_csv('out.csv', index=False)
with pd.ExcelWriter('report.xlsx') as book:
    table.to_excel(book, sheet_name='data')
    table.describe().to_excel(book, sheet_name='summary')
pdf = FPDF()
pdf.add_page()
pdf.set_font('helvetica', size=12)
pdf.cell(text='A summary')
pdf.output('summary.pdf')
plt.plot(table['a'])
plt.show()
answer = 42
len(table)
`;

describe('the main job', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aService();
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  it('reads an attached file and gives back what the code made, byte for byte', async () => {
    const csv = 'a,b\n1,2\n3,4\n';
    const [attached] = await alice.attach('report', { 'in.csv': csv }, 'chat-1');
    expect(attached).toMatchObject({ path: '/mnt/data/in.csv', source: 'attached', download_url: null });

    const first = await alice.run(REPORT, { message_id: 'report', chat_id: 'chat-1' });
    expect(first).toMatchObject({
      status: 'ok',
      kernel: 'new',
      result: expect.stringContaining('2') as string,
    });
    expect(first.files.map(({ name, format, change }) => [name, format, change])).toEqual([
      ['out.csv', 'CSV', 'created'],
      ['report.xlsx', 'Excel', 'created'],
      ['summary.pdf', 'PDF', 'created'],
    ]);
    const [out, book, pdf] = first.files as [FileDto, FileDto, FileDto];
    expect((await alice.download(out.url)).toString()).toBe(csv);
    expect((await alice.download(book.download_url ?? '')).subarray(0, 2).toString()).toBe('PK');
    expect((await alice.download(pdf.url)).subarray(0, 5).toString()).toBe('%PDF-');
    const plot = first.outputs.find((output) => output.file_id !== null);
    const png = await alice.download(`/api/v1/files/${plot?.file_id ?? ''}/content`);
    expect(png.subarray(1, 4).toString()).toBe('PNG');

    const second = await alice.run("print(answer); table['c'] = 1; table.to_csv('out.csv')", {
      message_id: 'report',
      chat_id: 'chat-1',
    });
    expect(second).toMatchObject({ stdout: '42\n', kernel: 'kept' });
    expect(second.files).toMatchObject([{ name: 'out.csv', change: 'modified', version: 2 }]);
    const listed = await alice.get<FileDto[]>('/downloads/code-execution/report/files');
    expect(listed.body.find((file) => file.name === 'out.csv')).toMatchObject({ version: 2 });
    const versions = await alice.files('message_id=report&versions=all');
    expect(versions.filter((file) => file.name === 'out.csv').map((file) => file.version)).toEqual([2, 1]);
  });

  it('keeps others out: ids are absent, messages merely unknown, the same message id is another workspace', async () => {
    const mine = await alice.run("secret = 1; open('mine.txt', 'w').write('mine')", {
      message_id: 'private',
      chat_id: 'private-chat',
    });
    const bob = await service.as('bob');
    const [file] = mine.files as [FileDto];
    const closed = [
      `/files/${file.id}`,
      file.url.replace('/api/v1', ''),
      `/downloads/code-execution/file/${file.id}`,
      `/executions/${mine.id}`,
      '/workspaces/private',
      '/downloads/code-execution/private/archive',
      '/downloads/code-execution/private/resolve?path=mine.txt',
    ];
    for (const path of closed) expect([path, (await bob.get(path)).status]).toEqual([path, 404]);
    expect((await bob.get('/downloads/code-execution/private/files')).body).toEqual([]);
    expect((await bob.get('/downloads/code-execution/chat/private-chat/files')).body).toMatchObject({
      total_files: 0,
    });
    expect(await bob.files('message_id=private')).toEqual([]);
    expect((await bob.get<{ prompt: string }>('/workspaces/private/prompt')).body.prompt).not.toContain(
      'mine.txt',
    );
    const own = await bob.run("import os; print(os.listdir()); print('secret' in globals())", {
      message_id: 'private',
    });
    expect(own).toMatchObject({ kernel: 'new', stdout: '[]\nFalse\n' });
  });

  it('finds what changed by content', async () => {
    const run = (code: string): Promise<ExecutionDto> => alice.run(code, { message_id: 'changes' });
    const names = ({ files }: ExecutionDto): (string | null)[] => files.map(({ path }) => path);
    const made = await run(`
import os
os.makedirs('a/b')
for name in ('one.csv', 'two.csv', 'a/b/c.csv'):
    with open(name, 'w') as file: file.write('same')`);
    expect(names(made)).toEqual(['/mnt/data/a/b/c.csv', '/mnt/data/one.csv', '/mnt/data/two.csv']);
    expect(names(await run("open('one.csv').read()"))).toEqual([]);
    expect(names(await run("with open('one.csv', 'w') as file: file.write('same')"))).toEqual([]);
    const changed = await run("with open('one.csv', 'w') as file: file.write('SAME')\nos.remove('two.csv')");
    expect(names(changed)).toEqual(['/mnt/data/one.csv']);
    expect(changed.deleted).toEqual(['/mnt/data/two.csv']);
  });

  it('takes any text as output', async () => {
    const odd = await alice.run(String.raw`print('a\0b\ud800')`, { message_id: 'odd' });
    expect(odd).toMatchObject({ status: 'ok', stdout: 'a\0b\ud800\n' });
  });

  it('stops code at its time limit and goes on', async () => {
    const late = await alice.run('while True: pass', { message_id: 'late', timeout: 1 });
    expect(late.status).toBe('timeout');
    expect(late.timings_ms?.run).toBeLessThan(4_000);
    expect(await alice.run('print(1)', { message_id: 'late' })).toMatchObject({
      stdout: '1\n',
      kernel: 'kept',
    });
  });

  it('answers when a kernel dies, and the next one can write the same files', async () => {
    await alice.run("open('log.txt', 'w').write('a')", { message_id: 'dying' });
    const dead = await alice.run('import os; os._exit(1)', { message_id: 'dying' });
    expect(dead).toMatchObject({ status: 'died', reason: { code: expect.any(String) as string } });
    const next = await alice.run("open('log.txt', 'a').write('b'); open('new.txt', 'w').write('n')", {
      message_id: 'dying',
    });
    expect(next).toMatchObject({ status: 'ok', kernel: 'restarted' });
    expect(next.files.map(({ name, change }) => [name, change])).toEqual([
      ['log.txt', 'modified'],
      ['new.txt', 'created'],
    ]);
  });

  it('tells a Python error as a result', async () => {
    const failed = await alice.run("print('before'); open('kept.txt', 'w').write('x'); 1/0", {
      message_id: 'failing',
    });
    expect(failed).toMatchObject({
      status: 'error',
      stdout: 'before\n',
      error: { name: 'ZeroDivisionError', value: 'division by zero' },
      files: [{ name: 'kept.txt' }],
    });
    expect(failed.error?.traceback.join('\n')).toContain('1/0');
  });

  it('runs the code of one message in order of arrival', async () => {
    const runs = Array.from({ length: 6 }, (_, number) =>
      alice.run(`order = globals().get('order', []) + [${String(number)}]; print(order)`, {
        message_id: 'queue',
      }),
    );
    const ended = await Promise.all(runs);
    expect(new Set(ended.map((run) => run.stdout.trim().length)).size).toBe(6);
    expect(ended.filter((run) => run.kernel === 'new')).toHaveLength(1);
  });

  it('stops an execution on request and keeps its files', async () => {
    const started = await alice.request<ExecutionDto>(
      'POST',
      '/executions',
      {
        code: "open('early.txt', 'w').write('x'); print('go', flush=True)\nwhile True: pass",
        message_id: 'stop',
      },
      { Prefer: 'respond-async' },
    );
    expect(started.status).toBe(202);
    const path = (started.headers.get('location') ?? '').replace('/api/v1', '');
    await until(async () => (await alice.get<ExecutionDto>(path)).body.stdout === 'go\n');
    expect((await alice.request('DELETE', path)).status).toBe(202);
    await until(async () => (await alice.get<ExecutionDto>(path)).body.status === 'interrupted');
    expect((await alice.get<ExecutionDto>(path)).body.files).toMatchObject([{ name: 'early.txt' }]);
    expect((await alice.request('DELETE', path)).status).toBe(204);
  });

  it('repeats an execution only under another key', async () => {
    const send = (code: string): ReturnType<typeof alice.request<ExecutionDto>> =>
      alice.request('POST', '/executions', { code, message_id: 'once' }, { 'Idempotency-Key': 'key-1' });
    const code = "count = globals().get('count', 0) + 1; print(count)";
    const [first, second] = await Promise.all([send(code), send(code)]);
    expect(first.body.id).toBe(second.body.id);
    expect((await send(code)).body).toMatchObject({ id: first.body.id, stdout: '1\n' });
    expect((await send('print(2)')).status).toBe(422);
  });
});
