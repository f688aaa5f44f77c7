import type { ExecutionDto } from '../../src/execution/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';

type Change = [path: string, change: string | null, version: number];

describe('what code changed', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aService({ MAX_FILES_PER_EXECUTION: '300' });
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  const changes = ({ files }: ExecutionDto): Change[] =>
    files.map(({ path, change, version }) => [(path ?? '').replace('/mnt/data/', ''), change, version]);
  const runIn =
    (messageId: string) =>
    async (code: string): Promise<ExecutionDto> => {
      const run = await alice.run(code, { message_id: messageId });
      expect([run.status, run.error]).toEqual(['ok', null]);
      return run;
    };

  it('is found however it was changed, and only then', async () => {
    const run = runIn('changes');
    await run(`
import os, mmap, time
for name in ('truncated', 'appended', 'replaced', 'touched', 'same_size', 'back', 'renamed', 'gone', 'mapped'):
    with open(name, 'w') as file: file.write('12345678' * 1024)
os.makedirs('x' + '/d' * 60)
open('x' + '/d' * 60 + '/deep.txt', 'w').write('deep')
open('.hidden', 'w').write('hidden'); open('empty', 'w').close()`);
    const changed = await run(`
open('truncated', 'r+').truncate(10)
open('appended', 'a').write('more')
open('other', 'w').write('other'); os.replace('other', 'replaced')
os.utime('touched')
before = os.stat('same_size')
with open('same_size', 'r+') as file: file.write('X')
before = os.stat('back')
with open('back', 'r+') as file: file.write('X')
os.utime('back', ns=(before.st_atime_ns, before.st_mtime_ns))
os.rename('renamed', 'new name'); os.remove('gone')
with open('mapped', 'r+') as file, mmap.mmap(file.fileno(), 0) as view: view[0:1] = b'X'
open('x' + '/d' * 60 + '/deep.txt', 'a').write('er')`);
    expect(changes(changed)).toEqual([
      ['appended', 'modified', 2],
      ['back', 'modified', 2],
      ['mapped', 'modified', 2],
      ['new name', 'created', 1],
      ['replaced', 'modified', 2],
      ['same_size', 'modified', 2],
      ['truncated', 'modified', 2],
      [`x${'/d'.repeat(60)}/deep.txt`, 'modified', 2],
    ]);
    expect(changed.deleted).toEqual(['/mnt/data/gone', '/mnt/data/renamed']);
    expect(changes(await run('1'))).toEqual([]);
  });

  it('is found in a file that stays mapped, although its stamps stand still', async () => {
    const run = runIn('mapped');
    await run(`
import mmap
with open('map.bin', 'wb') as file: file.write(bytes(4096))
file = open('map.bin', 'r+b')
view = mmap.mmap(file.fileno(), 0)
view[0] = 1`);
    // The page is writable and dirty by now: what follows leaves no trace in the times of the file.
    const versions: Change[] = [];
    for (const value of [2, 3, 4]) versions.push(...changes(await run(`view[0] = ${String(value)}`)));
    expect(versions).toEqual([
      ['map.bin', 'modified', 2],
      ['map.bin', 'modified', 3],
      ['map.bin', 'modified', 4],
    ]);
    const [latest] = await alice.files('message_id=mapped');
    expect((await alice.download(latest?.url ?? ''))[0]).toBe(4);
  });

  it('is found later when a thread or a child wrote it after the run', async () => {
    const run = runIn('late');
    const first = await run(`
import os, subprocess, threading
go = threading.Event(); done = threading.Event()
def write():
    go.wait()
    with open('thread.txt', 'w') as file: file.write('thread')
    done.set()
threading.Thread(target=write, daemon=True).start()
child = subprocess.Popen(['sh', '-c', 'read line; echo child > child.txt'], stdin=subprocess.PIPE)`);
    expect(changes(first)).toEqual([]);
    const second = await run('go.set(); done.wait(); child.communicate(b"go\\n"); None');
    expect(changes(second)).toEqual([
      ['child.txt', 'created', 1],
      ['thread.txt', 'created', 1],
    ]);
    // Between two runs, with nobody looking: the next collection has it, whoever causes that.
    await run(`
def write_soon():
    with open('between.txt', 'w') as file: file.write('between')
    os.write(feedback, b'x')
listen, feedback = os.pipe()
threading.Timer(0.05, write_soon).start()`);
    expect(changes(await run('os.read(listen, 1); None')).map(([path]) => path)).toEqual(
      expect.arrayContaining(['between.txt']),
    );
  });

  it('is kept up to the limit of files, and the rest is told in one warning', async () => {
    const run = runIn('many');
    const code = `
import os
for folder in range(100):
    os.mkdir(f'd{folder:02}')
    for number in range(100):
        with open(f'd{folder:02}/{number:02}', 'w') as file: file.write(f'{folder} {number}')`;
    const made = await run(code);
    expect(made.totals).toMatchObject({ files: 300, warnings: 1 });
    expect(made.files).toHaveLength(200);
    expect(made.warnings).toMatchObject([
      { path: null, code: 'too_many_files', message: expect.stringContaining('9700 more files') as string },
    ]);
    const listed = await alice.get<unknown[]>('/downloads/code-execution/many/files');
    expect(listed.body).toHaveLength(300);
    // What was left out is not looked at again until it changes.
    const next = await run("open('d99/99', 'a').write('!')");
    expect(next.warnings).toEqual([]);
    expect(changes(next)).toEqual([['d99/99', 'modified', 1]]);
  });

  it('leaves out caches and temporary names silently, and names what it refuses', async () => {
    const run = runIn('refused');
    const made = await run(`
import os, socket
for name in ('__pycache__/m.pyc', '.ipynb_checkpoints/a.ipynb', '.cache/x', '.~lock.a.xlsx#', '~$a.docx'):
    os.makedirs(os.path.dirname(name) or '.', exist_ok=True); open(name, 'w').write('x')
os.symlink('/etc/passwd', 'link'); os.symlink('/etc', 'folder')
server = socket.socket(socket.AF_UNIX); server.bind('socket')
open('kept', 'w').write('kept'); os.link('kept', 'hard')
os.chmod('kept', 0)`);
    expect(changes(made).map(([path]) => path)).toEqual(['hard', 'kept']);
    expect(made.warnings.map(({ path, code }) => [path, code]).sort()).toEqual([
      ['/mnt/data/folder', 'symlink'],
      ['/mnt/data/link', 'symlink'],
      ['/mnt/data/socket', 'socket'],
    ]);
    for (const { message } of made.warnings) expect(message).toMatch(/^.{10,}$/);
    expect((await alice.request('DELETE', '/workspaces/refused')).status).toBe(204);
  });
});
