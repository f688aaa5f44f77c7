import { idempotencyKey, lastEventId, prefersAsync, wantsEvents } from './request-headers.js';

describe('headers of requests', () => {
  it('take an idempotency key of printable characters', () => {
    expect(idempotencyKey(undefined)).toBeNull();
    expect(idempotencyKey('a-1')).toBe('a-1');
    for (const bad of ['', 'a b', 'é', 'x'.repeat(256)])
      expect(() => idempotencyKey(bad)).toThrow('Idempotency-Key');
  });

  it('find the preference among others', () => {
    expect(prefersAsync('wait=10, Respond-Async; x=1')).toBe(true);
    expect(prefersAsync('respond-asynchronously')).toBe(false);
    expect(prefersAsync(undefined)).toBe(false);
  });

  it('find the wish for events', () => {
    expect(wantsEvents('application/json, text/event-stream;q=0.9')).toBe(true);
    expect(wantsEvents('Text/Event-Stream')).toBe(true);
    for (const other of [
      '*/*',
      'text/event-stream;q=0, */*',
      'text/event-stream ; Q=0.00',
      'x/text/event-stream',
      undefined,
    ])
      expect(wantsEvents(other)).toBe(false);
  });

  it('take a number as the last event', () => {
    expect(lastEventId(undefined)).toBe(0);
    expect(lastEventId('12')).toBe(12);
    for (const bad of ['-1', 'x', '1.5', '1'.repeat(16)])
      expect(() => lastEventId(bad)).toThrow('Last-Event-ID');
  });
});
