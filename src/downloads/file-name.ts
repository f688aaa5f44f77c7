import { create as contentDisposition } from 'content-disposition';

/** Linux, macOS and Windows take names of at least this length. */
const MAX_NAME_BYTES = 255;
const STAND_IN = 'file';

/**
 * C0 and C1 controls, line and paragraph separators; marks that turn the direction of text around ("exe.txt"
 * that is "txt.exe"); invisible characters that join nothing; halves of surrogate pairs; and U+FFFD, which
 * stands for bytes that were no UTF-8.
 */
const UNPRINTABLE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd]/gu;

/**
 * A file name that can be shown, put in a header and given to a browser to save under: one part, printable,
 * at most 255 bytes of UTF-8, never empty, `.` or `..`.
 */
export function printableName(name: string): string {
  const printable = shortened(name.replace(UNPRINTABLE, '_').replace(/[/\\]/g, '_'), MAX_NAME_BYTES);
  return /^\.{0,2}$/.test(printable) ? STAND_IN : printable;
}

/** `Content-Disposition` as RFC 6266 wants it, with an RFC 8187 (once 5987) name where ASCII does not do. */
export function dispositionHeader(type: 'attachment' | 'inline', name: string): string {
  const header = contentDisposition(printableName(name), { type });
  // Quotes may be left out around one word, but many clients look for the name between them.
  return header.replace(/; filename=([^";]+)/, '; filename="$1"');
}

/** The name, cut to a number of bytes: whole characters go, the extension stays. */
export function shortened(name: string, maxBytes: number): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const extension = extensionOf(name);
  const stem = name.slice(0, name.length - extension.length);
  let [kept, bytes] = ['', Buffer.byteLength(extension)];
  for (const character of stem) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept + extension;
}

/** With its dot; empty for none, and for one too long to be one. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot) : '';
  return Buffer.byteLength(extension) <= 32 ? extension : '';
}
