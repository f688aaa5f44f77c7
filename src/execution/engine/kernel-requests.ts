import { KernelMessage } from '@jupyterlab/services';

/**
 * Input is refused up front. `stop_on_error` is off because a kernel that aborts its queue after an error goes
 * on doing so for a moment after it reported idle, and would skip the next execution.
 */
export function executeRequest(session: string, code: string, silent: boolean): KernelMessage.IMessage {
  const content = {
    code,
    silent,
    store_history: !silent,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: false,
  };
  return KernelMessage.createMessage<KernelMessage.IExecuteRequestMsg>({
    channel: 'shell',
    msgType: 'execute_request',
    session,
    content,
  });
}

/** Asks nothing we need: its answer proves that everything the kernel got before is done. */
export function kernelInfoRequest(session: string): KernelMessage.IMessage {
  return KernelMessage.createMessage<KernelMessage.IInfoRequestMsg>({
    channel: 'shell',
    msgType: 'kernel_info_request',
    session,
    content: {},
  });
}

/**
 * Answers a kernel that asks for input although it was told not to. The protocol lets an error stand here;
 * ipykernel reads only `value`, and takes an end-of-transmission character for the end of the input.
 */
export function inputRefusal(
  session: string,
  parentHeader: Readonly<Record<string, unknown>>,
): KernelMessage.IMessage {
  const content = { status: 'error', ename: 'EOFError', evalue: 'there is no input', traceback: [] };
  return KernelMessage.createMessage<KernelMessage.IInputReplyMsg>({
    channel: 'stdin',
    msgType: 'input_reply',
    session,
    content: { ...content, value: '\u0004' } as KernelMessage.IInputReplyMsg['content'],
    parentHeader: parentHeader as unknown as KernelMessage.IInputReplyMsg['parent_header'],
  });
}
