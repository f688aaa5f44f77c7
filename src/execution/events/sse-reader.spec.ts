import { SseReader } from './sse-reader.js';

const STREAM =
  'event: started\nid: 1\ndata: {"a":1}\n\n: ping\n\nevent: stdout\nid: 22\ndata: {"text":"id: 9"}\n\n';
const EVENTS = [
  { event: 'started', id: 1, data: { a: 1 } },
  { event: 'stdout', id: 22, data: { text: 'id: 9' } },
];

describe('SseReader', () => {
  it('finds the same events wherever the stream is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const reader = new SseReader();
      expect([...reader.push(STREAM.slice(0, cut)), ...reader.push(STREAM.slice(cut))]).toEqual(EVENTS);
    }
  });

  it('keeps back an event that is not complete', () => {
    expect(new SseReader().push('event: finished\nid: 3\ndata: {}\n')).toEqual([]);
  });
});
