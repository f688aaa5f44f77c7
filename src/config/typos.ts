/**
 * The key that an unknown name was probably meant to be, or null. Short keys allow less: `PATH` is no typo
 * of `PORT`, and the environment is full of names that are not ours.
 */
export function likelyMeant(name: string, keys: readonly string[]): string | null {
  const upper = name.toUpperCase();
  let best: { key: string; distance: number } | null = null;
  for (const key of keys) {
    const distance = editDistance(upper, key);
    if (distance <= tolerance(key) && distance < (best?.distance ?? Infinity)) best = { key, distance };
  }
  return best?.key ?? null;
}

function tolerance(key: string): number {
  if (key.length <= 8) return 1;
  return key.length <= 16 ? 2 : 3;
}

/** Fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let least = Math.min(replaced, at(last, column) + 1, at(current, column - 1) + 1);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, at(beforeLast, column - 2) + 1);
      }
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
