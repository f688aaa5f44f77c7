import { createHash, randomBytes } from 'node:crypto';

const mark = 'mnt_';
const pattern = /^mnt_[\w-]{43}$/;
/** Enough to recognise a key in a list, far too little to guess it. */
const prefixLength = 12;

/** A new key: 256 random bits, which need no slow hash. */
export function newApiKeyText(): string {
  return `${mark}${randomBytes(32).toString('base64url')}`;
}

/** Whether a credential means to be an API key; a JWT begins with `eyJ`. */
export function looksLikeApiKey(credential: string): boolean {
  return credential.startsWith(mark);
}

export function isApiKeyText(credential: string): boolean {
  return pattern.test(credential);
}

export function hashOfApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

export function prefixOfApiKey(key: string): string {
  return key.slice(0, prefixLength);
}
