import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';

const compress = promisify(deflate);
const decompress = promisify(inflate);

/** The first byte says how the rest is written. */
const PLAIN = 0;
const DEFLATED = 1;

/** Below this the way to the thread pool costs more than it saves. */
const SMALLEST_COMPRESSED = 1024;

/** Far above what is ever written: a damaged row must not fill the memory. */
const LARGEST_DECODED = 256 * 1024 * 1024;

/** JSON in bytes, compressed off the main thread unless small. NUL and lone surrogates survive as escapes. */
export async function encodeOutput(output: unknown): Promise<Buffer> {
  const json = Buffer.from(JSON.stringify(output));
  if (json.length < SMALLEST_COMPRESSED) return Buffer.concat([Buffer.of(PLAIN), json]);
  return Buffer.concat([Buffer.of(DEFLATED), await compress(json, { level: 4 })]);
}

/** What `encodeOutput` was given. @throws Error when the bytes are not of its making. */
export async function decodeOutput(stored: Buffer): Promise<unknown> {
  const body = stored.subarray(1);
  const json = stored[0] === DEFLATED ? await decompress(body, { maxOutputLength: LARGEST_DECODED }) : body;
  return JSON.parse(json.toString()) as unknown;
}
