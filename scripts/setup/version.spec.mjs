import { isAtLeast, minimalNode, minimalPython, parseVersion } from './version.mjs';

describe('a version', () => {
  it.each([
    ['v20.19.0', true],
    ['20.20.2', true],
    ['v22.1.0', true],
    ['v20.18.3', false],
    ['v18.20.4', false],
    ['', false],
  ])('%s is new enough for Node 20.19: %s', (text, expected) => {
    expect(isAtLeast(text, minimalNode)).toBe(expected);
  });

  it.each([
    ['Python 3.11.0', true],
    ['Python 3.14.0rc1', true],
    ['Python 3.9.18', false],
    ['Python 2.7.18', false],
    ['nothing', false],
  ])('%s is new enough for Python 3.11: %s', (text, expected) => {
    expect(isAtLeast(text, minimalPython)).toBe(expected);
  });

  it('compares numbers, not digits', () => {
    expect(parseVersion('3.9.1')).toEqual([3, 9]);
    expect(isAtLeast('3.9', [3, 11])).toBe(false);
  });
});
