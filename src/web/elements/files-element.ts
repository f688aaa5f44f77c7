import Files from '../files/Files.svelte';
import { PanelElement } from './panel-element.svelte.ts';

const names = ['message-id', 'chat-id', 'attach-to', 'readonly'] as const;

/** `<mnt-files message-id>` or `<mnt-files chat-id>`: the files of a message, or of a chat by message. */
export class FilesElement extends PanelElement<(typeof names)[number]> {
  static readonly observedAttributes = names;

  constructor() {
    super(Files, names);
  }

  /** Asks for the list again: for pages whose backend ran code or attached files. */
  refresh(): void {
    this.session.files.refresh(this.values['message-id'], this.values['chat-id']);
  }
}
