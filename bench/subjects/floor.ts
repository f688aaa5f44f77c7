import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { pythonEnvironment, type Service } from './service.js';

const script = fileURLToPath(new URL('floor.py', import.meta.url));

interface Answer {
  ms?: number;
  ok?: boolean;
}

/** The floor: a live kernel of the service, spoken to over plain ZMQ by `jupyter_client`. */
export class Floor {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly answers: Interface,
  ) {}

  /** Finds the kernel of a message among all that the service's engine has, by what only it knows. */
  static async of({ api, process: { directory } }: Service, message_id: string): Promise<Floor> {
    await api.run('only_here = True', { message_id });
    const engine = join(directory, 'engine');
    const files = (await readdir(engine, { recursive: true })).filter((file) =>
      file.endsWith('connection.json'),
    );
    for (const file of files) {
      const floor = await Floor.connect(join(pythonEnvironment, 'bin/python'), join(engine, file));
      if (await floor.succeeds('only_here')) return floor;
      floor.end();
    }
    throw new Error('The kernel of the service was not found.');
  }

  private static async connect(python: string, connectionFile: string): Promise<Floor> {
    const child = spawn(python, ['-I', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const floor = new Floor(child, createInterface({ input: child.stdout }));
    await floor.ask({ connect: connectionFile });
    return floor;
  }

  /** Milliseconds until the kernel replied and all output came. */
  async run(code: string): Promise<number> {
    return (await this.ask({ run: code })).ms ?? Number.NaN;
  }

  private async succeeds(code: string): Promise<boolean> {
    return (await this.ask({ run: code })).ok === true;
  }

  end(): void {
    this.child.stdin.end();
  }

  private async ask(request: object): Promise<Answer> {
    const answer = once(this.answers, 'line') as Promise<[string]>;
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const [line] = await answer;
    return JSON.parse(line) as Answer;
  }
}
