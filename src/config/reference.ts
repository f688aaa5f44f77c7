import type { Setting, SettingGroup } from './setting.js';
import { SETTINGS } from './settings/index.js';

const GROUP_TITLES: Readonly<Record<keyof typeof SETTINGS, string>> = {
  server: 'Server',
  data: 'Data',
  database: 'Database',
  auth: 'Authentication',
  workspaces: 'Workspaces',
  files: 'Files',
  storage: 'Storage',
  execution: 'Executions',
  kernels: 'Kernels',
  engine: 'Engine',
};
const LINE_WIDTH = 100;

/** The text of `.env.example`: every key with its meaning, unit and default, all commented out. */
export function envExample(): string {
  const head = [
    '# Settings of mntdata. Copy this file to .env and remove the # before what you change; a variable of the',
    '# environment wins over the file. Written from the table in src/config/settings: npm run config:reference.',
  ];
  const groups = groupsInOrder().map(([title, settings]) =>
    [`# ---- ${title} ----`, ...settings.map(exampleEntry)].join('\n\n'),
  );
  return `${head.join('\n')}\n\n${groups.join('\n\n')}\n`;
}

/** The text of `docs/configuration.md`. */
export function configurationPage(): string {
  const groups = groupsInOrder().map(([title, settings]) =>
    [`## ${title}`, settings.map(pageEntry).join('\n')].join('\n\n'),
  );
  return `${PAGE_HEAD}\n\n${groups.join('\n\n')}\n`;
}

const PAGE_HEAD = `# Configuration

Settings come from the environment and from the file \`.env\` beside \`package.json\`; the environment wins. An
empty value means "not set". A bad value stops the start with a sentence that names the key. A name that
looks like a mistyped key is warned about.

Sizes are bytes, plain or with a suffix (\`512MiB\`, \`1.5GiB\`, \`500MB\`). Seconds and days may be decimals
(0.00005 days are about 4 seconds). Rates and limits have no upper bound. Relative directories are taken
from the directory of \`package.json\`.

This page and \`.env.example\` are written from the table in \`src/config/settings\` by
\`npm run config:reference\`.`;

function groupsInOrder(): [string, Setting<unknown>[]][] {
  return Object.entries<SettingGroup>(SETTINGS).map(([group, settings]) => [
    GROUP_TITLES[group as keyof typeof SETTINGS],
    Object.values(settings),
  ]);
}

function exampleEntry(one: Setting<unknown>): string {
  const unit = one.kind.unit === null ? '' : ` Unit: ${one.kind.unit}.`;
  const unset = one.fallback.from === 'machine' ? ` Unset: ${one.fallback.says}.` : '';
  const comment = wrap(`${one.doc} Expected: ${one.kind.expects}.${unit}${unset}`);
  return [...comment.map((line) => `# ${line}`), `#${one.key}=${defaultText(one)}`].join('\n');
}

function pageEntry(one: Setting<unknown>): string {
  const fallback = one.fallback.from === 'machine' ? one.fallback.says : code(defaultText(one));
  const facts = [one.kind.unit, fallback === '' ? 'not set' : `default ${fallback}`].filter(
    (fact) => fact !== null,
  );
  return `- \`${one.key}\` (${facts.join(', ')}): ${escaped(`${one.doc} Expected: ${one.kind.expects}.`)}`;
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

function defaultText({ fallback }: Setting<unknown>): string {
  return fallback.from === 'text' ? fallback.text : '';
}

/** Markdown would read a star as emphasis. */
function escaped(text: string): string {
  return text.replaceAll('*', '\\*');
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
