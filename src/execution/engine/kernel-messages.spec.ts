import { readKernelMessage } from './kernel-messages.js';

const PARENT = { msg_id: 'request' };

function published(type: string, content: unknown): unknown {
  return { channel: 'iopub', header: { msg_type: type, session: 's' }, parent_header: PARENT, content };
}

describe('readKernelMessage', () => {
  it('tells whose code the kernel took up', () => {
    const parent_header = { msg_id: 'theirs', session: 'another client' };
    const message = { ...(published('execute_input', { code: '1' }) as object), parent_header };
    expect(readKernelMessage(message)).toEqual({
      kind: 'taken up',
      parent: 'theirs',
      session: 'another client',
    });
  });

  it.each([
    ['stream', { name: 'stderr', text: 'a\ud800' }, { kind: 'stream', name: 'stderr', text: 'a\ud800' }],
    ['status', { execution_state: 'idle' }, { kind: 'status', state: 'idle' }],
    ['clear_output', { wait: true }, { kind: 'clear', wait: true }],
    ['shutdown_reply', { restart: false }, { kind: 'shutdown' }],
    [
      'error',
      { ename: 'E', evalue: 'v', traceback: ['a', 1, 'b'] },
      { kind: 'error', error: { name: 'E', value: 'v', traceback: ['a', 'b'] } },
    ],
    [
      'update_display_data',
      { data: { 'text/plain': '1' }, metadata: {}, transient: { display_id: 'x' } },
      {
        kind: 'display',
        display: { data: { 'text/plain': '1' }, metadata: {}, displayId: 'x', update: true },
      },
    ],
  ])('reads %s', (type, content, event) => {
    expect(readKernelMessage(published(type, content))).toEqual({ parent: 'request', ...event });
  });

  it.each([
    ['ok', { status: 'ok', execution_count: 3 }, { status: 'ok', executionCount: 3, error: null }],
    ['without a status', {}, { status: 'ok', executionCount: null, error: null }],
    ['of an older kernel', { status: 'abort' }, { status: 'aborted', executionCount: null, error: null }],
    [
      'an error',
      { status: 'error', ename: 'E', evalue: 'v', traceback: [] },
      { status: 'error', executionCount: null, error: { name: 'E', value: 'v', traceback: [] } },
    ],
  ])('reads a reply that is %s', (_, content, reply) => {
    const message = { channel: 'shell', header: { session: 's' }, parent_header: PARENT, content };
    expect(readKernelMessage(message)).toEqual({
      kind: 'reply',
      parent: 'request',
      reply: { session: 's', ...reply },
    });
  });

  it.each([
    null,
    'text',
    [],
    {},
    { channel: 'iopub', header: null, content: {} },
    { channel: 'iopub', header: {}, content: [] },
    published('stream', { name: 'stdout', text: 5 }),
    published('nonsense', {}),
    { channel: 'control', header: { msg_type: 'x' }, content: {} },
  ])('takes %j for nothing', (message) => {
    expect(readKernelMessage(message)).toBeNull();
  });

  it('reads how much of a flood the kernel did not send', () => {
    const said = {
      channel: 'iopub',
      header: { msg_type: 'mntdata_output_lost' },
      parent_header: { msg_id: 'run' },
      content: { stdout: 12, displays: -1, stderr: 'many' },
    };
    expect(readKernelMessage(said)).toEqual({
      kind: 'left out',
      parent: 'run',
      flood: { stdout: 12, stderr: 0, displays: 0 },
    });
  });

  it('makes the best of wrong types', () => {
    expect(readKernelMessage(published('display_data', { data: 5, transient: 'x', metadata: [] }))).toEqual({
      kind: 'display',
      parent: 'request',
      display: { data: {}, metadata: {}, displayId: null, update: false },
    });
    expect(readKernelMessage(published('error', { ename: 1, traceback: 'x' }))).toMatchObject({
      error: { name: '', value: '', traceback: [] },
    });
  });
});
