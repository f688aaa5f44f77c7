import { HelperUnavailableError } from './content.errors.js';
import { HelperCalls } from './helper-calls.js';

const PATIENT = { deadlineMs: 60_000 };

describe('HelperCalls', () => {
  let sent: Readonly<Record<string, unknown>>[];
  let calls: HelperCalls;
  const answer = (id: number, fields: object): void => calls.onLine(JSON.stringify({ id, ...fields }));

  beforeEach(() => {
    sent = [];
    calls = new HelperCalls((request) => sent.push(request));
  });

  it('gives each call its own answer', async () => {
    const first = calls.call('usage', { directory: 'a' }, PATIENT);
    const second = calls.call('usage', { directory: 'b' }, PATIENT);
    expect(sent).toEqual([
      { id: 1, op: 'usage', directory: 'a' },
      { id: 2, op: 'usage', directory: 'b' },
    ]);
    answer(2, { ok: 'second' });
    answer(1, { ok: 'first' });
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
  });

  it.each([
    ['no_space', { kind: 'storage_full' }],
    ['workspace_missing', { kind: 'unavailable', code: 'workspace_missing' }],
    ['failed', { kind: 'unavailable', code: 'workspace_operation_failed', message: 'why' }],
    ['invalid_request', { name: 'TypeError' }],
  ])('tells the failure %s', async (code, expected) => {
    const call = calls.call('place', {}, PATIENT);
    answer(1, { error: { code, message: 'why' } });
    await expect(call).rejects.toMatchObject(expected);
  });

  it('cancels a call past its deadline', async () => {
    await expect(calls.call('collect', {}, { deadlineMs: 1 })).rejects.toThrow(
      'did not collect within 0.001 s',
    );
    expect(sent[1]).toEqual({ op: 'cancel', target: 1 });
  });

  it('cancels a call whose signal fires, and hands over its late answer', async () => {
    const late: unknown[] = [];
    const controller = new AbortController();
    const options = { ...PATIENT, signal: controller.signal, onLateAnswer: (ok: unknown) => late.push(ok) };
    const call = calls.call('collect', {}, options);
    controller.abort(new Error('The lease was lost.'));
    await expect(call).rejects.toThrow('The lease was lost.');
    expect(sent[1]).toEqual({ op: 'cancel', target: 1 });
    answer(1, { ok: { staged: [] } });
    answer(1, { ok: 'twice' });
    expect(late).toEqual([{ staged: [] }]);
  });

  it('keeps nothing of a call that was cancelled in time', async () => {
    const late: unknown[] = [];
    const options = { deadlineMs: 1, onLateAnswer: (ok: unknown) => late.push(ok) };
    await expect(calls.call('collect', {}, options)).rejects.toThrow();
    answer(1, { error: { code: 'cancelled', message: 'The operation was cancelled.' } });
    expect(late).toEqual([]);
  });

  it('does not send a call whose signal has fired', async () => {
    const signal = AbortSignal.abort(new Error('before'));
    await expect(calls.call('collect', {}, { ...PATIENT, signal })).rejects.toThrow('before');
    expect(sent).toEqual([]);
  });

  it('rejects what is waiting and what comes after, once the helper is gone', async () => {
    const call = calls.call('usage', {}, PATIENT);
    calls.close(new HelperUnavailableError('gone'));
    await expect(call).rejects.toThrow('gone');
    await expect(calls.call('usage', {}, PATIENT)).rejects.toThrow('gone');
  });
});
