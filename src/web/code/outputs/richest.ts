import type { Output } from '../../api/types.ts';

/** The form of an output that the panel shows. */
export type Shown =
  | { kind: 'plotly'; value: unknown }
  | { kind: 'vega'; value: unknown; isLite: boolean }
  | { kind: 'html' | 'svg' | 'latex' | 'markdown' | 'text'; text: string }
  | { kind: 'image'; fileId: string }
  | { kind: 'json'; value: unknown };

const textKinds = {
  'text/html': 'html',
  'image/svg+xml': 'svg',
  'text/markdown': 'markdown',
  'text/latex': 'latex',
} as const;

const vegaType = /^application\/vnd\.vega(lite)?\.v\d+\+json$/;

/** Of the forms that an output has, the one that shows most. */
export function richest({ data, file_id: fileId }: Output): Shown {
  const plotly = data['application/vnd.plotly.v1+json'];
  if (plotly !== undefined) return { kind: 'plotly', value: plotly };
  for (const [type, value] of Object.entries(data)) {
    const vega = vegaType.exec(type);
    if (vega) return { kind: 'vega', value, isLite: vega[1] !== undefined };
  }
  if (fileId !== null) return { kind: 'image', fileId };
  for (const [type, kind] of Object.entries(textKinds)) {
    const value = data[type];
    if (value !== undefined) return { kind, text: textOf(value) };
  }
  if ('application/json' in data) return { kind: 'json', value: data['application/json'] };
  return { kind: 'text', text: textOf(data['text/plain'] ?? Object.values(data)[0] ?? '') };
}

/** Jupyter allows a list of lines for a text. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join('');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
