import { EventParser } from './event-stream.ts';

const stream =
  ': ping\n\nid: 7\nevent: stdout\ndata: {"text":\ndata:  "a"}\n\r\nevent: finished\r\ndata: {}\r\n\r\n';
const events = [
  { id: '7', type: 'stdout', data: '{"text":\n "a"}' },
  { id: '7', type: 'finished', data: '{}' },
];

describe('the parser of server-sent events', () => {
  it('reads fields, joins data, ignores comments', () => {
    expect(new EventParser().push(stream)).toEqual(events);
  });

  it('reads the same wherever the network cuts', () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const parser = new EventParser();
      expect([...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))]).toEqual(events);
    }
    const byCharacter = new EventParser();
    expect([...stream].flatMap((character) => byCharacter.push(character))).toEqual(events);
  });

  it('keeps an event back until its empty line', () => {
    expect(new EventParser().push('data: 1\n')).toEqual([]);
  });
});
