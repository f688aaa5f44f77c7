import { ApiProblem } from './problem.ts';

/** Where bearer tokens come from; `rejected` is one that the service did not take. */
export interface TokenSource {
  get(): Promise<string>;
  reject(token: string): void;
}

export interface RequestOptions {
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** Requests with a bearer token to one service. The token travels in the header only, never in an address. */
export class Http {
  constructor(
    /** Of the service, with a slash at its end. */
    readonly base: URL,
    private readonly tokens: TokenSource,
  ) {}

  /** @throws {ApiProblem} unless the answer is 2xx. A rejected token is replaced once. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const token = await this.tokens.get();
    const response = await this.#send(method, path, options, token);
    if (response.status !== 401) return await okOrProblem(response);
    this.tokens.reject(token);
    return await okOrProblem(await this.#send(method, path, options, await this.tokens.get()));
  }

  async json<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
    return (await (await this.request(method, path, options)).json()) as T;
  }

  /**
   * Uploads a form; `onProgress` gets the part that was sent, 0 to 1, which `fetch` does not tell.
   * @throws {ApiProblem} unless the answer is 2xx. A rejected token is replaced once.
   */
  async upload<T>(path: string, form: FormData, onProgress: (part: number) => void): Promise<T> {
    const token = await this.tokens.get();
    let answer = await this.#sendForm(path, form, onProgress, token);
    if (answer.status === 401) {
      this.tokens.reject(token);
      answer = await this.#sendForm(path, form, onProgress, await this.tokens.get());
    }
    if (answer.status >= 300) throw ApiProblem.parse(answer.status, answer.text);
    return JSON.parse(answer.text) as T;
  }

  async #sendForm(
    path: string,
    form: FormData,
    onProgress: (part: number) => void,
    token: string,
  ): Promise<{ status: number; text: string }> {
    return await new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', this.#url(path));
      request.setRequestHeader('Authorization', `Bearer ${token}`);
      request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
      request.onerror = () => reject(ApiProblem.unreachable());
      request.onload = () => resolve({ status: request.status, text: request.responseText });
      request.send(form);
    });
  }

  async #send(
    method: string,
    path: string,
    { body, headers, signal }: RequestOptions,
    token: string,
  ): Promise<Response> {
    try {
      return await fetch(this.#url(path), {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (error) {
      throw signal?.aborted === true ? error : ApiProblem.unreachable();
    }
  }

  #url(path: string): string {
    return new URL(path.replace(/^\//, ''), this.base).href;
  }
}

async function okOrProblem(response: Response): Promise<Response> {
  if (!response.ok) throw await ApiProblem.of(response);
  return response;
}
