import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { freePort } from '../../test/support/free-port.js';

const TOKEN = randomUUID();
const START_MS = 60_000;

interface Message {
  parent_header: { msg_id?: string };
  msg_type: string;
  content: { execution_state?: string; text?: string };
}

/**
 * A Jupyter Server as people start it, and a kernel per call as Open WebUI does it: create, websocket, execute,
 * read until idle, delete.
 */
export class KernelPerCall {
  private constructor(
    private readonly server: ChildProcess,
    private readonly url: string,
    private readonly directory: string,
  ) {}

  static async start(environment: string): Promise<KernelPerCall> {
    const port = await freePort();
    const directory = await mkdtemp(join(tmpdir(), 'mntdata-bench-jupyter-'));
    const options = [
      '--no-browser',
      '--allow-root',
      '--ip=127.0.0.1',
      `--port=${port}`,
      '--ServerApp.port_retries=0',
    ];
    const server = spawn(join(environment, 'bin/jupyter-server'), options, {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, JUPYTER_TOKEN: TOKEN },
      stdio: 'ignore',
    });
    const subject = new KernelPerCall(server, `http://127.0.0.1:${port}`, directory);
    await subject.ready();
    return subject;
  }

  /** What the code printed. */
  async run(code: string): Promise<string> {
    const { id } = (await (await this.call('POST', '/api/kernels')).json()) as { id: string };
    try {
      return await this.execute(id, code);
    } finally {
      await this.call('DELETE', `/api/kernels/${id}`);
    }
  }

  get pid(): number {
    return this.server.pid ?? 0;
  }

  async end(): Promise<void> {
    const exited = once(this.server, 'exit');
    this.server.kill('SIGKILL');
    await exited;
    await rm(this.directory, { recursive: true, force: true });
  }

  private async execute(kernelId: string, code: string): Promise<string> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/api/kernels/${kernelId}/channels`, {
      headers: { Authorization: `token ${TOKEN}` },
      perMessageDeflate: false,
    });
    try {
      await once(socket, 'open');
      const id = randomUUID();
      socket.send(JSON.stringify(executeRequest(id, code)));
      return await outputOf(socket, id);
    } finally {
      socket.close();
    }
  }

  private async call(method: string, path: string): Promise<Response> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { Authorization: `token ${TOKEN}` },
    });
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}.`);
    return response;
  }

  private async ready(): Promise<void> {
    const until = Date.now() + START_MS;
    for (;;) {
      try {
        await this.call('GET', '/api/kernels');
        return;
      } catch (error) {
        if (Date.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }
}

function executeRequest(id: string, code: string): object {
  return {
    header: {
      msg_id: id,
      msg_type: 'execute_request',
      username: '',
      session: randomUUID(),
      date: '',
      version: '5.3',
    },
    parent_header: {},
    metadata: {},
    content: { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false },
    channel: 'shell',
    buffers: [],
  };
}

async function outputOf(socket: WebSocket, id: string): Promise<string> {
  let text = '';
  return await new Promise((resolve, reject) => {
    socket.on('close', () => reject(new Error('The websocket closed before the code ended.')));
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Message;
      if (message.parent_header.msg_id !== id) return;
      if (message.msg_type === 'stream') text += message.content.text ?? '';
      if (message.msg_type === 'error') reject(new Error(JSON.stringify(message.content)));
      if (message.msg_type === 'status' && message.content.execution_state === 'idle') resolve(text);
    });
  });
}
