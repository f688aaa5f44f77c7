import { CodeBlockElement } from './elements/code-block-element.ts';
import { FilesElement } from './elements/files-element.ts';

/**
 * The panel for any page: `<script type="module" src="https://…/panel/mnt-panel.js">` defines the elements. See
 * docs/panel.md.
 */
export { linkFiles, renderMarkdown } from './markdown/markdown.ts';
export { sessionFor, tokenEvent, type Session, type TokenEventDetail } from './state/session.svelte.ts';
export { ApiProblem } from './api/problem.ts';

// The script may be on a page twice.
if (!customElements.get('mnt-code-block')) {
  customElements.define('mnt-code-block', CodeBlockElement);
  customElements.define('mnt-files', FilesElement);
}
