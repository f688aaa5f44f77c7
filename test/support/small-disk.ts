import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a few MiB, to fill it up. */
export interface SmallDisk {
  directory: string;
  grow: (mebibytes: number) => void;
  remove: () => void;
}

/** Null where we may not mount anything: not as root, or in a container. */
export function aSmallDisk(mebibytes: number): SmallDisk | null {
  const directory = mkdtempSync(join(tmpdir(), 'mntdata-small-'));
  const mount = (...options: string[]): boolean => spawnSync('mount', [...options, directory]).status === 0;
  if (!mount('-t', 'tmpfs', '-o', `size=${String(mebibytes)}m`, 'tmpfs')) {
    rmSync(directory, { recursive: true });
    return null;
  }
  return {
    directory,
    grow: (size) => {
      if (!mount('-o', `remount,size=${String(size)}m`)) throw new Error(`${directory} does not grow.`);
    },
    remove: () => {
      spawnSync('umount', [directory]);
      rmSync(directory, { recursive: true });
    },
  };
}

/** For tests that need one. */
export function canHaveSmallDisks(): boolean {
  const disk = aSmallDisk(1);
  disk?.remove();
  return disk !== null;
}
