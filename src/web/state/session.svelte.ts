import { Api } from '../api/api.ts';
import { Http } from '../api/http.ts';
import { FileLists } from './file-lists.svelte.ts';
import { Runs } from './runs.svelte.ts';
import { Tokens } from './tokens.svelte.ts';

/** Fired on an element when a token is needed: for the first time, and again when the last one was rejected. */
export const tokenEvent = 'mnt-token';

/** Detail of {@link tokenEvent}: answer now or later. */
export interface TokenEventDetail {
  /** Of the service that wants the token. */
  api: string;
  respond(token: string | Promise<string>): void;
}

/** What all elements of a page that talk to the same service share: token, runs, lists of files. */
export class Session {
  readonly tokens: Tokens;
  readonly api: Api;
  readonly runs: Runs;
  readonly files: FileLists;
  readonly #elements = new Set<EventTarget>();

  constructor(base: URL) {
    this.tokens = new Tokens(() => this.#requestToken());
    this.api = new Api(new Http(base, this.tokens));
    this.files = new FileLists(this.api);
    this.runs = new Runs(this.api, ({ message_id, chat_id }) => this.files.refresh(message_id, chat_id));
  }

  /** From now until the returned function is called, the element may be asked for a token. */
  join(element: EventTarget): () => void {
    this.#elements.add(element);
    return () => this.#elements.delete(element);
  }

  /** Forgets the user and all that was shown to them. */
  end(): void {
    this.tokens.end();
    this.runs.clear();
    this.files.clear();
  }

  #requestToken(): void {
    const [element] = this.#elements;
    const respond = (token: string | Promise<string>): void => {
      // A host that fails to get a token tells so in its own console; the elements keep waiting.
      void Promise.resolve(token).then((text) => this.tokens.set(text));
    };
    const detail: TokenEventDetail = { api: this.api.http.base.href, respond };
    element?.dispatchEvent(new CustomEvent(tokenEvent, { detail, bubbles: true, composed: true }));
  }
}

const sessions = new Map<string, Session>();

/** Where `mnt-panel.js` came from: the service itself. */
const ownService = import.meta.url.replace(/panel\/[^?#]*$/, '');

/** The session with the service at `base`, the same for every caller. */
export function sessionFor(base: string | null): Session {
  const url = new URL(base ?? ownService, document.baseURI);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  const known = sessions.get(url.href);
  if (known) return known;
  const session = new Session(url);
  sessions.set(url.href, session);
  return session;
}
