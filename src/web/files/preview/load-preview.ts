import type { Api } from '../../api/api.ts';
import type { StoredFile } from '../../api/types.ts';
import { previewKindOf, type PreviewKind } from '../file-kind.ts';
import type { Table } from './table.ts';

/** What there is to show of a file. */
export type Preview =
  | { kind: 'too large' }
  | { kind: 'image' }
  | { kind: 'pdf'; bytes: Uint8Array }
  | { kind: 'svg'; text: string }
  | { kind: 'html'; text: string }
  | { kind: 'markdown'; text: string }
  | { kind: 'text'; text: string; isPart: boolean }
  | { kind: 'json'; value: unknown }
  | { kind: 'tables'; tables: readonly Table[] };

const mib = 1024 ** 2;
const mostText = mib / 2;
const mostBytes = 32 * mib;
/** Of these, larger ones would hold the tab up for minutes: their source is shown. */
const rendered: ReadonlySet<PreviewKind> = new Set(['markdown', 'html', 'svg']);
const mostRendered = 2 * mib;

/** Fetches a file as far as its preview needs it. Readers of tables come with the first table. */
export async function loadPreview(api: Api, file: StoredFile): Promise<Preview> {
  const kind = kindToShow(file);
  if (kind === 'text') return await textOf(api, file);
  if (kind === 'csv') {
    const { readCsv } = await import('./csv.ts');
    const bytes = await api.content(file.id, file.size > mostBytes ? mostBytes : undefined);
    return { kind: 'tables', tables: [readCsv(await bytes.text(), bytes.size >= file.size)] };
  }
  if (file.size > mostBytes) return { kind: 'too large' };
  if (kind === 'image') return { kind };
  const bytes = await api.content(file.id);
  if (kind === 'pdf') return { kind, bytes: new Uint8Array(await bytes.arrayBuffer()) };
  if (kind === 'excel') {
    const { readExcel } = await import('./excel.ts');
    return { kind: 'tables', tables: await readExcel(bytes) };
  }
  const text = await bytes.text();
  return kind === 'json' ? jsonOf(text) : { kind, text };
}

function kindToShow(file: StoredFile): PreviewKind {
  const kind = previewKindOf(file) ?? 'text';
  return rendered.has(kind) && file.size > mostRendered ? 'text' : kind;
}

async function textOf(api: Api, file: StoredFile): Promise<Preview> {
  const isPart = file.size > mostText;
  const bytes = file.size === 0 ? new Blob() : await api.content(file.id, isPart ? mostText : undefined);
  return { kind: 'text', text: await bytes.text(), isPart };
}

function jsonOf(text: string): Preview {
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return { kind: 'text', text: text.slice(0, mostText), isPart: text.length > mostText };
  }
}
