import { editDistance, likelyMeant } from './typos.js';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['PORT', 'PORT', 0],
    ['PORT', 'PORTS', 1],
    ['PROT', 'PORT', 1],
    ['POR', 'PORT', 1],
    ['POET', 'PORT', 1],
    ['HOME', 'PORT', 3],
    ['', 'PORT', 4],
  ])('from %s to %s is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });
});

describe('likelyMeant', () => {
  it('takes the nearest key', () => {
    expect(likelyMeant('MAX_KERNAL', ['MAX_KERNELS', 'MAX_KERNALS'])).toBe('MAX_KERNALS');
  });

  it('allows short keys less than long ones', () => {
    expect(likelyMeant('SORTS', ['PORT'])).toBeNull();
    expect(likelyMeant('WRKSPACE_RETENTON_DAY', ['WORKSPACE_RETENTION_DAYS'])).toBe(
      'WORKSPACE_RETENTION_DAYS',
    );
  });
});
