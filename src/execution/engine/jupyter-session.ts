import { EngineUnavailableError } from './engine.errors.js';
import { jupyterFetch } from './jupyter-fetch.js';

type Headers = Readonly<Record<string, string>>;

const XSRF = '_xsrf';

/**
 * A login with a password, as a browser does it: the form's page sets the `_xsrf` cookie, which the form and later
 * every request repeat; a good password sets the cookie of the session. One login serves all requests, and another
 * one follows when the server does not know the session any more.
 *
 * @see https://jupyter-server.readthedocs.io/en/latest/operators/security.html
 */
export class JupyterSession {
  #headers: Promise<Headers> | null = null;

  /** @param url the server's, with a trailing slash */
  constructor(
    private readonly url: string,
    private readonly password: string,
    private readonly deadlineMs: number,
  ) {}

  /** What lets a request in. @throws EngineUnavailableError when the password is refused, or as `fetch` does. */
  async headers(): Promise<Headers> {
    const login = (this.#headers ??= this.#logIn());
    try {
      return await login;
    } catch (error) {
      if (this.#headers === login) this.#headers = null;
      throw error;
    }
  }

  /** The server refused these headers; a newer session stays. */
  async forget(headers: Headers): Promise<void> {
    const current = this.#headers;
    if (current && (await current.catch(() => null)) === headers && this.#headers === current)
      this.#headers = null;
  }

  async #logIn(): Promise<Headers> {
    const cookies = new Map<string, string>();
    await this.#visit(cookies);
    const form = { [XSRF]: cookies.get(XSRF) ?? '', password: this.password };
    const status = await this.#visit(cookies, new URLSearchParams(form));
    const isLetIn = status === 302 && [...cookies.keys()].some((name) => name !== XSRF);
    if (!isLetIn) throw new EngineUnavailableError('The engine refuses the password of JUPYTER_PASSWORD.');
    return { Cookie: written(cookies), 'X-XSRFToken': cookies.get(XSRF) ?? '' };
  }

  /** Reads the login page or, with a form, sends it; keeps the cookies and returns the status. */
  async #visit(cookies: Map<string, string>, body?: URLSearchParams): Promise<number> {
    const answer = await jupyterFetch(new URL('login', this.url), {
      method: body ? 'POST' : 'GET',
      redirect: 'manual',
      signal: AbortSignal.timeout(this.deadlineMs),
      headers: { Cookie: written(cookies) },
      ...(body && { body }),
    });
    await answer.arrayBuffer();
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    return answer.status;
  }
}

function written(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}
