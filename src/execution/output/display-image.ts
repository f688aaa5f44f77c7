import type { ImageMimeType } from './collected-output.js';

/** The image types that are stored as files, the preferred first: of one display, one image is kept. */
export const IMAGE_TYPES: readonly ImageMimeType[] = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];

const SIGNATURES: Readonly<Record<ImageMimeType, RegExp>> = {
  'image/png': /^\x89PNG\r\n\x1a\n/, // eslint-disable-line no-control-regex -- the format's own bytes
  'image/jpeg': /^\xff\xd8\xff/,
  'image/gif': /^GIF8[79]a/,
  'image/webp': /^RIFF[^]{4}WEBP/,
};

/** How many bytes base64 text stands for, at most. */
export function decodedSize(base64: string): number {
  return Math.floor((base64.length * 3) / 4);
}

/** The bytes of an image that a kernel sent as base64; null when it is not such an image. */
export function decodeImage(mime: ImageMimeType, base64: string): Buffer | null {
  const compact = /\s/.test(base64) ? base64.replace(/\s+/g, '') : base64;
  const padding = compact.endsWith('==') ? 2 : compact.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(compact, 'base64');
  // Node skips what is no base64 instead of refusing it.
  if (bytes.length !== decodedSize(compact) - padding) return null;
  return SIGNATURES[mime].test(bytes.toString('latin1', 0, 12)) ? bytes : null;
}
