import DOMPurify from 'dompurify';
import type { FrameMessage, ShowMessage } from './message.ts';
import styles from './frame.css?inline';

/**
 * The page that shows what code made: in a sandbox without an origin, under a policy that runs this script only and
 * loads nothing. Content is sanitised on top of that, mostly because a frame could otherwise be navigated away.
 */
const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);
document.adoptedStyleSheets = [sheet];

const root = document.createElement('main');
document.body.append(root);

window.addEventListener('message', ({ source, data }: MessageEvent<ShowMessage | { type: unknown }>) => {
  if (source !== window.parent || !isShow(data)) return;
  document.documentElement.style.colorScheme = data.scheme;
  show(data).catch((error: unknown) => {
    root.replaceChildren(`This cannot be shown. ${error instanceof Error ? error.message : String(error)}`);
  });
});

new ResizeObserver(() => {
  tell({ type: 'mnt-height', height: root.getBoundingClientRect().height });
}).observe(root);
tell({ type: 'mnt-ready' });

function isShow(data: ShowMessage | { type: unknown }): data is ShowMessage {
  return data.type === 'mnt-show';
}

async function show({ content, scheme }: ShowMessage): Promise<void> {
  if (content.kind === 'html') {
    const fragment = DOMPurify.sanitize(content.html, {
      RETURN_DOM_FRAGMENT: true,
      USE_PROFILES: { html: true, svg: true, svgFilters: true, mathMl: true },
      ADD_TAGS: ['style'],
      FORBID_TAGS: ['form', 'base', 'meta', 'link'],
      FORCE_BODY: true,
    });
    // Followed links would navigate the frame.
    for (const anchor of fragment.querySelectorAll('a')) anchor.removeAttribute('href');
    root.replaceChildren(fragment);
    return;
  }
  root.replaceChildren();
  if (content.kind === 'vega') {
    const { drawChart } = await import('./vega.ts');
    await drawChart(root, content.spec, content.isLite, scheme);
    return;
  }
  const { drawFigure } = await import('./plotly.ts');
  await drawFigure(root, content.figure, scheme);
}

function tell(message: FrameMessage): void {
  window.parent.postMessage(message, '*');
}
