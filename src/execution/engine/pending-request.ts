import type { ExecutionListener, PythonError } from './kernel.js';
import type { KernelEvent, ShellReply } from './kernel-messages.js';
import { MessageNumbers } from './message-numbers.js';

/** Told when the connection broke and came back, and what the kernel answered meanwhile is gone. */
const ANSWER_LOST: PythonError = {
  name: 'OutputLost',
  value:
    'The connection to the kernel broke while the code ran, as it does when more than 32 MiB are shown at once. ' +
    'Whether it succeeded is unknown; the kernel and its variables are kept.',
  traceback: [],
};

/**
 * One request on the shell channel until it is answered, which takes both the reply and the idle status: they
 * come by different channels, in any order, and only the idle status comes after all output.
 */
export class PendingRequest {
  readonly answered: Promise<ShellReply>;
  #resolve: (reply: ShellReply) => void;
  #reject: (error: unknown) => void;
  #settled = false;
  #raised = false;
  #idle = false;
  #doubted = false;
  /** Of all messages since the kernel took the request up. */
  #numbers: MessageNumbers | null = null;
  /** Of the idle status. */
  #lastId = '';
  #reply: ShellReply | null = null;

  constructor(private readonly listener: ExecutionListener | null) {
    this.answered = new Promise<ShellReply>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever waits hears of it; a rejection before anyone does must not end the process.
    this.answered.catch(() => undefined);
  }

  /** The reply is there, and only the idle status is missing. */
  get isReplied(): boolean {
    return this.#reply !== null;
  }

  /** Notes the id of each message of the kernel, whatever it is about. */
  count(id: string): void {
    this.#numbers?.add(id);
  }

  /** Takes the kernel's next message about this request, and its id. */
  take(event: KernelEvent, id: string): void {
    this.#numbers?.meet(id);
    this.#step(() => this.#tell(event, id));
  }

  /** The connection broke and stands again: at the end, output is taken for lost unless all of it is known to be there. */
  doubt(): void {
    this.#doubted = true;
  }

  /** The kernel answered later requests: what is still missing of this one will not come. */
  answerIsLost(): void {
    if (!this.listener) {
      this.fail(new Error('The answer was lost with the connection.'));
      return;
    }
    this.#step(() => {
      this.#idle = true;
      this.#reply ??= { session: '', status: 'error', executionCount: null, error: ANSWER_LOST };
    });
  }

  /** A listener that throws ends the request. */
  #step(change: () => void): void {
    if (this.#settled) return;
    try {
      change();
      this.#settleIfComplete();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.#settled = true;
    this.#reject(error);
  }

  #tell(event: KernelEvent, id: string): void {
    if (event.kind === 'reply') this.#reply = event.reply;
    else if (event.kind === 'status') this.#tellStatus(event.state, id);
    else if (event.kind === 'error') this.#tellError(event.error);
    else if (this.listener) tellOutput(this.listener, event);
  }

  #tellStatus(state: string, id: string): void {
    if (state === 'idle') {
      this.#idle = true;
      this.#lastId = id;
    }
    if (state !== 'busy' || this.#numbers) return;
    this.#numbers = new MessageNumbers(id);
    this.listener?.started();
  }

  #tellError(error: PythonError): void {
    this.#raised = true;
    this.listener?.error(error);
  }

  #settleIfComplete(): void {
    if (!this.#idle || !this.#reply) return;
    // Silent code may raise without publishing it.
    if (this.#reply.error && !this.#raised) this.#tellError(this.#reply.error);
    if (this.#doubted && !this.#numbers?.isCompleteUntil(this.#lastId)) this.listener?.outputLost();
    this.#settled = true;
    this.#resolve(this.#reply);
  }
}

function tellOutput(listener: ExecutionListener, event: KernelEvent): void {
  if (event.kind === 'stream' && event.name === 'stdout') listener.stdout(event.text);
  else if (event.kind === 'stream') listener.stderr(event.text);
  else if (event.kind === 'display') listener.display(event.display);
  else if (event.kind === 'result') listener.result(event.display);
  else if (event.kind === 'clear') listener.clearOutput(event.wait);
  else if (event.kind === 'left out') listener.leftOut?.(event.flood);
}
