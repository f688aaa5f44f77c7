import CodeBlock from '../code/CodeBlock.svelte';
import { PanelElement } from './panel-element.svelte.ts';

const names = ['message-id', 'chat-id', 'code', 'block', 'execution-id', 'timeout'] as const;

/** `<mnt-code-block message-id chat-id code>`: code that runs in the workspace of a message. */
export class CodeBlockElement extends PanelElement<(typeof names)[number]> {
  static readonly observedAttributes = names;

  constructor() {
    super(CodeBlock, names);
  }

  /** The code as the user last saw it. Setting it replaces what they wrote. */
  get code(): string {
    return this.values.code ?? '';
  }

  set code(code: string) {
    this.values.code = code;
  }
}
