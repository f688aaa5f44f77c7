import type { Display, LeftOutput, PythonError } from './kernel.js';

/** What a kernel message means to us; `parent` is the id of the request it belongs to. */
export type KernelEvent = { readonly parent: string } & (
  | { readonly kind: 'status'; readonly state: string }
  | { readonly kind: 'stream'; readonly name: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'display'; readonly display: Display }
  | { readonly kind: 'result'; readonly display: Display }
  | { readonly kind: 'error'; readonly error: PythonError }
  | { readonly kind: 'clear'; readonly wait: boolean }
  | { readonly kind: 'left out'; readonly flood: LeftOutput }
  | { readonly kind: 'reply'; readonly reply: ShellReply }
  | { readonly kind: 'input'; readonly parentHeader: Readonly<Record<string, unknown>> }
  | { readonly kind: 'shutdown' }
  /** The kernel took up code of this client. */
  | { readonly kind: 'taken up'; readonly session: string }
);

/** An answer on the shell channel to one of our requests. */
export interface ShellReply {
  /** Names this life of the kernel process: a restarted kernel has another. */
  readonly session: string;
  readonly status: 'ok' | 'error' | 'aborted';
  readonly executionCount: number | null;
  readonly error: PythonError | null;
}

/** A message of the kernel; `event` is null where it is malformed or means nothing to us. */
export interface ReceivedMessage {
  readonly id: string;
  readonly event: KernelEvent | null;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a deserialised message of the Jupyter protocol; null when it is malformed or means nothing to us. The
 * code in a kernel can forge any message of its own kernel, so nothing about its shape is taken for granted.
 *
 * @see https://jupyter-client.readthedocs.io/en/stable/messaging.html
 */
export function readKernelMessage(message: unknown): KernelEvent | null {
  if (!isFields(message)) return null;
  const { channel, header, content } = message;
  if (!isFields(header) || !isFields(content)) return null;
  const parentHeader = isFields(message.parent_header) ? message.parent_header : {};
  const parent = text(parentHeader.msg_id);
  if (channel === 'iopub' && header.msg_type === 'execute_input')
    return { kind: 'taken up', parent, session: text(parentHeader.session) };
  if (channel === 'iopub') return readPublished(text(header.msg_type), parent, content);
  if (channel === 'stdin' && header.msg_type === 'input_request')
    return { kind: 'input', parent, parentHeader };
  if (channel === 'shell') return { kind: 'reply', parent, reply: readReply(text(header.session), content) };
  return null;
}

/** Empty where there is none. */
export function readMessageId(message: unknown): string {
  return isFields(message) && isFields(message.header) ? text(message.header.msg_id) : '';
}

function readPublished(type: string, parent: string, content: Fields): KernelEvent | null {
  switch (type) {
    case 'status':
      return { kind: 'status', parent, state: text(content.execution_state) };
    case 'stream':
      if (typeof content.text !== 'string') return null;
      return {
        kind: 'stream',
        parent,
        name: content.name === 'stderr' ? 'stderr' : 'stdout',
        text: content.text,
      };
    case 'display_data':
      return { kind: 'display', parent, display: readDisplay(content, false) };
    case 'update_display_data':
      return { kind: 'display', parent, display: readDisplay(content, true) };
    case 'execute_result':
      return { kind: 'result', parent, display: readDisplay(content, false) };
    case 'error':
      return { kind: 'error', parent, error: readError(content) };
    case 'clear_output':
      return { kind: 'clear', parent, wait: content.wait === true };
    case 'mntdata_output_lost':
      return { kind: 'left out', parent, flood: readLeftOutput(content) };
    case 'shutdown_reply':
      return { kind: 'shutdown', parent };
    default:
      return null;
  }
}

function readDisplay(content: Fields, update: boolean): Display {
  const transient = isFields(content.transient) ? content.transient : {};
  return {
    data: isFields(content.data) ? content.data : {},
    metadata: isFields(content.metadata) ? content.metadata : {},
    displayId: typeof transient.display_id === 'string' ? transient.display_id : null,
    update,
  };
}

function readLeftOutput({ stdout, stderr, displays }: Fields): LeftOutput {
  return { stdout: count(stdout), stderr: count(stderr), displays: count(displays) };
}

function readReply(session: string, content: Fields): ShellReply {
  // Kernels leave the status of a kernel_info_reply out, and older ones say "abort".
  const status =
    content.status === 'error' ? 'error' : text(content.status).startsWith('abort') ? 'aborted' : 'ok';
  const executionCount = content.execution_count;
  return {
    session,
    status,
    executionCount: typeof executionCount === 'number' ? executionCount : null,
    error: status === 'error' ? readError(content) : null,
  };
}

function readError(content: Fields): PythonError {
  const lines: unknown[] = Array.isArray(content.traceback) ? content.traceback : [];
  return {
    name: text(content.ename),
    value: text(content.evalue),
    traceback: lines.filter((line) => typeof line === 'string'),
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number {
  return Number.isSafeInteger(value) ? Math.max(0, value as number) : 0;
}
