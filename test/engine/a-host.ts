import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../support/until.js';

const run = promisify(execFile);

/** How the gateway logs in to hosts: a key, and whom it knows, in the home that it is given. */
export async function sshKeys(home: string): Promise<string> {
  const directory = join(home, '.ssh');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const key = join(directory, 'id_ed25519');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  return key;
}

/**
 * A machine of its own to the network: a namespace with one cable to here, and sshd. It shares our file system, as
 * hosts share that of the workspaces.
 */
export class Host {
  private constructor(
    readonly address: string,
    private readonly gateway: string,
    private readonly name: string,
    private readonly cable: string,
    private readonly sshd: ChildProcess,
  ) {}

  /** @param network the first three numbers of its address; ours ends in 1, its own in 2 */
  static async start(network: string, home: string): Promise<Host> {
    const name = `mntdata-${randomBytes(4).toString('hex')}`;
    const cable = `m${randomBytes(5).toString('hex')}`;
    const address = `${network}.2`;
    await run('ip', ['netns', 'add', name]);
    await run('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
    await run('ip', ['addr', 'add', `${network}.1/24`, 'dev', cable]);
    await run('ip', ['link', 'set', cable, 'up']);
    for (const command of [
      ['addr', 'add', `${address}/24`, 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'up'],
      ['link', 'set', 'lo', 'up'],
      ['route', 'add', 'default', 'via', `${network}.1`],
    ]) {
      await run('ip', ['-n', name, ...command]);
    }
    const sshd = await startSshd(name, address, home);
    await until(async () => await listens(address));
    return new Host(address, `${network}.1`, name, cable, sshd);
  }

  /** Its processes, apart from sshd. */
  async kernels(): Promise<number[]> {
    const { stdout } = await run('ip', ['netns', 'pids', this.name]);
    const pids = stdout.split('\n').filter(Boolean).map(Number);
    const commands = await Promise.all(
      pids.map(async (pid) => await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '')),
    );
    return pids.filter((_, index) => commands[index]?.includes('mntdata_runtime.hosts'));
  }

  /** As when the machine loses its network: nothing comes back from it, not even a refusal. */
  async cutOff(): Promise<void> {
    await run('ip', ['-n', this.name, 'link', 'set', 'eth0', 'down']);
  }

  async comeBack(): Promise<void> {
    await run('ip', ['-n', this.name, 'link', 'set', 'eth0', 'up']);
    await run('ip', ['-n', this.name, 'route', 'add', 'default', 'via', this.gateway]);
  }

  async remove(): Promise<void> {
    this.sshd.kill('SIGKILL');
    for (const pid of await this.kernels()) process.kill(pid, 'SIGTERM');
    await run('ip', ['link', 'delete', this.cable]);
    await run('ip', ['netns', 'delete', this.name]);
  }
}

async function startSshd(name: string, address: string, home: string): Promise<ChildProcess> {
  const hostKey = join(home, `${name}-key`);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  const [type, key] = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ');
  await writeFile(join(home, '.ssh', 'known_hosts'), `${address} ${type ?? ''} ${key ?? ''}\n`, {
    flag: 'a',
  });
  const settings = {
    ListenAddress: address,
    HostKey: hostKey,
    AuthorizedKeysFile: join(home, '.ssh', 'id_ed25519.pub'),
    PermitRootLogin: 'prohibit-password',
    StrictModes: 'no',
    UsePAM: 'no',
    PidFile: 'none',
  };
  const config = join(home, `${name}-sshd`);
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
  await writeFile(config, lines.join(''));
  await mkdir('/run/sshd', { recursive: true });
  const sshd = spawn('ip', ['netns', 'exec', name, '/usr/sbin/sshd', '-D', '-f', config], {
    stdio: 'ignore',
  });
  await once(sshd, 'spawn');
  return sshd;
}

async function listens(address: string): Promise<boolean> {
  const socket = connect(22, address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
