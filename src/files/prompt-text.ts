import { MOUNT } from './file-path.js';

export interface PromptFacts {
  files: readonly { path: string; size: number; note: string | null }[];
  /** How many more files there are than `files` tells. */
  moreFiles: number;
  libraries: readonly { name: string; version: string }[];
  timeoutSeconds: number;
  maxFileBytes: number;
  memoryBytes: number;
  network: boolean;
  /** Kernels have another name for the workspace; `/mnt/data` in code is replaced before it runs. */
  pathsTranslated: boolean;
}

const MAX_LIBRARIES = 60;

const IN_ONE_PIECE =
  `- Write ${MOUNT} in one piece, or a path relative to it: put together from "/mnt" and "data", or read from a file, ` +
  'it leads nowhere.';

/**
 * What a model must know to work in a workspace. Paths are JSON-quoted, so that no file name can pass for an
 * instruction of ours.
 */
export function promptText(facts: PromptFacts): string {
  return [
    '## Code interpreter',
    `You can run Python in a Jupyter kernel. Its working directory is ${MOUNT}: files are read and written there, ` +
      'and variables live on between runs of the same message.',
    '',
    '### Files',
    ...fileLines(facts),
    '',
    '### Saving results',
    `- Save every result that the user should get as a file below ${MOUNT}, under a clear name, for example ` +
      `${JSON.stringify(`${MOUNT}/report.xlsx`)}. Files saved elsewhere are lost.`,
    ...(facts.pathsTranslated ? [IN_ONE_PIECE] : []),
    `- Files you create or change there are offered to the user for download. Refer to one as ` +
      '`[report.xlsx](sandbox:/mnt/data/report.xlsx)`.',
    '- Plots that are shown (`plt.show()`) reach the user as images; save them with `plt.savefig` to make them files.',
    '- The value of the last expression and what is printed come back to you; long output is shortened in its middle.',
    '',
    ...libraryLines(facts),
    '### Limits',
    `- A run may take ${String(facts.timeoutSeconds)} seconds, ${size(facts.memoryBytes)} of memory, and ` +
      `${size(facts.maxFileBytes)} per file.`,
    ...(facts.network ? [] : ['- There is no network: nothing can be downloaded or installed.']),
    '- `input()` does not work: nobody can answer it.',
    '',
  ].join('\n');
}

function fileLines({ files, moreFiles }: PromptFacts): string[] {
  if (files.length === 0) return [`There are no files in ${MOUNT} yet.`];
  const lines = files.map(
    ({ path, size: bytes, note }) =>
      `- ${JSON.stringify(path)} (${size(bytes)}${note === null ? '' : `, ${note}`})`,
  );
  const more = moreFiles > 0 ? [`- … and ${String(moreFiles)} more; list them with \`os.walk\`.`] : [];
  return ['These files are there:', ...lines, ...more];
}

function libraryLines({ libraries }: PromptFacts): string[] {
  if (libraries.length === 0) return [];
  const shown = libraries.slice(0, MAX_LIBRARIES).map(({ name, version }) => `${name} ${version}`);
  return ['### Libraries', `Beside the standard library: ${shown.join(', ')}.`, ''];
}

function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number.isInteger(value) ? String(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}
