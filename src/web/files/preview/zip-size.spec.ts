import { unpackedSize } from './zip-size.ts';

/** A list of entries that say they unpack to these sizes, and the record at its end. */
function zipOf(sizes: readonly number[], comment = '', told = sizes.length): DataView {
  const records = sizes.map((size) => {
    const record = Buffer.alloc(46 + 5);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt32LE(size, 24);
    record.writeUInt16LE(5, 28);
    return record;
  });
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(told, 10);
  return viewOf(Buffer.concat([...records, end, Buffer.from(comment)]));
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

describe('the unpacked size of a ZIP', () => {
  it('is the sum of what its entries say, also behind a comment', () => {
    expect(unpackedSize(zipOf([]))).toBe(0);
    expect(unpackedSize(zipOf([10, 4_000_000_000]))).toBe(4_000_000_010);
    expect(unpackedSize(zipOf([7], 'a comment'))).toBe(7);
  });

  it.each([
    ['no ZIP', viewOf(Buffer.from('not a ZIP, but long enough to hold the end record'))],
    ['nothing', viewOf(Buffer.alloc(0))],
    ['one whose list ends too soon', zipOf([1], '', 2)],
  ])('is more than anything of %s', (_what, zip) => {
    expect(unpackedSize(zip)).toBe(Infinity);
  });
});
