import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprint, fingerprintOfTree } from './fingerprint.mjs';

describe('a fingerprint', () => {
  it('tells where one part ends and the next begins', () => {
    expect(fingerprint('ab', 'c')).not.toBe(fingerprint('a', 'bc'));
    expect(fingerprint('a', 'b')).toBe(fingerprint('a', 'b'));
  });

  it('of a tree follows the names and the content of the wanted files, and nothing else', () => {
    const directory = mkdtempSync(join(tmpdir(), 'fingerprint-'));
    try {
      mkdirSync(join(directory, 'a'));
      mkdirSync(join(directory, 'cache'));
      writeFileSync(join(directory, 'a', 'x.ts'), '1');
      const now = () => fingerprintOfTree(directory, (path) => path !== 'cache');
      const first = now();

      writeFileSync(join(directory, 'cache', 'y'), '1');
      expect(now()).toBe(first);
      writeFileSync(join(directory, 'a', 'x.ts'), '2');
      const second = now();
      expect(second).not.toBe(first);
      renameSync(join(directory, 'a', 'x.ts'), join(directory, 'a', 'z.ts'));
      expect(now()).not.toBe(second);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
