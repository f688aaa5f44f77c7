import type { Http } from './http.ts';
import type {
  Account,
  AdminExecution,
  AdminWorkspace,
  Chat,
  Cleanup,
  ExecuteBody,
  Execution,
  KernelView,
  Page,
  SharedLink,
  Stats,
  StoredFile,
} from './types.ts';

const root = 'api/v1';
const pageSize = 200;
const mostPages = 5;

/** The operations of the service that the panel uses. All throw `ApiProblem`. */
export class Api {
  constructor(readonly http: Http) {}

  me(): Promise<Account> {
    return this.http.json('GET', `${root}/me`);
  }

  /** Takes the code and answers at once. The key makes a repeated request join the same execution. */
  run(body: ExecuteBody): Promise<Execution> {
    return this.http.json('POST', `${root}/executions`, {
      body,
      headers: { Prefer: 'respond-async', 'Idempotency-Key': randomId() },
    });
  }

  execution(id: string, signal?: AbortSignal): Promise<Execution> {
    return this.http.json('GET', `${root}/executions/${id}`, signal ? { signal } : {});
  }

  /** Newest first. */
  async executions(scope: { message_id?: string; chat_id?: string }, limit: number): Promise<Execution[]> {
    const page = await this.http.json<Page<Execution>>(
      'GET',
      `${root}/executions?${query({ ...scope, limit })}`,
    );
    return page.items;
  }

  async stop(executionId: string): Promise<void> {
    await this.http.request('DELETE', `${root}/executions/${executionId}`);
  }

  /** All versions, newest first; at most 1,000. */
  async files(scope: { message_id?: string; chat_id?: string }): Promise<StoredFile[]> {
    const files: StoredFile[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < mostPages; page += 1) {
      const fields = { ...scope, versions: 'all', limit: pageSize, ...(cursor !== null && { cursor }) };
      const answer: Page<StoredFile> = await this.http.json('GET', `${root}/files?${query(fields)}`);
      files.push(...answer.items);
      cursor = answer.next_cursor;
      if (cursor === null) break;
    }
    return files;
  }

  async upload(
    target: { messageId: string; chatId: string | null },
    file: File,
    onProgress: (part: number) => void,
  ): Promise<StoredFile[]> {
    const form = new FormData();
    form.set('message_id', target.messageId);
    if (target.chatId !== null) form.set('chat_id', target.chatId);
    form.append('file', file, file.name);
    return (await this.http.upload<{ files: StoredFile[] }>(`${root}/files`, form, onProgress)).files;
  }

  async attach(
    target: { messageId: string; chatId: string | null },
    fileIds: string[],
  ): Promise<StoredFile[]> {
    const body = { file_ids: fileIds, ...(target.chatId !== null && { chat_id: target.chatId }) };
    const path = `${root}/messages/${encodeURIComponent(target.messageId)}/attachments`;
    return (await this.http.json<{ files: StoredFile[] }>('PUT', path, { body })).files;
  }

  async removeFile(id: string): Promise<void> {
    await this.http.request('DELETE', `${root}/files/${id}`);
  }

  /** The bytes of a file; with `firstBytes` at most so many from its start. */
  async content(id: string, firstBytes?: number): Promise<Blob> {
    const headers = firstBytes === undefined ? {} : { Range: `bytes=0-${firstBytes - 1}` };
    return await (await this.http.request('GET', `${root}/files/${id}/content`, { headers })).blob();
  }

  async archive(messageId: string): Promise<Blob> {
    const path = `${root}/downloads/code-execution/${encodeURIComponent(messageId)}/archive`;
    return await (await this.http.request('GET', path)).blob();
  }

  /** What a model's link such as `sandbox:/mnt/data/report.xlsx` means in a message. */
  resolve(messageId: string, link: string): Promise<StoredFile> {
    const path = `${root}/downloads/code-execution/${encodeURIComponent(messageId)}/resolve`;
    return this.http.json('GET', `${path}?${query({ path: link })}`);
  }

  link(fileId: string): Promise<SharedLink> {
    return this.http.json('POST', `${root}/downloads/code-execution/file/${fileId}/links`, { body: {} });
  }

  async chats(): Promise<Chat[]> {
    return (await this.http.json<Page<Chat>>('GET', `${root}/chats?limit=100`)).items;
  }

  async removeChat(chatId: string): Promise<void> {
    await this.http.request('DELETE', `${root}/chats/${encodeURIComponent(chatId)}`);
  }

  stats(): Promise<Stats> {
    return this.http.json('GET', `${root}/admin/stats`);
  }

  async kernels(): Promise<KernelView[]> {
    return (await this.http.json<{ items: KernelView[] }>('GET', `${root}/admin/kernels`)).items;
  }

  async allWorkspaces(): Promise<AdminWorkspace[]> {
    return (await this.http.json<Page<AdminWorkspace>>('GET', `${root}/admin/workspaces?limit=50`)).items;
  }

  async allExecutions(): Promise<AdminExecution[]> {
    return (await this.http.json<Page<AdminExecution>>('GET', `${root}/admin/executions?limit=50`)).items;
  }

  cleanUp(dryRun: boolean): Promise<Cleanup> {
    return this.http.json('POST', `${root}/admin/cleanup`, { body: { dry_run: dryRun } });
  }
}

function query(fields: Readonly<Record<string, string | number>>): string {
  return new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)])).toString();
}

/** Not `randomUUID`, which pages without TLS lack. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
