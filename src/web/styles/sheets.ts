import base from './base.css?inline';
import code from './code.css?inline';
import files from './files.css?inline';
import preview from './preview.css?inline';

let parsed: readonly CSSStyleSheet[] | null = null;

/** The styles of all elements, parsed once for all shadow roots of the page. */
export function sheets(): readonly CSSStyleSheet[] {
  parsed ??= [base, code, files, preview].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  return parsed;
}
