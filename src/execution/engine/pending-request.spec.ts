import type { ExecutionListener } from './kernel.js';
import type { KernelEvent, ShellReply } from './kernel-messages.js';
import { PendingRequest } from './pending-request.js';

const OK: ShellReply = { session: 's', status: 'ok', executionCount: 1, error: null };
const FAILED: ShellReply = { ...OK, status: 'error', error: { name: 'E', value: '', traceback: [] } };

const busy: KernelEvent = { kind: 'status', parent: '', state: 'busy' };
const idle: KernelEvent = { kind: 'status', parent: '', state: 'idle' };
const reply = (content = OK): KernelEvent => ({ kind: 'reply', parent: '', reply: content });
const printed = (text: string): KernelEvent => ({ kind: 'stream', parent: '', name: 'stdout', text });

function listening(): { heard: string[]; listener: ExecutionListener } {
  const heard: string[] = [];
  return {
    heard,
    listener: {
      started: () => heard.push('started'),
      stdout: (text) => heard.push(text),
      stderr: (text) => heard.push(text),
      display: () => heard.push('display'),
      result: () => heard.push('result'),
      error: ({ name }) => heard.push(name),
      clearOutput: () => heard.push('clear'),
      outputLost: () => heard.push('lost'),
    },
  };
}

async function isAnswered(request: PendingRequest): Promise<boolean> {
  return await Promise.race([request.answered.then(() => true), Promise.resolve(false)]);
}

describe('PendingRequest', () => {
  it.each([
    ['reply, then idle', [reply(), printed('late'), idle]],
    ['idle, then reply', [printed('late'), idle, reply()]],
  ])('is answered by %s, and not before', async (_, events) => {
    const { heard, listener } = listening();
    const request = new PendingRequest(listener);
    for (const event of [busy, ...events.slice(0, -1)]) request.take(event);
    expect(await isAnswered(request)).toBe(false);
    request.take(events.at(-1) ?? idle);
    expect(await request.answered).toEqual(OK);
    expect(heard).toEqual(['started', 'late']);
  });

  it('tells nothing after its end', async () => {
    const { heard, listener } = listening();
    const request = new PendingRequest(listener);
    for (const event of [busy, reply(), idle, printed('after')]) request.take(event);
    request.outputIsLost();
    await request.answered;
    expect(heard).toEqual(['started']);
  });

  it('tells an error once, also one that only the reply has', () => {
    const published = listening();
    const silent = listening();
    const requests = [new PendingRequest(published.listener), new PendingRequest(silent.listener)] as const;
    requests[0].take({ kind: 'error', parent: '', error: { name: 'E', value: '', traceback: [] } });
    for (const request of requests) {
      request.take(reply(FAILED));
      request.take(idle);
    }
    expect([published.heard, silent.heard]).toEqual([['E'], ['E']]);
  });

  it('whose answer was lost ends as an error, unless only the idle status was', async () => {
    const lost = new PendingRequest(listening().listener);
    lost.answerIsLost();
    expect(await lost.answered).toMatchObject({ status: 'error', error: { name: 'OutputLost' } });

    const nearly = new PendingRequest(listening().listener);
    nearly.take(reply());
    nearly.answerIsLost();
    expect(await nearly.answered).toEqual(OK);
  });

  it('of our own fails when its answer was lost', async () => {
    const request = new PendingRequest(null);
    request.answerIsLost();
    await expect(request.answered).rejects.toThrow('lost');
  });

  it('fails once', async () => {
    const request = new PendingRequest(null);
    request.fail(new Error('first'));
    request.fail(new Error('second'));
    request.take(reply());
    await expect(request.answered).rejects.toThrow('first');
  });
});
