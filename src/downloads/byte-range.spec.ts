import { requestedRange } from './byte-range.js';

describe('the range that a header asks for', () => {
  test.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=0-99', { start: 0, end: 99 }],
    ['bytes=10-', { start: 10, end: 99 }],
    ['bytes=10-1000', { start: 10, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['Bytes= 5-6 ', { start: 5, end: 6 }],
    [`bytes=1-${'9'.repeat(400)}`, { start: 1, end: 99 }],
  ])('%s of 100 bytes', (header, range) => {
    expect(requestedRange(header, 100)).toEqual(range);
  });

  test.each(['bytes=100-', 'bytes=100-200', 'bytes=-0', `bytes=${'9'.repeat(400)}-`])(
    '%s cannot be satisfied',
    (header) => {
      expect(requestedRange(header, 100)).toBe('not_satisfiable');
    },
  );

  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=5-4',
    'bytes=a-b',
    'bytes=0-1,5-6',
    'bytes=0x1-2',
    'bytes=1.5-2',
    'bytes=--5',
    'lines=0-1',
  ])('%s is ignored', (header) => {
    expect(requestedRange(header, 100)).toBe('whole');
  });

  test.each(['bytes=0-', 'bytes=0-0', 'bytes=-1'])('%s of nothing is ignored', (header) => {
    expect(requestedRange(header, 0)).toBe('whole');
  });
});
