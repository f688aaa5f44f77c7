import {
  DemandReader,
  errorThenReady,
  holdsLastWord,
  lastStatus,
  query,
  startup,
  type Demand,
} from './wire.js';

function frontend(type: string, body = ''): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

function started(): DemandReader {
  const reader = new DemandReader();
  reader.read(startup());
  return reader;
}

const extended = ['P', 'B', 'D', 'E', 'S'].map((type) => frontend(type, `${type} body`));

describe('DemandReader', () => {
  it('takes the first message, which has no type, as the start', () => {
    expect(new DemandReader().read(startup())).toEqual([{ kind: 'startup' }]);
  });

  it('gives an extended query in one piece, when it is whole', () => {
    const reader = started();
    const demands = extended.map((message) => reader.read(message));
    expect(demands.slice(0, -1)).toEqual([[], [], [], []]);
    expect(demands.at(-1)).toEqual([{ kind: 'request', bytes: Buffer.concat(extended), endsInReady: true }]);
  });

  it('does not mind how the bytes are cut', () => {
    const bytes = Buffer.concat([startup(), query('SELECT 1'), ...extended, frontend('X')]);
    const byteByByte: Demand[] = [];
    const reader = new DemandReader();
    for (const byte of bytes) byteByByte.push(...reader.read(Buffer.from([byte])));
    expect(byteByByte).toEqual(new DemandReader().read(bytes));
    expect(byteByByte.map(({ kind }) => kind)).toEqual(['startup', 'request', 'request', 'terminate']);
  });

  it('gives what is flushed at once, and tells that no ready follows', () => {
    const reader = started();
    reader.read(frontend('P'));
    expect(reader.read(frontend('H'))).toEqual([
      { kind: 'request', bytes: Buffer.concat([frontend('P'), frontend('H')]), endsInReady: false },
    ]);
  });
});

describe('lastStatus', () => {
  it('finds the status behind other messages', () => {
    expect(lastStatus(Buffer.concat([frontend('C', 'BEGIN\0'), frontend('Z', 'T')]))).toBe('T');
  });

  it('takes the last of several', () => {
    expect(lastStatus(Buffer.concat([frontend('Z', 'T'), frontend('Z', 'E')]))).toBe('E');
  });

  it('is not misled by a body that looks like one', () => {
    expect(lastStatus(frontend('D', frontend('Z', 'I').toString('latin1')))).toBeNull();
  });

  it('is null for nothing', () => {
    expect(lastStatus(Buffer.alloc(0))).toBeNull();
  });
});

describe('holdsLastWord', () => {
  const error = (severity: string) => frontend('E', `S${severity}\0V${severity}\0C53100\0Mfull\0\0`);

  it.each(['PANIC', 'FATAL'])('knows that a backend does not survive %s', (severity) => {
    expect(holdsLastWord(Buffer.concat([frontend('C', 'INSERT 0 1\0'), error(severity)]))).toBe(true);
  });

  it('takes an ordinary error for what it is', () => {
    expect(holdsLastWord(frontend('E', 'SERROR\0VERROR\0C22012\0Mdivision by zero\0\0'))).toBe(false);
    expect(holdsLastWord(frontend('D', 'VPANIC\0'))).toBe(false);
  });
});

describe('errorThenReady', () => {
  it('lets the client go on', () => {
    const bytes = errorThenReady('55P03', 'busy');
    expect(lastStatus(bytes)).toBe('I');
    expect(bytes.toString()).toContain('C55P03\0Mbusy\0');
  });
});
