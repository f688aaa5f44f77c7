import { isAbsolute, resolve } from 'node:path';
import { validateCronExpression } from 'cron';
import { BadValue } from './bad-value.js';
import type { Kind } from './kind.js';
import { PROJECT_ROOT } from './project-root.js';

/** Any text. */
export function text(expects: string): Kind<string> {
  return { expects, unit: null, secret: false, parse: (raw) => raw };
}

/** A text that is never shown, of at least so many bytes in UTF-8. */
export function secret(minBytes = 1): Kind<string> {
  return {
    expects: minBytes > 1 ? `a secret of at least ${String(minBytes)} bytes` : 'a secret',
    unit: null,
    secret: true,
    parse: (raw) => {
      const length = Buffer.byteLength(raw);
      if (length < minBytes) throw new BadValue(`has only ${String(length)} bytes`);
      return raw;
    },
  };
}

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[]): Kind<W> {
  return {
    expects: `one of ${words.join(', ')}`,
    unit: null,
    secret: false,
    parse: (raw) => {
      const word = words.find((candidate) => candidate === raw);
      if (word === undefined) throw new BadValue('is not one of them');
      return word;
    },
  };
}

/** One or more of a few words, separated by commas. */
export function choices<const W extends string>(words: readonly W[]): Kind<readonly W[]> {
  const one = choice(words);
  return {
    expects: `words out of ${words.join(', ')}, separated by commas`,
    unit: null,
    secret: false,
    parse: (raw) => items(raw).map((item) => one.parse(item)),
  };
}

/** A host name or an address to listen on. */
export function host(): Kind<string> {
  return {
    expects: 'a host name or an IP address, without scheme and port',
    unit: null,
    secret: false,
    parse: (raw) => {
      if (!/^[A-Za-z0-9._:%-]+$/.test(raw) || /^[^:]+:\d+$/.test(raw)) throw new BadValue('is neither');
      return raw;
    },
  };
}

/** A directory as an absolute path; a relative one is taken from the directory of `package.json`. */
export function directory(): Kind<string> {
  return {
    expects: 'a directory, absolute or relative to the directory of package.json',
    unit: null,
    secret: false,
    parse: (raw) => {
      if (raw.includes('\0')) throw new BadValue('holds a NUL character');
      return isAbsolute(raw) ? resolve(raw) : resolve(PROJECT_ROOT, raw);
    },
  };
}

/**
 * A path on another machine, of characters that need no quoting in Python or a shell; a relative one may be `.`,
 * an absolute one names a directory below `/`.
 */
export function plainPath(sort: 'absolute' | 'relative'): Kind<string> {
  return {
    expects: `${sort === 'absolute' ? 'an absolute' : 'a relative'} path of letters, digits, ".", "_" and "-", without ".."`,
    unit: null,
    secret: false,
    parse: (raw) => {
      const path = raw.replace(/(?<=[^/])\/+$/, '');
      if (sort === 'relative' && path === '.') return path;
      const parts = path.split('/');
      if (sort === 'absolute' && parts.shift() !== '') throw new BadValue('is not absolute');
      if (sort === 'relative' && parts[0] === '') throw new BadValue('is not relative');
      if (!parts.every((part) => /^(?!\.{1,2}$)[A-Za-z0-9._-]+$/.test(part)))
        throw new BadValue('has other parts');
      return path;
    },
  };
}

/** A schedule in cron's notation, with or without a leading field for seconds. */
export function schedule(): Kind<string> {
  return {
    expects: 'a cron expression of five fields, or six with seconds first',
    unit: null,
    secret: false,
    parse: (raw) => {
      const { valid, error } = validateCronExpression(raw);
      if (!valid) throw new BadValue(`is not one (${error?.message ?? 'unknown reason'})`);
      return raw;
    },
  };
}

/** `*`, or file extensions, given back in lower case with their dot. */
export function extensions(): Kind<'*' | readonly string[]> {
  return {
    expects: '* or file extensions separated by commas, like .csv,.xlsx',
    unit: null,
    secret: false,
    parse: (raw) => (raw === '*' ? raw : items(raw).map(extension)),
  };
}

/** Requirement specifiers as pip takes them, separated by white space, or one path; options are refused. */
export function requirements(): Kind<readonly string[]> {
  return {
    expects:
      'requirements separated by spaces, like polars scikit-learn>=1.5, or the path of one file of them',
    unit: null,
    secret: false,
    parse: (raw) => raw.split(/\s+/).map(requirement),
  };
}

/** The parts of a list separated by commas; empty parts do not count. */
export function items(raw: string): string[] {
  const parts = raw
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw new BadValue('names nothing');
  return parts;
}

function extension(item: string): string {
  const bare = item.replace(/^\./, '').toLowerCase();
  if (!/^[^\s/\\*?.][^\s/\\*?]*$/.test(bare))
    throw new BadValue(`holds ${JSON.stringify(item)}, which is no extension`);
  return `.${bare}`;
}

function requirement(item: string): string {
  if (!/^[A-Za-z0-9./]/.test(item))
    throw new BadValue(`holds ${JSON.stringify(item)}, which is no requirement`);
  return item;
}
