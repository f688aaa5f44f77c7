import DOMPurify from 'dompurify';
import { marked } from 'marked';

/** Links may lead to pages, to people, and to files of the workspace; nothing else. */
const allowedAddress = /^(?:https?:|mailto:|sandbox:|\/mnt\/data\/|#)/i;

const purifier = DOMPurify();

purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    node.setAttribute('rel', 'noopener noreferrer nofollow');
    node.setAttribute('target', '_blank');
  }
  // A picture from elsewhere tells its server who reads.
  const source = node.getAttribute('src');
  if (node.tagName === 'IMG' && source !== null && !/^(?:sandbox:|\/mnt\/data\/)/.test(source))
    node.removeAttribute('src');
});

/** Markdown as elements that run nothing and load nothing. */
export function sanitisedMarkdown(markdown: string): DocumentFragment {
  const html = marked.parse(markdown, { async: false, gfm: true });
  return purifier.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true },
    ALLOWED_URI_REGEXP: allowedAddress,
    FORBID_TAGS: [
      'style',
      'form',
      'input',
      'button',
      'textarea',
      'select',
      'video',
      'audio',
      'source',
      'picture',
    ],
    FORBID_ATTR: ['style', 'class', 'id', 'srcset'],
  });
}
