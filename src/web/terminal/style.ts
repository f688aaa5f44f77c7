/** How a terminal shows a piece of text. Colours: `c0` to `c15` of the palette, or `#rrggbb`; null is the default. */
export interface TextStyle {
  readonly foreground: string | null;
  readonly background: string | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

export const plain: TextStyle = {
  foreground: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
};

const switches: Readonly<Record<number, Partial<TextStyle>>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  39: { foreground: null },
  49: { background: null },
};

/** The style after "select graphic rendition" with these parameters (ECMA-48, with the colours of xterm). */
export function restyle(style: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(/[;:]/).map((code) => Number(code || 0));
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) next = plain;
    else if (code === 38 || code === 48) {
      const { color, used } = extendedColor(codes.slice(at + 1));
      next = { ...next, ...(code === 38 ? { foreground: color } : { background: color }) };
      at += used;
    } else next = { ...next, ...(switches[code] ?? paletteColor(code)) };
  }
  return next;
}

function paletteColor(code: number): Partial<TextStyle> {
  if (code >= 30 && code <= 37) return { foreground: `c${code - 30}` };
  if (code >= 40 && code <= 47) return { background: `c${code - 40}` };
  if (code >= 90 && code <= 97) return { foreground: `c${code - 82}` };
  if (code >= 100 && code <= 107) return { background: `c${code - 92}` };
  return {};
}

function extendedColor([kind, ...rest]: readonly number[]): { color: string | null; used: number } {
  if (kind === 5) return { color: indexedColor(rest[0] ?? 0), used: 2 };
  if (kind === 2) return { color: hex(rest.slice(0, 3)), used: 4 };
  return { color: null, used: 1 };
}

function indexedColor(index: number): string {
  if (index < 16) return `c${index}`;
  if (index >= 232) return hex(Array<number>(3).fill(8 + (index - 232) * 10));
  const cube = index - 16;
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  return hex([level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)]);
}

function hex(parts: readonly number[]): string {
  return `#${parts.map((part) => Math.min(255, part).toString(16).padStart(2, '0')).join('')}`;
}
