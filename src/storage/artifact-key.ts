const SHA256_HEX = /^[0-9a-f]{64}$/;

export function isSha256(text: string): boolean {
  return SHA256_HEX.test(text);
}

/** Where content lies below the root of a store: `ab/cd/abcd…`, the same for every adapter. */
export function artifactKey(sha256: string): string {
  if (!isSha256(sha256)) throw new TypeError('A SHA-256 is 64 lower-case hexadecimal digits.');
  return `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
}
