import { DomainError } from '../errors/index.js';

/** Printable ASCII, as the draft of the header field says (draft-ietf-httpapi-idempotency-key-header). */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** The key a client repeats a request under; null without the header. @throws DomainError `invalid_header` */
export function idempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (KEY.test(header)) return header;
  throw new DomainError(
    'invalid',
    'invalid_header',
    'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.',
  );
}

/** RFC 7240: preferences are a list; names are case-insensitive. */
export function prefersAsync(header: string | undefined): boolean {
  return (header ?? '').split(',').some((preference) => {
    const [name = ''] = preference.split(';');
    return name.trim().toLowerCase() === 'respond-async';
  });
}

/** Whether the client names a stream among what it takes; without a word it gets JSON. */
export function wantsEvents(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => {
    const [type = '', ...parameters] = range.toLowerCase().split(';');
    return type.trim() === 'text/event-stream' && !parameters.some(isRefusal);
  });
}

/** RFC 9110: a weight of 0 says "not acceptable". */
function isRefusal(parameter: string): boolean {
  return /^\s*q=0(\.0{0,3})?\s*$/.test(parameter);
}

/** The id a stream resumes behind; 0 from the start. @throws DomainError `invalid_header` */
export function lastEventId(header: string | undefined): number {
  if (header === undefined || header === '') return 0;
  if (/^\d{1,15}$/.test(header)) return Number(header);
  throw new DomainError(
    'invalid',
    'invalid_header',
    'Last-Event-ID must be the id of an event of this stream.',
  );
}
