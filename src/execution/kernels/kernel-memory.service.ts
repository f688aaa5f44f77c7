// eslint-disable-next-line no-restricted-imports -- reads the engine's records and /proc, no workspace
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/index.js';
import { pidHere } from '../engine/index.js';

const KIB = 1024;

type BytesOf = (pid: number) => Promise<number>;

/** What the kernels of our engine take, where it runs beside this process, as the operating system counts it (proc(5)). */
@Injectable()
export class KernelMemory {
  private readonly records: string;

  constructor(@Inject(AppConfig) { data }: AppConfig) {
    this.records = join(data.dir, 'engine', 'kernels');
  }

  /**
   * Bytes by kernel id, with all processes that a kernel started; empty where kernels run elsewhere. Costs Linux a
   * walk over every page of theirs: milliseconds for each kernel.
   */
  async measure(): Promise<Map<string, number>> {
    return await this.ofKernels(shareOf);
  }

  /** What all together take at most: pages that they share are counted for each. Costs almost nothing. */
  async atMost(): Promise<number> {
    const measured = await this.ofKernels(residentOf);
    return [...measured.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  private async ofKernels(bytesOf: BytesOf): Promise<Map<string, number>> {
    const names = (await readdir(this.records).catch(() => [])).filter((name) => name.endsWith('.json'));
    const measured = new Map<string, number>();
    if (names.length === 0) return measured;
    const namespaces = await processesByNamespace();
    const own = await namespaceOf('self');
    for (const name of names) {
      const pid = await this.roomOf(name);
      if (pid === null) continue;
      const room = await namespaceOf(String(pid));
      const pids = room === own ? await treeOf(pid) : (namespaces.get(room) ?? []);
      measured.set(name.slice(0, -'.json'.length), await sumOf(pids, bytesOf));
    }
    return measured;
  }

  private async roomOf(name: string): Promise<number | null> {
    const text = await readOrNull(join(this.records, name));
    return text === null ? null : await pidHere((JSON.parse(text) as { process?: unknown }).process);
  }
}

/** A room is a process namespace of its own (pid_namespaces(7)): nothing that its code starts gets out. */
async function processesByNamespace(): Promise<Map<string, number[]>> {
  const processes = new Map<string, number[]>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const namespace = await namespaceOf(pid);
    processes.set(namespace, [...(processes.get(namespace) ?? []), Number(pid)]);
  }
  return processes;
}

/** Empty for a process that is gone or closed to us. */
async function namespaceOf(pid: string): Promise<string> {
  return await readlink(`/proc/${pid}/ns/pid`).catch(() => '');
}

async function sumOf(pids: readonly number[], bytesOf: BytesOf): Promise<number> {
  let bytes = 0;
  for (const pid of pids) bytes += await bytesOf(pid);
  return bytes;
}

/** Without a room: the kernel and all below it. */
async function treeOf(pid: number): Promise<number[]> {
  const pids = [pid];
  for (const child of await childrenOf(pid)) pids.push(...(await treeOf(child)));
  return pids;
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map(async (thread) => (await readOrNull(`/proc/${pid}/task/${thread}/children`)) ?? ''),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

/**
 * The proportional share (pages that forked siblings share are divided among them); where that may not be read,
 * all that is resident and not of a file, which counts shared pages several times.
 */
async function shareOf(pid: number): Promise<number> {
  const rollup = await readOrNull(`/proc/${pid}/smaps_rollup`);
  if (rollup !== null) return field(rollup, 'Pss');
  const status = (await readOrNull(`/proc/${pid}/status`)) ?? '';
  return field(status, 'RssAnon') + field(status, 'RssShmem');
}

/** All that is resident; never less than the share. */
async function residentOf(pid: number): Promise<number> {
  return field((await readOrNull(`/proc/${pid}/status`)) ?? '', 'VmRSS');
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * KIB;
}

/** Null for what is gone or closed to us: processes come and go while they are counted. */
async function readOrNull(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(() => null);
}
