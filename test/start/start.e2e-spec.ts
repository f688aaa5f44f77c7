import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/config/index.js';

/** The program behind `npm start`, or `npm run engine`. */
class Start {
  output = '';
  private readonly child;
  private readonly exited: Promise<unknown[]>;

  /** `through` is a program with its arguments that starts the script. */
  constructor(
    env: Readonly<Record<string, string>>,
    script = 'start.mjs',
    through: readonly [string, ...string[]] = ['env'],
  ) {
    // Another list of packages would make the Python environment anew.
    const { PATH = '', HOME = '', EXTRA_REQUIREMENTS = '' } = process.env;
    const [program, ...args] = through;
    this.child = spawn(program, [...args, process.execPath, join(PROJECT_ROOT, 'scripts', script)], {
      env: { PATH, HOME, EXTRA_REQUIREMENTS, ...env },
      cwd: tmpdir(), // paths do not depend on where it is called
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exited = once(this.child, 'exit');
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /** Resolves with the address once it tells that it is ready; rejects when it ends before. */
  async ready(): Promise<string> {
    return await new Promise((resolve, reject) => {
      this.child.stdout.on('data', () => {
        const url = /^(?:mntdata|The engine of mntdata) is ready at (\S+)$/m.exec(this.output)?.[1];
        if (url !== undefined) resolve(url);
      });
      this.child.once('exit', () => {
        reject(new Error(`It ended before it was ready:\n${this.output}`));
      });
    });
  }

  /** What it told after the set-up, of which the lines depend on what was there. */
  get told(): string {
    return this.output.split(/^mntdata is set up .*\n/m)[1] ?? this.output;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async exitCode(): Promise<unknown> {
    return (await this.exited)[0];
  }
}

/** Processes of another PID namespace: their numbers mean nothing to those outside. */
const ELSEWHERE: [string, ...string[]] = [
  'unshare',
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--pid', '--fork', '--kill-child'],
];

describe('npm start', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mntdata-start-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('becomes the service, keeps a second one out, and leaves in order on Ctrl-C', async () => {
    const start = new Start({ DATA_DIR: directory, PORT: '0' });
    try {
      const url = await start.ready();
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      expect(start.output).toContain(`${url}/docs`);
      expect(start.output).toContain('#token=');
      // The compiler's plugin reads descriptions from comments: a build without it would describe less.
      const checkedIn: unknown = JSON.parse(await readFile(join(PROJECT_ROOT, 'docs/openapi.json'), 'utf8'));
      expect(await (await fetch(`${url}/docs-json`)).json()).toEqual(checkedIn);

      const second = new Start({ DATA_DIR: directory, PORT: '0' }, 'start.mjs', ELSEWHERE);
      expect(await second.exitCode()).toBe(1);
      expect(second.told).toMatch(
        /^\S+ is locked by process \d+ on .*: stop that, or set DATA_DIR to .*\.\n$/,
      );
      expect((await fetch(`${url}/health/live`)).status).toBe(200);

      start.kill('SIGINT');
      expect(await start.exitCode()).toBe(0);
    } finally {
      start.kill('SIGKILL');
    }
  }, 300_000);

  it('says in one sentence that the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String((taken.address() as AddressInfo).port);
    const start = new Start({ DATA_DIR: directory, PORT: port });
    try {
      expect(await start.exitCode()).toBe(1);
      expect(start.told).toMatch(
        new RegExp(`^.*managed Jupyter server is ready.*\nPort ${port} is taken by .*\n$`),
      );
    } finally {
      start.kill('SIGKILL');
      taken.close();
    }
  }, 180_000);
});

describe('npm run engine', () => {
  const JUPYTER_TOKEN = 'a token of the engine';
  let directory: string;
  let running: Start[];
  const engine = (env: Readonly<Record<string, string>>): Start => {
    const start = new Start({ DATA_DIR: directory, ENGINE_PORT: '0', ...env }, 'engine.mjs');
    running.push(start);
    return start;
  };

  beforeEach(async () => {
    running = [];
    directory = await mkdtemp(join(tmpdir(), 'mntdata-engine-'));
  });

  afterEach(async () => {
    for (const start of running) start.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  it('becomes an engine that its token opens, alone in its directory, and ends in order', async () => {
    const first = engine({ JUPYTER_TOKEN });
    const url = await first.ready();
    const status = async (token: string): Promise<number> =>
      (await fetch(`${url}mntdata/runtime`, { headers: { Authorization: `token ${token}` } })).status;
    expect([await status(JUPYTER_TOKEN), await status('another')]).toEqual([200, 403]);

    const second = engine({ JUPYTER_TOKEN });
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toMatch(/service\.lock is locked by process \d+/);

    first.kill('SIGTERM');
    expect(await first.exitCode()).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  }, 180_000);

  it('says that it needs a token that nobody guesses', async () => {
    const start = engine({ JUPYTER_TOKEN: 'short' });
    expect(await start.exitCode()).toBe(1);
    expect(start.output).toContain('JUPYTER_TOKEN is');
  }, 180_000);
});
