import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { signLink, verifyLink } from './download-link.js';

const KEY = randomBytes(32);
const NOW = new Date('2026-03-01T12:00:00.000Z');
const LATER = new Date('2026-03-01T13:00:00.123Z');

const aLink = (): { fileId: string; generation: number; expiresAt: Date } => ({
  fileId: uuidv7(),
  generation: 3,
  expiresAt: LATER,
});

describe('a signed link', () => {
  test('says what was signed', () => {
    const link = aLink();
    expect(verifyLink(signLink(link, KEY), KEY, NOW)).toEqual({ ...link, expired: false });
  });

  test('is told apart once it has expired', () => {
    const token = signLink(aLink(), KEY);
    expect(verifyLink(token, KEY, new Date(LATER.getTime() - 1))?.expired).toBe(false);
    expect(verifyLink(token, KEY, LATER)?.expired).toBe(true);
  });

  test('stands in a URL as it is', () => {
    expect(signLink(aLink(), KEY)).toMatch(/^[\w-]{79}$/);
  });

  test('does not hold with any bit changed', () => {
    const token = signLink(aLink(), KEY);
    const bytes = Buffer.from(token, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(verifyLink(forged.toString('base64url'), KEY, NOW)).toBeNull();
    }
  });

  test('does not hold in another spelling of the same bytes', () => {
    const token = signLink(aLink(), KEY);
    const base64 = Buffer.from(token, 'base64url').toString('base64');
    for (const spelling of [`${token}=`, `${token} `, `${token}A`, token.slice(0, -1), `.${token}`, base64]) {
      expect(verifyLink(spelling, KEY, NOW)).toBeNull();
    }
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      const spelling = token.slice(0, -1) + last;
      if (spelling !== token) expect(verifyLink(spelling, KEY, NOW)).toBeNull();
    }
  });

  test('does not hold under another key', () => {
    expect(verifyLink(signLink(aLink(), KEY), randomBytes(32), NOW)).toBeNull();
  });

  test.each(['', 'x', 'a'.repeat(79), 'a'.repeat(100_000), '\0', '..'])('is not %j', (token) => {
    expect(verifyLink(token, KEY, NOW)).toBeNull();
  });
});
