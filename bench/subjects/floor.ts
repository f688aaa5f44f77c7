import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

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

  static async connect(python: string, connectionFile: string): Promise<Floor> {
    const child = spawn(python, ['-I', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const floor = new Floor(child, createInterface({ input: child.stdout }));
    await floor.ask({ connect: connectionFile });
    return floor;
  }

  /** Milliseconds until the kernel replied and all output came. */
  async run(code: string): Promise<number> {
    return (await this.ask({ run: code })).ms ?? Number.NaN;
  }

  async succeeds(code: string): Promise<boolean> {
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

/** Connection files of the kernels that the service's engine has. */
export async function connectionFiles(dataDirectory: string): Promise<string[]> {
  const engine = join(dataDirectory, 'engine');
  const files = await readdir(engine, { recursive: true });
  return files.filter((file) => file.endsWith('connection.json')).map((file) => join(engine, file));
}
