import { CONTROL_SEQUENCE } from '../../output/ansi.js';

/** Columns of a line, from `start` up to and without `end`; colours take no columns. */
export interface Columns {
  readonly start: number;
  readonly end: number;
}

const COLOURS = new RegExp(CONTROL_SEQUENCE, 'g');
const TOKEN = new RegExp(`${CONTROL_SEQUENCE.source}|[^]`, 'g');
const ONLY_MARKERS = new RegExp(`^(?:[ ~^]|${CONTROL_SEQUENCE.source})*\\n?$`);
/** Python indents the lines of a traceback, so that an underlined title is not meant. */
const INDENTED_MARKERS = /^ {4,}[ ~^]*[~^]/;
// eslint-disable-next-line no-control-regex -- a colour begins with it
const CUT_COLOUR = /\x1b(?:\[[\d;]*)?$/;

/** Whether a line marks places in the line above, as those of tracebacks do. */
export function isMarkers(line: string): boolean {
  return ONLY_MARKERS.test(line) && INDENTED_MARKERS.test(line.replace(COLOURS, ''));
}

/** Whether the start of a line may yet become one of markers. */
export function mayBecomeMarkers(start: string): boolean {
  return ONLY_MARKERS.test(start.replace(CUT_COLOUR, ''));
}

/** How many columns a text takes. */
export function width(text: string): number {
  return text.includes('\x1b') ? text.replace(COLOURS, '').length : text.length;
}

/** The line without these columns, which are sorted. */
export function withoutColumns(line: string, columns: readonly Columns[]): string {
  let column = -1;
  let next = 0;
  return line.replace(TOKEN, (token) => {
    if (token.length > 1) return token;
    column += 1;
    while (column >= (columns[next]?.end ?? Infinity)) next += 1;
    return token !== '\n' && column >= (columns[next]?.start ?? Infinity) ? '' : token;
  });
}
