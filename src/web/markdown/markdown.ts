import { messageOf } from '../api/problem.ts';
import { save } from '../files/save.ts';
import { previewKindOf } from '../files/file-kind.ts';
import { sessionFor, type Session } from '../state/session.svelte.ts';

export interface LinkOptions {
  /** Whose files the links mean. */
  messageId: string;
  /** Address of the service; without it, the one that the script came from. */
  api?: string;
}

const fileAddress = /^(?:sandbox:)?\/mnt\/data\//;

/** Markdown of a model as safe elements, whose `sandbox:/mnt/data/…` links and images work. */
export async function renderMarkdown(markdown: string, options: LinkOptions): Promise<DocumentFragment> {
  const { sanitisedMarkdown } = await import('./sanitised-markdown.ts');
  const fragment = sanitisedMarkdown(markdown);
  linkFiles(fragment, options);
  return fragment;
}

/** Makes links and images of the workspace work in elements that a page rendered itself. */
export function linkFiles(root: ParentNode, { messageId, api }: LinkOptions): void {
  const session = sessionFor(api ?? null);
  for (const anchor of root.querySelectorAll<HTMLAnchorElement>('a[href]')) {
    const address = anchor.getAttribute('href') ?? '';
    if (fileAddress.test(address)) makeDownload(anchor, address, session, messageId);
  }
  for (const image of root.querySelectorAll<HTMLImageElement>('img[src]')) {
    const address = image.getAttribute('src') ?? '';
    if (fileAddress.test(address)) void showImage(image, address, session, messageId);
  }
}

function makeDownload(anchor: HTMLAnchorElement, address: string, session: Session, messageId: string): void {
  anchor.removeAttribute('target');
  anchor.href = '#';
  anchor.title = address;
  anchor.addEventListener('click', (event) => {
    event.preventDefault();
    void download();
  });
  const download = async (): Promise<void> => {
    try {
      const file = await session.api.resolve(messageId, address);
      save(await session.api.content(file.id), file.name);
    } catch (error) {
      anchor.title = messageOf(error);
      anchor.setAttribute('aria-invalid', 'true');
    }
  };
}

/** Images of kinds that cannot run anything; the others stay their alternative text. */
async function showImage(
  image: HTMLImageElement,
  address: string,
  session: Session,
  messageId: string,
): Promise<void> {
  image.removeAttribute('src');
  try {
    const file = await session.api.resolve(messageId, address);
    if (previewKindOf(file) !== 'image') return;
    image.src = URL.createObjectURL(await session.api.content(file.id));
    image.addEventListener('load', () => URL.revokeObjectURL(image.src), { once: true });
  } catch (error) {
    image.title = messageOf(error);
  }
}
