import { hkdfSync } from 'node:crypto';

/** What a derived key is for; keys of two purposes tell nothing about each other. */
export type KeyPurpose = 'tokens' | 'links';

const keyBytes = 32;

/** The keys that this service signs with, all derived from one master secret (HKDF, RFC 5869). */
export class SecretKeys {
  readonly #master: Buffer;

  constructor(master: Buffer) {
    this.#master = master;
  }

  /** 32 bytes, the same for a purpose as long as the master secret stays. */
  derive(purpose: KeyPurpose): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#master, '', `mntdata ${purpose} v1`, keyBytes));
  }
}
