import { createHmac, timingSafeEqual } from 'node:crypto';
import { parse as uuidBytes, stringify as uuidText } from 'uuid';

/** What a signed link says. */
export interface DownloadLink {
  /** UUID. */
  fileId: string;
  /** The file's `link_generation`: raising that takes back all links made before. */
  generation: number;
  expiresAt: Date;
}

export interface VerifiedLink extends DownloadLink {
  expired: boolean;
}

const MAC_BYTES = 32;
/** Version, file id, milliseconds since 1970, generation. */
const PAYLOAD_BYTES = 1 + 16 + 6 + 4;
const VERSION = 1;

/** A token for a URL: 79 characters that nobody without the key can make for another file or a later time. */
export function signLink({ fileId, generation, expiresAt }: DownloadLink, key: Buffer): string {
  const payload = Buffer.alloc(PAYLOAD_BYTES);
  payload.writeUInt8(VERSION, 0);
  payload.set(uuidBytes(fileId), 1);
  payload.writeUIntBE(expiresAt.getTime(), 17, 6);
  payload.writeUInt32BE(generation, 23);
  return Buffer.concat([payload, macOf(payload, key)]).toString('base64url');
}

/** What the token says, or null when it was not signed with this key. The generation is the caller's to check. */
export function verifyLink(token: string, key: Buffer, now: Date): VerifiedLink | null {
  const bytes = Buffer.from(token, 'base64url');
  // One spelling only: the decoder skips foreign characters and ignores spare bits.
  if (bytes.length !== PAYLOAD_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return null;
  const payload = bytes.subarray(0, PAYLOAD_BYTES);
  if (!timingSafeEqual(macOf(payload, key), bytes.subarray(PAYLOAD_BYTES))) return null;
  if (payload.readUInt8(0) !== VERSION) return null;
  const expiresAt = new Date(payload.readUIntBE(17, 6));
  return {
    fileId: uuidText(payload, 1),
    generation: payload.readUInt32BE(23),
    expiresAt,
    expired: expiresAt <= now,
  };
}

function macOf(payload: Buffer, key: Buffer): Buffer {
  return createHmac('sha256', key).update(payload).digest();
}
