import type { Api } from '../api/api.ts';
import { messageOf } from '../api/problem.ts';
import type { StoredFile } from '../api/types.ts';

export type Scope = { message_id: string } | { chat_id: string };

/** A path with its contents over time. */
export interface FileVersions {
  latest: StoredFile;
  /** Newest first. */
  older: StoredFile[];
}

/** The files of a message or of a chat, as last asked for. */
export class FileList {
  /** Null before the first answer. Newest first. */
  files = $state.raw<StoredFile[] | null>(null);
  problem = $state.raw<string | null>(null);
  #underWay: Promise<void> | null = null;
  #again = false;

  constructor(
    private readonly api: Api,
    private readonly scope: Scope,
  ) {}

  /** Asks again. Calls during a request make one more, so that a run that writes many files makes few. */
  async refresh(): Promise<void> {
    this.#again = true;
    this.#underWay ??= this.#askUntilSettled();
    await this.#underWay;
  }

  async #askUntilSettled(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        this.files = await this.api.files(this.scope);
        this.problem = null;
      } catch (error) {
        this.problem = messageOf(error);
      }
    }
    this.#underWay = null;
  }
}

/** All lists that elements of the page show. */
export class FileLists {
  /** Another map when all lists were forgotten: who shows one asks for it anew. */
  #lists = $state.raw(new Map<string, FileList>());

  constructor(private readonly api: Api) {}

  /** The list of a scope; the first caller makes it load. */
  of(scope: Scope): FileList {
    const key = JSON.stringify(scope);
    const known = this.#lists.get(key);
    if (known) return known;
    const list = new FileList(this.api, scope);
    this.#lists.set(key, list);
    queueMicrotask(() => void list.refresh());
    return list;
  }

  /** Files of this message or chat changed. */
  refresh(messageId: string | null, chatId: string | null): void {
    for (const scope of [{ message_id: messageId }, { chat_id: chatId }])
      void this.#lists.get(JSON.stringify(scope))?.refresh();
  }

  clear(): void {
    this.#lists = new Map();
  }
}

/** Groups versions by path, in the order of their latest. */
export function versionsOf(files: readonly StoredFile[]): FileVersions[] {
  const groups = new Map<string, StoredFile[]>();
  for (const file of files) {
    const key = `${file.message_id ?? ''}\0${file.path ?? file.id}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].flatMap((group) => {
    const [latest, ...older] = group.toSorted((a, b) => b.version - a.version);
    return latest ? [{ latest, older }] : [];
  });
}
