import { mount, unmount, type Component } from 'svelte';
import { sessionFor, type Session } from '../state/session.svelte.ts';
import { sheets } from '../styles/sheets.ts';

/** What components of elements know of their host. */
export interface Host {
  readonly session: Session;
  /** Fires an event that host pages may listen to. */
  fire(name: string, detail?: unknown): void;
}

type Values<Names extends string> = Record<Names, string | null>;

/**
 * A custom element around a Svelte component. Its attributes are the component's `values`, by name; the component
 * follows their changes. Styles are adopted style sheets, so that a page with a strict CSP may hold it.
 */
export abstract class PanelElement<Names extends string> extends HTMLElement {
  readonly #values: Values<Names>;
  #component: Record<string, unknown> | null = null;
  #leave: (() => void) | null = null;

  protected constructor(
    private readonly component: Component<{ host: Host; values: Values<Names> }>,
    names: readonly Names[],
  ) {
    super();
    const values = $state(Object.fromEntries(names.map((name) => [name, null])) as Values<Names>);
    this.#values = values;
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [...sheets()];
  }

  protected get values(): Values<Names> {
    return this.#values;
  }

  /** The session with the service of the attribute `api`; without it, the service that the script came from. */
  get session(): Session {
    return sessionFor(this.getAttribute('api'));
  }

  /** The bearer token of this page's user. Shared by all elements of the page that talk to the same service. */
  set token(token: string | null) {
    this.session.tokens.set(token);
  }

  connectedCallback(): void {
    this.#takeEarlierProperties();
    this.#settleSoon();
  }

  disconnectedCallback(): void {
    this.#settleSoon();
  }

  attributeChangedCallback(name: string, _before: string | null, value: string | null): void {
    if (name in this.#values) this.#values[name as Names] = value;
  }

  /**
   * Later, so that an element that is only moved keeps what it shows, and so that the component does not become part
   * of an effect of a Svelte host page that happens to be running.
   */
  #settleSoon(): void {
    queueMicrotask(() => {
      if (this.isConnected) this.#mount();
      else this.#unmount();
    });
  }

  #mount(): void {
    if (this.#component !== null || this.shadowRoot === null) return;
    const { session } = this;
    this.#leave = session.join(this);
    const host: Host = {
      session,
      fire: (name, detail) =>
        this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true })),
    };
    this.#component = mount(this.component, {
      target: this.shadowRoot,
      props: { host, values: this.#values },
    });
  }

  #unmount(): void {
    if (this.#component === null) return;
    this.#leave?.();
    this.#leave = null;
    void unmount(this.#component);
    this.#component = null;
  }

  /** Frameworks may set properties before this class is known: those hide the accessors. */
  #takeEarlierProperties(): void {
    for (const name of ['token', 'code']) {
      if (!Object.hasOwn(this, name)) continue;
      const value: unknown = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }
}
