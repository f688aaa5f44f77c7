import { BadValue } from './bad-value.js';
import type { Kind } from './kind.js';
import { items } from './text-kinds.js';

/** An http(s) URL without credentials, query and fragment; `slash` says whether the result ends in one. */
export function httpUrl(slash: 'with slash' | 'without slash'): Kind<string> {
  return {
    expects: 'an http or https URL without credentials, query and fragment',
    unit: null,
    secret: false,
    parse: (raw) => {
      const url = readUrl(raw, ['http:', 'https:']);
      // Tokens in a URL end up in logs; they have settings of their own.
      if (url.username !== '' || url.password !== '') throw new BadValue('carries credentials');
      if (/[?#]/.test(raw)) throw new BadValue('carries a query or a fragment');
      const bare = url.href.replace(/\/+$/, '');
      return slash === 'with slash' ? `${bare}/` : bare;
    },
  };
}

/** The address of a key set; may carry a query. */
export function keySetUrl(): Kind<string> {
  return {
    expects: 'an http or https URL',
    unit: null,
    secret: false,
    parse: (raw) => readUrl(raw, ['http:', 'https:']).href,
  };
}

/** The connection string of a Postgres database; holds a password and is treated as a secret. */
export function postgresUrl(): Kind<string> {
  return {
    expects: 'a URL like postgres://user:password@host:5432/database',
    unit: null,
    secret: true,
    parse: (raw) => {
      readUrl(raw, ['postgres:', 'postgresql:']);
      return raw;
    },
  };
}

/** `*`, or the origins of web pages (scheme, host and port only). */
export function origins(): Kind<'*' | readonly string[]> {
  return {
    expects: '* or origins separated by commas, like https://chat.example.org',
    unit: null,
    secret: false,
    parse: (raw) => (raw === '*' ? raw : items(raw).map(origin)),
  };
}

function origin(item: string): string {
  const url = readUrl(item, ['http:', 'https:'], JSON.stringify(item));
  if (url.href !== `${url.origin}/` || item.endsWith('/')) {
    throw new BadValue(`holds ${JSON.stringify(item)}, which has more than scheme, host and port`);
  }
  return url.origin;
}

function readUrl(raw: string, protocols: readonly string[], part?: string): URL {
  const url = URL.canParse(raw) ? new URL(raw) : null;
  const where = part === undefined ? '' : `holds ${part}, which `;
  if (!url) throw new BadValue(`${where}is not a URL`);
  if (!protocols.includes(url.protocol)) {
    throw new BadValue(`${where}has the scheme ${JSON.stringify(url.protocol.slice(0, -1))}`);
  }
  return url;
}
