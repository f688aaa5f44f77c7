import type { ExecutionDto } from '../../src/execution/index.js';
import type { FileDto } from '../../src/files/index.js';

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** What the client of a test says to the service, as one user. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly authorization: string,
  ) {}

  async request<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const json = body !== undefined && !(body instanceof FormData);
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: this.authorization,
        ...(json && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? (JSON.parse(text) as unknown) : text) as T,
    };
  }

  get<T = Record<string, unknown>>(path: string): Promise<Answer<T>> {
    return this.request<T>('GET', path);
  }

  /** Runs code and expects a result, whatever its status. */
  async run(code: string, fields: Record<string, unknown> = {}): Promise<ExecutionDto> {
    const { status, body } = await this.request<ExecutionDto>('POST', '/executions', { code, ...fields });
    if (status !== 200)
      throw new Error(`The run was answered with ${String(status)}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Attaches files to a message: content by name. */
  async attach(
    messageId: string,
    files: Record<string, string | Buffer>,
    chatId?: string,
  ): Promise<FileDto[]> {
    const form = new FormData();
    form.set('message_id', messageId);
    if (chatId !== undefined) form.set('chat_id', chatId);
    for (const [name, content] of Object.entries(files)) form.append('file', new Blob([content]), name);
    const { status, body } = await this.request<{ files: FileDto[] }>('POST', '/files', form);
    if (status !== 201)
      throw new Error(`Attaching was answered with ${String(status)}: ${JSON.stringify(body)}`);
    return body.files;
  }

  async download(path: string): Promise<Buffer> {
    const response = await fetch(path.startsWith('http') ? path : `${this.url}${path}`, {
      headers: { Authorization: this.authorization },
    });
    if (response.status !== 200)
      throw new Error(`The download was answered with ${String(response.status)}.`);
    return Buffer.from(await response.arrayBuffer());
  }

  async files(query: string): Promise<FileDto[]> {
    return (await this.get<{ items: FileDto[] }>(`/files?${query}`)).body.items;
  }
}
