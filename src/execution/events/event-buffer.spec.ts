import { EventBuffer, STARTED_ID } from './event-buffer.js';

const text = (buffer: EventBuffer, value: string, bytes = value.length): void => {
  buffer.append('stdout', { text: value }, bytes);
};

describe('EventBuffer', () => {
  it('gives each reader what comes behind their last event', () => {
    const buffer = new EventBuffer();
    text(buffer, 'a');
    text(buffer, 'b');
    expect(buffer.after(STARTED_ID)?.map(({ data }) => data.text)).toEqual(['a', 'b']);
    expect(buffer.after(2)?.map(({ id }) => id)).toEqual([3]);
    expect(buffer.after(buffer.lastId)).toEqual([]);
  });

  it('is bounded, and tells readers who missed something', () => {
    const buffer = new EventBuffer();
    for (let number = 0; number < 10; number += 1) text(buffer, String(number), 1024 ** 2);
    expect(buffer.after(STARTED_ID)).toBeNull();
    expect(buffer.after(9)?.map(({ id }) => id)).toEqual([10, 11]);
  });

  it('tells everybody when what was shown counts no more', () => {
    const buffer = new EventBuffer();
    text(buffer, 'a');
    buffer.forget();
    expect(buffer.after(2)).toBeNull();
    text(buffer, 'b');
    expect(buffer.after(2)).toBeNull();
    expect(buffer.after(3)?.map(({ data }) => data.text)).toEqual(['b']);
  });

  it('wakes who waits, for news and for the end', async () => {
    const buffer = new EventBuffer();
    const { signal } = new AbortController();
    const news = buffer.wait(signal);
    text(buffer, 'a');
    await news;
    const end = buffer.wait(signal);
    buffer.end();
    await end;
    expect(buffer.ended).toBe(true);
  });
});
