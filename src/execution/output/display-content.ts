import type { MimeBundle } from '../engine/index.js';
import { BoundedText } from './bounded-text.js';
import type { ImageMimeType, OutputWarning } from './collected-output.js';
import { decodedSize, decodeImage, IMAGE_TYPES } from './display-image.js';
import { jsonSize } from './json-size.js';

/** What may be kept of one display. */
export interface DisplayBudget {
  /** Bytes of its image. */
  readonly imageBytes: number;
  /** Bytes of all its other representations together. */
  readonly dataBytes: number;
}

/** What is kept of one display. */
export interface DisplayContent {
  readonly image: { readonly mime: ImageMimeType; readonly bytes: Buffer } | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly dataBytes: number;
  /** Its text, for `result`; null where the text only names an image. */
  readonly text: string | null;
  readonly warnings: readonly OutputWarning[];
}

/** Text that is always kept, so that a display never vanishes without a trace. */
const LEAST_TEXT_BYTES = 1024;
const MOST_TYPES = 32;
const LONGEST_TYPE = 255;

/** Takes what fits from a display: one image, and the other representations from the smallest up. */
export function readDisplay(bundle: MimeBundle, budget: DisplayBudget): DisplayContent {
  const warnings: OutputWarning[] = [];
  const image = takeImage(bundle, budget.imageBytes, warnings);
  const texts = takeData(bundle, budget.dataBytes, warnings);
  const text = texts.data['text/plain'];
  return {
    image,
    ...texts,
    text: image === null && typeof text === 'string' ? text : null,
    warnings,
  };
}

function takeImage(bundle: MimeBundle, maxBytes: number, warnings: OutputWarning[]): DisplayContent['image'] {
  for (const mime of IMAGE_TYPES) {
    const base64 = bundle[mime];
    if (base64 === undefined) continue;
    if (typeof base64 === 'string' && decodedSize(base64) > maxBytes) {
      warnings.push(imageTooLarge(mime, decodedSize(base64), maxBytes));
      continue;
    }
    const bytes = typeof base64 === 'string' ? decodeImage(mime, base64) : null;
    if (bytes) return { mime, bytes };
    warnings.push(invalidImage(mime));
  }
  return null;
}

function takeData(
  bundle: MimeBundle,
  maxBytes: number,
  warnings: OutputWarning[],
): { data: Record<string, unknown>; dataBytes: number } {
  const images: readonly string[] = IMAGE_TYPES;
  const sized = Object.entries(bundle)
    .filter(([mime]) => !images.includes(mime) && mime !== 'text/plain')
    .map(([mime, value]) => ({ mime, value, bytes: jsonSize(value, maxBytes) }))
    .sort((a, b) => a.bytes - b.bytes);
  const text = plainText(bundle, maxBytes, warnings);
  const kept: [string, unknown][] = text === null ? [] : [['text/plain', text]];
  let dataBytes = text === null ? 0 : Buffer.byteLength(text);
  for (const { mime, value, bytes } of sized) {
    if (dataBytes + bytes > maxBytes || kept.length >= MOST_TYPES || mime.length > LONGEST_TYPE) {
      warnings.push(dataTooLarge(mime, maxBytes));
      continue;
    }
    kept.push([mime, value]);
    dataBytes += bytes;
  }
  // Not by assignment: code in the kernel may name a type `__proto__`.
  return { data: Object.fromEntries(kept), dataBytes };
}

/** The display as text, cut if need be; a display of nothing but a broken image shows what it sent instead. */
function plainText(bundle: MimeBundle, maxBytes: number, warnings: OutputWarning[]): string | null {
  const brokenImage = IMAGE_TYPES.map((mime) => bundle[mime]).find((value) => typeof value === 'string');
  const onlyImage = Object.keys(bundle).every((mime) => (IMAGE_TYPES as readonly string[]).includes(mime));
  const isBroken = warnings.some((warning) => warning.code === 'invalid_image');
  const text = bundle['text/plain'] ?? (onlyImage && isBroken ? brokenImage : undefined);
  if (typeof text !== 'string') return null;
  const bounded = new BoundedText(Math.max(maxBytes, LEAST_TEXT_BYTES));
  bounded.append(text);
  if (bounded.truncated) warnings.push(dataTooLarge('text/plain', maxBytes));
  return bounded.toString();
}

function invalidImage(mime: string): OutputWarning {
  const message = `A display's ${mime} was left out: it is not the base64 text of such an image.`;
  return { path: null, code: 'invalid_image', message };
}

function imageTooLarge(mime: string, bytes: number, maxBytes: number): OutputWarning {
  const message =
    `A display's ${mime} of about ${String(bytes)} bytes was left out: ` +
    `${String(maxBytes)} bytes could be kept. Save it as a file instead.`;
  return { path: null, code: 'image_too_large', message };
}

function dataTooLarge(mime: string, maxBytes: number): OutputWarning {
  const message =
    `A display's ${mime.slice(0, LONGEST_TYPE)} was left out or cut: ${String(maxBytes)} bytes could be kept of ` +
    'the display. Save it as a file instead.';
  return { path: null, code: 'output_too_large', message };
}
