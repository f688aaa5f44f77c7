import mime from 'mime-types';
import { extname } from 'node:path';

export interface FileFormat {
  /** A word for people: `Excel`, `CSV`, `PDF`, …, else the extension in capitals, else `File`. */
  format: string;
  /** Without parameters; `application/octet-stream` when nothing is known. */
  mimeType: string;
}

const UNKNOWN_TYPE = 'application/octet-stream';

/** What data code writes and reads, where the registry of mime-types knows nothing or something else. */
const TYPES: Readonly<Record<string, string>> = {
  arrow: 'application/vnd.apache.arrow.file',
  db: 'application/vnd.sqlite3',
  feather: 'application/vnd.apache.arrow.file',
  h5: 'application/x-hdf5',
  hdf5: 'application/x-hdf5',
  jsonl: 'application/jsonl',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  py: 'text/x-python',
  r: 'text/x-r',
  rs: 'text/x-rust',
  sqlite: 'application/vnd.sqlite3',
  sqlite3: 'application/vnd.sqlite3',
  tgz: 'application/gzip',
  // mime-types says video (an MPEG transport stream); code that a model writes means TypeScript.
  ts: 'text/x-typescript',
  zst: 'application/zstd',
};

const WORDS: Readonly<Record<string, readonly string[]>> = {
  Archive: ['7z', 'bz2', 'gz', 'rar', 'tar', 'tgz', 'xz', 'zip', 'zst'],
  CSV: ['csv'],
  Excel: ['xls', 'xlsb', 'xlsm', 'xlsx', 'xltx'],
  HTML: ['htm', 'html', 'xhtml'],
  JSON: ['geojson', 'json', 'jsonl', 'ndjson'],
  Markdown: ['markdown', 'md'],
  Notebook: ['ipynb'],
  PDF: ['pdf'],
  PowerPoint: ['ppt', 'pptm', 'pptx'],
  Python: ['py'],
  Text: ['log', 'text', 'txt'],
  Word: ['doc', 'docm', 'docx'],
};

const WORD_OF = new Map(
  Object.entries(WORDS).flatMap(([word, extensions]) => extensions.map((extension) => [extension, word])),
);

const FAMILIES: Readonly<Record<string, string>> = { image: 'Image', audio: 'Audio', video: 'Video' };

/** What a file is, told by its name alone: content is never looked at, and never trusted to say. */
export function fileFormat(name: string): FileFormat {
  const extension = extname(name).slice(1).toLowerCase();
  const known = Object.hasOwn(TYPES, extension) ? TYPES[extension] : null;
  // mime-types takes a bare word for an extension: a file named "pdf" is none.
  const mimeType = known ?? (extension === '' ? false : mime.lookup(extension));
  return { format: wordFor(extension, mimeType), mimeType: mimeType === false ? UNKNOWN_TYPE : mimeType };
}

function wordFor(extension: string, mimeType: string | false): string {
  const word = WORD_OF.get(extension);
  if (word !== undefined) return word;
  const family = FAMILIES[mimeType === false ? '' : (mimeType.split('/', 1)[0] ?? '')];
  if (family !== undefined) return family;
  return /^[a-z0-9]{1,12}$/.test(extension) ? extension.toUpperCase() : 'File';
}
