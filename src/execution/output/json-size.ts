/** Deeper values could not be written as JSON again: that is recursive. */
const DEEPEST = 64;

/**
 * About how many bytes a value that came as JSON takes as JSON. Infinity when it is more than `maxBytes`, or
 * nested too deeply to be kept; then the rest of it is not looked at.
 */
export function jsonSize(value: unknown, maxBytes: number): number {
  let bytes = 0;
  const left: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value: part, depth } = next;
    if (typeof part === 'string') bytes += Buffer.byteLength(part) + 2;
    else if (typeof part !== 'object' || part === null) bytes += String(part).length;
    else {
      const keys = Object.keys(part);
      bytes += 2 + keys.length + (Array.isArray(part) ? 0 : keyBytes(keys));
      if (bytes > maxBytes) return Infinity;
      for (const child of Object.values(part)) left.push({ value: child, depth: depth + 1 });
    }
    if (bytes > maxBytes || depth > DEEPEST) return Infinity;
  }
  return bytes;
}

function keyBytes(keys: readonly string[]): number {
  return keys.reduce((sum, key) => sum + Buffer.byteLength(key) + 3, 0);
}
