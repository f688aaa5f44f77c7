import type { IncomingHttpHeaders } from 'node:http';

/** What tells a content from others: a strong entity tag, and an HTTP date. */
export interface Validators {
  etag: string;
  lastModified: string;
}

/**
 * Whether the client has this content already (304), by RFC 9110 section 13. `Cache-Control: no-cache` of a
 * request does not count here: it speaks to caches, and Node's fetch adds it to every conditional request.
 */
export function clientHasIt(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const known = headers['if-none-match'];
  if (known !== undefined) {
    return known.trim() === '*' || known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  }
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return since >= Date.parse(lastModified);
}

/** Whether a range is one of this content (`If-Range`): weak tags never match, dates only exactly. */
export function rangeIsOfIt(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const condition = headers['if-range'];
  return condition === undefined || condition === etag || condition === lastModified;
}
