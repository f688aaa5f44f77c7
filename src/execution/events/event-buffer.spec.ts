import { EventBuffer, STARTED_ID } from './event-buffer.js';

const text = (buffer: EventBuffer, value: string, bytes = value.length): void => {
  buffer.append('stdout', { text: value }, bytes);
};

function textsAfter(buffer: EventBuffer, id: number): unknown[] {
  const texts: unknown[] = [];
  for (let event = buffer.next(id); event !== null && event !== 'gone'; event = buffer.next(event.id))
    texts.push(event.data.text);
  return texts;
}

describe('EventBuffer', () => {
  it('gives each reader what comes behind their last event', () => {
    const buffer = new EventBuffer();
    text(buffer, 'a');
    text(buffer, 'b');
    expect(textsAfter(buffer, STARTED_ID)).toEqual(['a', 'b']);
    expect(buffer.next(2)).toEqual({ id: 3, type: 'stdout', data: { text: 'b' } });
    expect(buffer.next(buffer.lastId)).toBeNull();
  });

  it('is bounded, and tells readers who missed something', () => {
    const buffer = new EventBuffer();
    for (let number = 0; number < 10; number += 1) text(buffer, String(number), 1024 ** 2);
    expect(buffer.next(STARTED_ID)).toBe('gone');
    expect(buffer.next(8)).toBe('gone');
    expect(textsAfter(buffer, 9)).toEqual(['8', '9']);
  });

  it('tells everybody when what was shown counts no more', () => {
    const buffer = new EventBuffer();
    text(buffer, 'a');
    buffer.forget();
    expect(buffer.next(2)).toBe('gone');
    text(buffer, 'b');
    expect(buffer.next(2)).toBe('gone');
    expect(textsAfter(buffer, 3)).toEqual(['b']);
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
