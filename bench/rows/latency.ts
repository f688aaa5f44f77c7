import type { ExecutionDto } from '../../src/execution/index.js';
import { interleaved, timed, type Summary } from '../statistics.js';
import type { Row, Scale } from '../row.js';
import type { Subjects } from '../subjects.js';
import { PLOT, PRINT, TABLE } from './codes.js';

/** How long one run takes while nothing else runs. */
export async function latencyRows(subjects: Subjects, scale: Scale): Promise<Row[]> {
  return [
    await live(subjects, scale),
    await newMessage(subjects, scale, {
      id: 'new-print',
      what: 'print(1) in a new message',
      code: PRINT,
      least: 20,
    }),
    await newMessage(subjects, scale, {
      id: 'new-table',
      what: 'pandas → csv + xlsx in a new message, downloaded',
      code: TABLE,
      least: 5,
    }),
    await newMessage(subjects, scale, { id: 'new-plot', what: 'a saved plot in a new message', code: PLOT }),
    await oldMessage(subjects, scale),
  ];
}

async function live({ api, floor }: Subjects, { rounds }: Scale): Promise<Row> {
  const { ours, zmq } = await interleaved(rounds, {
    ours: () => timed(async () => expectOk(await api.run(PRINT, { message_id: 'live' }))),
    zmq: async () => await floor.run(PRINT),
  });
  return {
    ...{ id: 'live-print', what: 'print(1) in a live workspace', unit: 'ms' },
    ...both(ours, 'plain ZMQ', zmq),
    ratio: { value: ours.median / zmq.median, goal: { most: 3 } },
  };
}

interface NewMessage {
  id: string;
  what: string;
  code: string;
  least?: number;
}

async function newMessage(
  { api, perCall, newMessage }: Subjects,
  { slowRounds }: Scale,
  { id, what, code, least }: NewMessage,
): Promise<Row> {
  const { ours, call } = await interleaved(slowRounds, {
    ours: () =>
      timed(async () => {
        const execution = expectOk(await api.run(code, { message_id: newMessage() }));
        const file = execution.files.at(-1);
        if (file) await api.download(file.url);
      }),
    call: () => timed(async () => await perCall.run(code)),
  });
  const row: Row = { id, what, unit: 'ms', ...both(ours, 'kernel per call', call) };
  return least === undefined ? row : { ...row, ratio: { value: call.median / ours.median, goal: { least } } };
}

/** Its kernel is gone, its files are there. */
async function oldMessage({ api, perCall }: Subjects, { slowRounds }: Scale): Promise<Row> {
  const message_id = 'old';
  await api.run(TABLE, { message_id });
  const { ours, call } = await interleaved(slowRounds, {
    ours: async () => {
      await api.request('POST', `/workspaces/${message_id}/restart`);
      return await timed(async () => expectOk(await api.run(PRINT, { message_id })));
    },
    call: () => timed(async () => await perCall.run(PRINT)),
  });
  const what = 'print(1) in an old message whose kernel is gone';
  return { id: 'old-print', what, unit: 'ms', ...both(ours, 'kernel per call', call) };
}

function both(ours: Summary, name: string, other: Summary): Pick<Row, 'ours' | 'oursP95' | 'other'> {
  return {
    ours: ours.median,
    oursP95: ours.p95,
    other: { name, value: other.median, p95: other.p95 },
  };
}

/** A run that fails is quick, and says nothing. */
export function expectOk(execution: ExecutionDto): ExecutionDto {
  if (execution.status === 'ok') return execution;
  throw new Error(`A run ended as ${execution.status}: ${execution.error?.value ?? execution.stderr}`);
}
