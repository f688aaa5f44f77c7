import { isUtf8 } from 'node:buffer';

const MAX_PATH_BYTES = 4096;
const SCHEME = /^(?:sandbox|file):(?:\/\/(?=\/))?/i;
const MOUNT = /^\/+mnt\/data(?:\/|$)/;

/**
 * The paths below `/mnt/data` that a link in a model's answer can mean, as raw bytes, the likeliest first:
 * `sandbox:/mnt/data/x`, `file:///mnt/data/x`, `/mnt/data/x` or `x`; as it stands, then percent-decoded (a
 * file may well be named `100%25.txt`); each as it is, then in both Unicode normal forms. Empty when the link
 * leads out of `/mnt/data`.
 */
export function pathsOfLink(link: string): Buffer[] {
  const candidates = new Map<string, Buffer>();
  const written = Buffer.from(link, 'utf8');
  for (const spelling of [written, percentDecoded(written)]) {
    const path = belowMount(spelling.toString('latin1'));
    if (path === null) continue;
    for (const form of normalForms(path)) candidates.set(form.toString('latin1'), form);
  }
  return [...candidates.values()];
}

/** Each `%xx` becomes a byte; a `%` without two hexadecimal digits stays. */
function percentDecoded(bytes: Buffer): Buffer {
  const decoded = bytes
    .toString('latin1')
    .replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(decoded, 'latin1');
}

/** `text` is the latin-1 decoding of the bytes, so that any bytes can be taken apart. */
function belowMount(text: string): Buffer | null {
  const parts: string[] = [];
  for (const part of relative(text).split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  const path = parts.join('/');
  return path === '' || path.length > MAX_PATH_BYTES || path.includes('\0')
    ? null
    : Buffer.from(path, 'latin1');
}

/** The empty string when the link names a place outside of the mount. */
function relative(text: string): string {
  const scheme = SCHEME.exec(text)?.[0];
  // Models shorten "sandbox:/mnt/data/x" to "sandbox:/x" and "sandbox:mnt/data/x"; "/etc/x" means what it says.
  if (scheme !== undefined) return `/${text.slice(scheme.length)}`.replace(MOUNT, '');
  if (!text.startsWith('/')) return text;
  return MOUNT.test(text) ? text.replace(MOUNT, '') : '';
}

function normalForms(path: Buffer): Buffer[] {
  if (!isUtf8(path)) return [path];
  const text = path.toString('utf8');
  return [path, Buffer.from(text.normalize('NFC')), Buffer.from(text.normalize('NFD'))];
}
