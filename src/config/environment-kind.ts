import { BadValue } from './bad-value.js';
import type { Kind } from './kind.js';

/** Enterprise Gateway refuses longer ones. */
const LONGEST_VALUE = 4096;

/**
 * Environment variables as a JSON object. A value that is no text is passed on as JSON, so that
 * `{"KERNEL_VOLUMES": [{"name": "x"}]}` needs no quotes within quotes. Treated as a secret: it may hold one.
 */
export function environment(): Kind<Readonly<Record<string, string>>> {
  return {
    expects: 'a JSON object of variables, like {"KERNEL_USERNAME": "mntdata"}',
    unit: null,
    secret: true,
    parse: (raw) => Object.fromEntries(Object.entries(readObject(raw)).map(variable)),
  };
}

function variable([name, value]: [string, unknown]): [string, string] {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new BadValue(`holds ${JSON.stringify(name)}, which is no name of a variable`);
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length > LONGEST_VALUE) {
    throw new BadValue(`has more than ${String(LONGEST_VALUE)} characters in ${name}`);
  }
  return [name, text];
}

function readObject(raw: string): object {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    throw new BadValue('is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadValue('is no JSON object');
  }
  return value;
}
