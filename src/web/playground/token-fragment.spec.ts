import { takeToken, tokenIn } from './token-fragment.ts';

describe('the token in an address', () => {
  it('is taken out of it', () => {
    const replaced: unknown[] = [];
    const history = { replaceState: (...args: unknown[]) => replaced.push(args.at(-1)) };
    const token = takeToken({ hash: '#token=a.b-c', pathname: '/', search: '?x=1' }, history);
    expect(token).toBe('a.b-c');
    expect(replaced).toEqual(['/?x=1']);
  });

  it('is none when there is none', () => {
    const replaced: unknown[] = [];
    const history = { replaceState: (...args: unknown[]) => replaced.push(args.at(-1)) };
    expect(takeToken({ hash: '#top', pathname: '/', search: '' }, history)).toBeNull();
    expect(replaced).toEqual([]);
  });

  it.each([
    ['http://127.0.0.1:3000/#token=ey.J.x', 'ey.J.x'],
    ['  mnt_0123456789 ', 'mnt_0123456789'],
    ['two words', null],
    ['', null],
  ])('is read from %j as pasted', (text, token) => {
    expect(tokenIn(text)).toBe(token);
  });
});
