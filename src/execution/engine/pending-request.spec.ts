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

/** Takes the events as messages that are numbered in this order. */
function take(request: PendingRequest, ...events: readonly KernelEvent[]): void {
  events.forEach((event, number) => numbered(request, number, event));
}

function numbered(request: PendingRequest, number: number, event: KernelEvent): void {
  const id = `s_1_${String(number)}`;
  request.count(id);
  request.take(event, id);
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
    take(request, busy, ...events.slice(0, -1));
    expect(await isAnswered(request)).toBe(false);
    take(request, events.at(-1) ?? idle);
    expect(await request.answered).toEqual(OK);
    expect(heard).toEqual(['started', 'late']);
  });

  it('tells nothing after its end', async () => {
    const { heard, listener } = listening();
    const request = new PendingRequest(listener);
    take(request, busy, reply(), idle, printed('after'));
    request.doubt();
    request.answerIsLost();
    await request.answered;
    expect(heard).toEqual(['started']);
  });

  it('tells an error once, also one that only the reply has', () => {
    const published = listening();
    const silent = listening();
    const requests = [new PendingRequest(published.listener), new PendingRequest(silent.listener)] as const;
    take(requests[0], { kind: 'error', parent: '', error: { name: 'E', value: '', traceback: [] } });
    for (const request of requests) take(request, reply(FAILED), idle);
    expect([published.heard, silent.heard]).toEqual([['E'], ['E']]);
  });

  it.each([
    ['nothing is missing', [1, 2, 3], []],
    ['the order of two was another one', [2, 1, 3], []],
    ['the number of one is missing', [2, 3, 4], ['lost']],
  ])('in doubt tells output as lost at its end, unless it is all there: %s', async (_, order, told) => {
    const { heard, listener } = listening();
    const request = new PendingRequest(listener);
    numbered(request, 0, busy);
    request.doubt();
    [printed('a'), reply(), idle].forEach((event, i) => numbered(request, order[i] ?? 0, event));
    await request.answered;
    expect(heard).toEqual(['started', 'a', ...told]);
  });

  it('in doubt tells output as lost when its beginning or end never came', async () => {
    for (const events of [
      [printed('a'), reply(), idle],
      [busy, printed('a'), reply()],
    ]) {
      const { heard, listener } = listening();
      const request = new PendingRequest(listener);
      request.doubt();
      take(request, ...events);
      request.answerIsLost();
      await request.answered;
      expect(heard.filter((what) => what !== 'started')).toEqual(['a', 'lost']);
    }
  });

  it('whose answer was lost ends as an error, unless only the idle status was', async () => {
    const lost = new PendingRequest(listening().listener);
    lost.answerIsLost();
    expect(await lost.answered).toMatchObject({ status: 'error', error: { name: 'OutputLost' } });

    const nearly = new PendingRequest(listening().listener);
    take(nearly, reply());
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
    take(request, reply());
    await expect(request.answered).rejects.toThrow('first');
  });
});
