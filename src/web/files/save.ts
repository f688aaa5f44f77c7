import { shownName } from './shown-name.ts';

/** Hands bytes to the browser's downloads, under a name. */
export function save(bytes: Blob, name: string): void {
  const address = URL.createObjectURL(bytes);
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = shownName(name);
  anchor.click();
  // The browser has taken the bytes over by the next task in all engines but old ones; a minute is kind to those.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
