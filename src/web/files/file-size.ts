const units = ['KB', 'MB', 'GB', 'TB'] as const;

/** Bytes as people read them, e.g. `4.9 KB`. Steps of 1,024. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(value < 99.95 ? 1 : 0)} ${units[unit] ?? ''}`;
}
