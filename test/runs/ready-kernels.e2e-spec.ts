import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { aService, type TestService } from '../support/a-service.js';
import { until } from '../support/until.js';

/** More than enough for whatever these tests run at once. */
const ROOMY = {
  MAX_KERNELS: '64',
  MAX_CONCURRENT_EXECUTIONS: '50',
  MAX_CONCURRENT_EXECUTIONS_PER_USER: '50',
  RATE_LIMIT_PER_MINUTE: '1000',
};

interface KernelItem {
  directory: string;
}

/** The kernels and directories of a service, as its engine and its disk tell. */
class Inventory {
  constructor(private readonly service: TestService) {}

  async directories(): Promise<string[]> {
    return await readdir(join(this.service.directory, 'workspaces'));
  }

  /** Process ids of the rooms of all live kernels, as the service knows them, by kernel id. */
  async rooms(): Promise<Map<string, number>> {
    const records = join(this.service.directory, 'engine/kernels');
    const names = (await readdir(records)).filter((name) => name.endsWith('.json'));
    const read = async (name: string): Promise<[string, number] | null> => {
      const text = await readFile(join(records, name), 'utf8').catch(() => null);
      return text === null ? null : [name, (JSON.parse(text) as { pid: number }).pid];
    };
    return new Map((await Promise.all(names.map(read))).filter((room) => room !== null));
  }

  /** Directories of the kernels that belong to a workspace. */
  async taken(): Promise<string[]> {
    const admin = await this.service.as('ada', { role: 'admin' });
    const { body } = await admin.get<{ items: KernelItem[] }>('/admin/kernels');
    return body.items.map((item) => item.directory);
  }

  /** Resolves to the directories of waiting kernels, as soon as there are so many and nothing else starts. */
  async waiting(count: number): Promise<string[]> {
    const admin = await this.service.as('ada', { role: 'admin' });
    // The filesystem probe has a kernel of its own.
    await fetch(`${this.service.url}/health/ready`);
    await until(async () => {
      const metrics = await fetch(`${this.service.url}/metrics`, {
        headers: { Authorization: admin.authorization },
      });
      const text = await metrics.text();
      return ['ready', 'ready_target'].every((name) => text.includes(`mntdata_kernels_${name} ${count}\n`));
    });
    const taken = await this.taken();
    return (await this.directories()).filter((name) => !taken.includes(name));
  }
}

describe('ready kernels', () => {
  let service: TestService;
  let inventory: Inventory;

  const begin = async (env: Readonly<Record<string, string>>): Promise<void> => {
    service = await aService({ ...ROOMY, ...env });
    inventory = new Inventory(service);
  };

  afterEach(async () => {
    await service.remove();
  });

  it('become the workspace of a new message, and are replaced', async () => {
    await begin({ READY_KERNELS_MIN: '2' });
    const before = await inventory.waiting(2);
    const alice = await service.as('alice');
    await alice.attach('first', { 'in.csv': 'a\n1\n' });

    const attached = await alice.run("print(open('/mnt/data/in.csv').read())", { message_id: 'first' });
    const plain = await alice.run("open('out.txt', 'w').write('made')", { message_id: 'second' });
    expect([attached.kernel, plain.kernel]).toEqual(['new', 'new']);
    expect(attached.stdout).toBe('a\n1\n\n');
    expect(plain.files.map((file) => file.name)).toEqual(['out.txt']);
    expect((await inventory.taken()).sort()).toEqual([...before].sort());
    await inventory.waiting(2);

    expect(await alice.run("print(open('out.txt').read())", { message_id: 'second' })).toMatchObject({
      kernel: 'kept',
      stdout: 'made\n',
    });
  });

  it('are replaced when the run that took one was answered, or lasts', async () => {
    await begin({});
    const alice = await service.as('alice');
    const afterRun = async (code: string) => {
      await inventory.waiting(1);
      const { started_at, finished_at } = await alice.run(code);
      const [next] = await inventory.waiting(1);
      const { birthtimeMs } = await stat(join(service.directory, 'workspaces', next ?? ''));
      return {
        made: birthtimeMs,
        started: Date.parse(started_at ?? ''),
        ended: Date.parse(finished_at ?? ''),
      };
    };
    /** By which Linux may date a file too early. */
    const tick = 10;
    const short = await afterRun('import time; time.sleep(0.15)');
    expect(short.made).toBeGreaterThan(Math.min(short.ended, short.started + 200) - tick);
    const long = await afterRun('import time; time.sleep(3)');
    expect(long.made).toBeLessThan(long.ended);
  });

  it('are not for a message whose directory is there', async () => {
    await begin({});
    const alice = await service.as('alice');
    const [waiting] = await inventory.waiting(1);
    await alice.run("open('kept.txt', 'w').write('kept')", { message_id: 'old' });
    await inventory.waiting(1);
    await alice.request('POST', '/workspaces/old/restart');
    expect(await alice.run("print(open('kept.txt').read())", { message_id: 'old' })).toMatchObject({
      kernel: 'restarted',
      stdout: 'kept\n',
    });
    expect(await inventory.taken()).toEqual([waiting]);
  });

  it('are never shared: of fifty messages at once each finds an empty workspace and its own secret', async () => {
    await begin({ READY_KERNELS_MIN: '4', READY_KERNELS_MAX: '8' });
    await inventory.waiting(4);
    const users = await Promise.all([0, 1, 2, 3, 4].map((user) => service.as(`user-${user}`)));
    const write = (secret: string): string => `
import os
print(os.listdir('/mnt/data'), 'secret' in globals())
secret = '${secret}'
with open('secret.txt', 'w') as file: file.write(secret)`;
    const all = Array.from({ length: 50 }, (_, index) => index);
    const run = async (index: number, code: string) =>
      await users[index % users.length]?.run(code, { message_id: `message-${index}` });

    const first = await Promise.all(all.map(async (index) => await run(index, write(`secret-${index}`))));
    expect(first.map((execution) => [execution?.kernel, execution?.stdout])).toEqual(
      all.map(() => ['new', '[] False\n']),
    );
    const second = await Promise.all(
      all.map(async (index) => await run(index, "print(secret, open('secret.txt').read())")),
    );
    expect(second.map((execution) => execution?.stdout)).toEqual(
      all.map((index) => `secret-${index} secret-${index}\n`),
    );
    const taken = await inventory.taken();
    expect(new Set(taken).size).toBe(50);
  });

  it('make room for a workspace that needs a kernel of its own', async () => {
    await begin({ MAX_KERNELS: '4' });
    const alice = await service.as('alice');
    await inventory.waiting(1);
    for (const message of ['a', 'b', 'c', 'd', 'e'])
      expect(await alice.run('x = 1; print(x)', { message_id: message })).toMatchObject({ stdout: '1\n' });
    expect((await inventory.rooms()).size).toBeLessThanOrEqual(4);
  });

  it('are replaced when they die', async () => {
    await begin({});
    const [dead] = await inventory.waiting(1);
    for (const room of (await inventory.rooms()).values())
      process.kill(await service.pidHere(room), 'SIGKILL');
    await until(async () => !(await inventory.directories()).includes(dead ?? ''));
    const [next] = await inventory.waiting(1);
    expect(next).not.toBe(dead);
    const alice = await service.as('alice');
    expect(await alice.run('print(1)', { message_id: 'after' })).toMatchObject({ stdout: '1\n' });
    expect(await inventory.taken()).toEqual([next]);
  });

  it('leave nothing behind when the service ends', async () => {
    await begin({});
    await inventory.waiting(1);
    await service.end();
    expect(await inventory.directories()).toEqual([]);
  });

  it('leave no directory that the next start would not remove', async () => {
    await begin({});
    const [left] = await inventory.waiting(1);
    await service.kill();
    expect(await inventory.directories()).toEqual([left]);
    await service.start({ READY_KERNELS_MIN: '0', READY_KERNELS_MAX: '0' });
    expect(await inventory.directories()).not.toContain(left);
  });

  it('ran KERNEL_INIT_CODE, as every new kernel did', async () => {
    await begin({ KERNEL_INIT_CODE: 'times = globals().get("times", 0) + 1\nhidden = _oh' });
    await inventory.waiting(1);
    const alice = await service.as('alice');
    const print = 'print(times)';
    expect(await alice.run(print, { message_id: 'ready' })).toMatchObject({ stdout: '1\n', warnings: [] });
    await alice.request('POST', '/workspaces/ready/restart');
    expect(await alice.run(print, { message_id: 'ready' })).toMatchObject({ stdout: '1\n' });
    expect(await alice.run(print, { message_id: 'ready' })).toMatchObject({ kernel: 'kept', stdout: '1\n' });
  });

  it('tell the first run when KERNEL_INIT_CODE failed', async () => {
    await begin({ KERNEL_INIT_CODE: 'import no_such_module' });
    await inventory.waiting(1);
    const alice = await service.as('alice');
    const first = await alice.run('print(1)', { message_id: 'new' });
    expect(first).toMatchObject({ status: 'ok', warnings: [{ path: null, code: 'init_code_failed' }] });
    expect(first.warnings[0]?.message).toContain('ModuleNotFoundError');
    expect(await alice.run('print(1)', { message_id: 'new' })).toMatchObject({ warnings: [] });
    expect(service.log).toContain('KERNEL_INIT_CODE failed');
  });
});

describe('the memory of all kernels', () => {
  it('stays below its budget: idle kernels end, the least recently used first', async () => {
    const service = await aService({
      ...ROOMY,
      READY_KERNELS_MAX: '0',
      READY_KERNELS_MIN: '0',
      KERNEL_MEMORY_BUDGET_BYTES: '700MiB',
    });
    try {
      const alice = await service.as('alice');
      const grow = "data = b'x' * (300 * 1024 ** 2)";
      for (const message of ['first', 'second', 'third']) await alice.run(grow, { message_id: message });
      await until(async () => {
        const { body } = await alice.get<{ kernel: string | null }>('/workspaces/first');
        return body.kernel === null;
      });
      const { body: third } = await alice.get('/workspaces/third');
      expect(third.kernel).not.toBeNull();
      expect(await alice.run('print(1)', { message_id: 'first' })).toMatchObject({ kernel: 'restarted' });
    } finally {
      await service.remove();
    }
  });
});
