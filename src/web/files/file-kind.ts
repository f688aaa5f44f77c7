import type { StoredFile } from '../api/types.ts';
import type { IconName } from '../icons.ts';

/** How a file is previewed; null when it is not. */
export type PreviewKind = 'image' | 'svg' | 'pdf' | 'markdown' | 'html' | 'csv' | 'excel' | 'json' | 'text';

const byExtension: Readonly<Record<string, PreviewKind>> = {
  png: 'image',
  jpg: 'image',
  jpeg: 'image',
  gif: 'image',
  webp: 'image',
  svg: 'svg',
  pdf: 'pdf',
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  csv: 'csv',
  tsv: 'csv',
  xlsx: 'excel',
  json: 'json',
  ipynb: 'json',
};

const textExtensions = new Set(
  'txt log py js ts css sql xml yaml yml toml ini cfg sh r jl java c h cpp rs go tex bib jsonl ndjson'.split(
    ' ',
  ),
);

const iconOf: Readonly<Record<PreviewKind, IconName>> = {
  image: 'image',
  svg: 'image',
  pdf: 'document',
  markdown: 'text',
  html: 'code',
  csv: 'table',
  excel: 'table',
  json: 'code',
  text: 'text',
};

const otherIcons: Readonly<Record<string, IconName>> = {
  zip: 'archive',
  gz: 'archive',
  tar: 'archive',
  '7z': 'archive',
  docx: 'document',
  odt: 'document',
  pptx: 'slides',
  xls: 'table',
  ods: 'table',
  parquet: 'table',
  py: 'code',
};

type Named = Pick<StoredFile, 'name' | 'mime_type'>;

export function previewKindOf({ name, mime_type: mimeType }: Named): PreviewKind | null {
  const extension = extensionOf(name);
  const kind = Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
  if (kind) return kind;
  return textExtensions.has(extension) || mimeType.startsWith('text/') ? 'text' : null;
}

export function iconOfFile(file: Named): IconName {
  const extension = extensionOf(file.name);
  const kind = previewKindOf(file);
  const other = Object.hasOwn(otherIcons, extension) ? otherIcons[extension] : undefined;
  return other ?? (kind === null ? 'file' : iconOf[kind]);
}

function extensionOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}
