import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../../test/support/free-port.js';

const START_MS = 10_000;

/** nginx as it comes, serving one directory: GET reads a file, PUT stores one. */
export class Nginx {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly directory: string,
  ) {}

  static async start(program: string): Promise<Nginx> {
    const directory = await mkdtemp(join(tmpdir(), 'mntdata-bench-nginx-'));
    const files = join(directory, 'files');
    await mkdir(files);
    const port = await freePort();
    const configuration = join(directory, 'nginx.conf');
    await writeFile(configuration, configurationOf(directory, files, port));
    const child = spawn(program, ['-c', configuration, '-p', directory, '-e', 'stderr'], { stdio: 'ignore' });
    const nginx = new Nginx(child, `http://127.0.0.1:${port}`, files);
    await nginx.ready();
    return nginx;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async end(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
    await rm(join(this.directory, '..'), { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    const until = Date.now() + START_MS;
    for (;;) {
      try {
        await fetch(this.url);
        return;
      } catch (error) {
        if (Date.now() > until || this.child.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

/** Where nginx is; null when it is not installed. `/usr/sbin` is not on everyone's path. */
export function nginxProgram(): string | null {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return directories.map((directory) => join(directory, 'nginx')).find((path) => existsSync(path)) ?? null;
}

function configurationOf(directory: string, files: string, port: number): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  return `
daemon off;
${user}
pid ${directory}/pid;
error_log stderr;
events {}
http {
  access_log off;
  sendfile on;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    root ${files};
    client_max_body_size 0;
    dav_methods PUT;
  }
}
`;
}
