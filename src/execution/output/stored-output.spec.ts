import { deflateSync } from 'node:zlib';
import { decodeOutput, encodeOutput } from './stored-output.js';

describe('encodeOutput and decodeOutput', () => {
  it.each([
    ['small', { stdout: 'a\0b\ud800😀', outputs: [] }],
    ['large', { stdout: 'a\0b\ud800😀'.repeat(10_000), outputs: [{ data: { 'text/plain': 'x' } }] }],
  ])('give back a %s output', async (_, output) => {
    expect(await decodeOutput(await encodeOutput(output))).toEqual(output);
  });

  it('compress', async () => {
    expect((await encodeOutput({ stdout: 'line\n'.repeat(100_000) })).length).toBeLessThan(10_000);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['another compression', Buffer.concat([Buffer.of(1), Buffer.from('no')])],
    ['no JSON', Buffer.concat([Buffer.of(1), deflateSync('{')])],
  ])('refuse %s', async (_, stored) => {
    await expect(decodeOutput(stored)).rejects.toThrow();
  });
});
