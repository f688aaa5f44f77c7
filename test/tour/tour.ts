/** One step of the tour in the README: commands, and what they print. */
export interface TourStep {
  /** Line of the README on which the commands begin. */
  line: number;
  code: string;
  /** Without its last newline; `…` stands for what differs from run to run. Null when the README shows nothing. */
  expected: string | null;
}

interface Block {
  info: string;
  line: number;
  text: string;
}

/** The blocks marked `sh tour`, each with the `text` block that follows it before the next `sh` block. */
export function tourOf(markdown: string): TourStep[] {
  const steps: TourStep[] = [];
  let current: TourStep | null = null;
  for (const { info, line, text } of blocksOf(markdown)) {
    if (info === 'sh tour') {
      current = { line, code: text, expected: null };
      steps.push(current);
    } else if (info === 'text' && current) {
      current.expected = text;
      current = null;
    } else {
      current = null;
    }
  }
  return steps;
}

/** What was printed, with `…` where the README has it and the rest of the line fits: ready to be compared. */
export function masked(printed: string, expected: string): string {
  const wanted = expected.split('\n');
  return printed
    .split('\n')
    .map((line, at) => (patternOf(wanted[at] ?? '').test(line) ? (wanted[at] ?? '') : line))
    .join('\n');
}

function* blocksOf(markdown: string): Generator<Block> {
  let open: { info: string; line: number; lines: string[] } | null = null;
  for (const [at, line] of markdown.split('\n').entries()) {
    if (open === null) {
      const info = /^```(\S.*)$/.exec(line)?.[1];
      if (info !== undefined) open = { info, line: at + 2, lines: [] };
    } else if (line === '```') {
      yield { info: open.info, line: open.line, text: open.lines.join('\n') };
      open = null;
    } else {
      open.lines.push(line);
    }
  }
}

function patternOf(line: string): RegExp {
  const literals = line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${literals.join('.*')}$`);
}
