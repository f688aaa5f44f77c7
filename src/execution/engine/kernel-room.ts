// eslint-disable-next-line no-restricted-imports -- reads /proc, no workspace
import { readFile, readlink } from 'node:fs/promises';

/** A process as our engine names it, so that a number used again, or of another machine, is not mistaken for it. */
export interface RoomProcess {
  readonly pid: number;
  readonly boot: string;
  readonly namespace: string;
}

/** The process id as this process sees it; null for one of another machine or container, or of an engine not ours. */
export async function pidHere(room: unknown): Promise<number | null> {
  if (!isRoomProcess(room)) return null;
  const here = await (placeOfThis ??= place());
  return here !== null && room.boot === here.boot && room.namespace === here.namespace ? room.pid : null;
}

/** A process stays where it began. */
let placeOfThis: ReturnType<typeof place> | undefined;

/** Null where there is no /proc to tell. */
async function place(): Promise<Omit<RoomProcess, 'pid'> | null> {
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    return { boot, namespace: await readlink('/proc/self/ns/pid') };
  } catch {
    return null;
  }
}

function isRoomProcess(value: unknown): value is RoomProcess {
  return typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number';
}
