import { richest } from './richest.ts';

const shownOf = (data: Record<string, unknown>, file_id: string | null = null) =>
  richest({ type: 'display_data', data, file_id, link: null });

describe('the richest form of an output', () => {
  it.each([
    ['application/vnd.plotly.v1+json', { data: [] }, { kind: 'plotly', value: { data: [] } }],
    [
      'application/vnd.vegalite.v5+json',
      { mark: 'bar' },
      { kind: 'vega', value: { mark: 'bar' }, isLite: true },
    ],
    ['application/vnd.vega.v6+json', { marks: [] }, { kind: 'vega', value: { marks: [] }, isLite: false }],
    ['text/html', ['<b>', 'x</b>'], { kind: 'html', text: '<b>x</b>' }],
    ['image/svg+xml', '<svg/>', { kind: 'svg', text: '<svg/>' }],
    ['text/latex', '$x$', { kind: 'latex', text: '$x$' }],
    ['text/markdown', '# x', { kind: 'markdown', text: '# x' }],
    ['application/json', null, { kind: 'json', value: null }],
  ])('is %s before text', (type, value, shown) => {
    expect(shownOf({ 'text/plain': 'text', [type]: value })).toEqual(shown);
  });

  it('is the stored image before text, and a chart before its image', () => {
    expect(shownOf({ 'text/plain': '<Figure>' }, 'f-1')).toEqual({ kind: 'image', fileId: 'f-1' });
    expect(shownOf({ 'application/vnd.vegalite.v5+json': {} }, 'f-1')).toMatchObject({ kind: 'vega' });
  });

  it('is the text of widgets and of what nobody knows', () => {
    const widget = { 'application/vnd.jupyter.widget-view+json': { model_id: 'a' } };
    expect(shownOf({ ...widget, 'text/plain': 'IntSlider(value=1)' })).toEqual({
      kind: 'text',
      text: 'IntSlider(value=1)',
    });
    expect(shownOf({ 'application/x-unknown': { a: 1 } })).toEqual({ kind: 'text', text: '{"a":1}' });
    expect(shownOf({})).toEqual({ kind: 'text', text: '' });
  });
});
