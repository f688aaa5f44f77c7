import { extensionOf, printableName, shortened } from './file-name.js';

const MAX_PART_BYTES = 255;

/**
 * Chooses names for the entries of one ZIP, such that every program unpacks all of them, and only below the
 * folder it was told to: relative, no `..`, no drive letters or streams of Windows, no backslashes, unique
 * also where case and Unicode form do not count, and no file where another entry needs a folder.
 */
export class ArchiveNames {
  private readonly taken = new Map<string, 'file' | 'folder'>();
  private readonly lastNumber = new Map<string, number>();

  /** `path`: relative, with `/` between its parts; anything may stand in it. */
  add(path: string): string {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    const name = parts.pop() ?? '';
    let folder = '';
    for (const part of parts) folder = `${this.choose(folder, part, 'folder')}/`;
    return this.choose(folder, name, 'file');
  }

  private choose(folder: string, part: string, kind: 'file' | 'folder'): string {
    const safe = portable(part);
    const wanted = folder + safe;
    const key = identity(wanted);
    for (let number = 1; ; number += 1) {
      const candidate = number === 1 ? wanted : folder + numbered(safe, number);
      const holder = this.taken.get(identity(candidate));
      if (holder === undefined) {
        this.taken.set(identity(candidate), kind);
        this.lastNumber.set(`${kind} ${key}`, number);
        return candidate;
      }
      if (kind === 'folder' && holder === 'folder') return candidate;
      // Thousands of names that look alike would each try all numbers given away before.
      if (kind === 'file') number = Math.max(number, this.lastNumber.get(`file ${key}`) ?? 0);
    }
  }
}

/** Windows refuses some characters and names, reads a colon as a drive or stream, and drops last points. */
function portable(part: string): string {
  const plain = part.replace(/[<>:"|?*]/g, '_').replace(/[. ]+$/, (end) => '_'.repeat(end.length));
  return printableName(/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(plain) ? `_${plain}` : plain);
}

function identity(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function numbered(part: string, number: number): string {
  const extension = extensionOf(part);
  const suffix = ` (${number})${extension}`;
  const stem = part.slice(0, part.length - extension.length);
  return shortened(stem, MAX_PART_BYTES - Buffer.byteLength(suffix)) + suffix;
}
