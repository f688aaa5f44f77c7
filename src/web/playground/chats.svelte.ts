import { randomId, type Api } from '../api/api.ts';
import type { Chat } from '../api/types.ts';
import { texts } from '../texts.ts';

/** A message of the page. The service keeps what its code did; the code itself is kept by this tab. */
export interface Message {
  readonly id: string;
  code: string;
  /** It was run, or has files. */
  used: boolean;
}

type Stored = Record<string, Message[]>;

/** The chats of the signed-in user, one of them open. Its last message is always a new one. */
export class Chats {
  list = $state.raw<Chat[]>([]);
  chatId = $state('');
  messages = $state<Message[]>([]);
  readonly #storageKey: string;

  constructor(
    private readonly api: Api,
    userId: string,
  ) {
    this.#storageKey = `mntdata.chats.${userId}`;
    this.startNew();
  }

  /** The message that is not used yet: files of others can be attached to it. */
  get next(): Message | null {
    const last = this.messages.at(-1);
    return last && !last.used ? last : null;
  }

  startNew(): void {
    this.chatId = `chat-${randomId().slice(0, 12)}`;
    this.messages = [newMessage()];
  }

  async refresh(): Promise<void> {
    this.list = await this.api.chats();
  }

  async open(chatId: string): Promise<void> {
    const known = this.#stored()[chatId] ?? [];
    const ids = await this.#messageIds(chatId);
    const unknown = ids.filter((id) => !known.some((message) => message.id === id));
    this.chatId = chatId;
    this.messages = [...unknown.map((id) => ({ id, code: texts.page.codeUnknown, used: true })), ...known];
    this.#keepOneNew();
  }

  async remove(chatId: string): Promise<void> {
    await this.api.removeChat(chatId);
    const stored = new Map(Object.entries(this.#stored()));
    stored.delete(chatId);
    sessionStorage.setItem(this.#storageKey, JSON.stringify(Object.fromEntries(stored)));
    if (chatId === this.chatId) this.startNew();
    await this.refresh();
  }

  /** Code of a message was run. */
  use(message: Message, code: string): void {
    Object.assign(message, { code, used: true });
    this.#keepOneNew();
    this.save();
  }

  /** Keeps the code for a reload of this tab. */
  save(): void {
    sessionStorage.setItem(
      this.#storageKey,
      JSON.stringify({ ...this.#stored(), [this.chatId]: $state.snapshot(this.messages) }),
    );
  }

  #keepOneNew(): void {
    if (this.next === null) this.messages.push(newMessage());
  }

  /** Oldest first. */
  async #messageIds(chatId: string): Promise<string[]> {
    const scope = { chat_id: chatId };
    const [executions, files] = await Promise.all([this.api.executions(scope, 100), this.api.files(scope)]);
    const all = [...executions, ...files].toSorted((a, b) => a.created_at.localeCompare(b.created_at));
    return [...new Set(all.flatMap(({ message_id: id }) => (id === null ? [] : [id])))];
  }

  #stored(): Stored {
    return JSON.parse(sessionStorage.getItem(this.#storageKey) ?? '{}') as Stored;
  }
}

function newMessage(): Message {
  return { id: `msg-${randomId().slice(0, 12)}`, code: '', used: false };
}
