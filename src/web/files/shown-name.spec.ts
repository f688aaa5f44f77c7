import { shownName } from './shown-name.ts';

describe('the name of a file, as shown', () => {
  it.each([
    ['naïve 日本 🎉.txt', 'naïve 日本 🎉.txt'],
    ['x\u202egpj.exe', 'x\ufffdgpj.exe'],
    ['a\u2067b\u2069', 'a\ufffdb\ufffd'],
    ['two\nlines\t\x1b[31m', 'two\ufffdlines\ufffd\ufffd[31m'],
    ['half \ud800', 'half \ufffd'],
  ])('of %j is %j', (name, shown) => {
    expect(shownName(name)).toBe(shown);
  });
});
