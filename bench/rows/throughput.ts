import { perSecond } from '../statistics.js';
import type { Row, Scale } from '../row.js';
import type { Subjects } from '../subjects.js';
import { PRINT, TABLE } from './codes.js';
import { expectOk } from './latency.js';

/** Where our rates are set against a kernel per call. */
const COMPARED = 8;

/** How many runs a second. */
export async function throughputRows(subjects: Subjects, scale: Scale): Promise<Row[]> {
  const { perCall } = subjects;
  const call = {
    print: await perSecond(COMPARED, scale.seconds, async () => await perCall.run(PRINT)),
    table: await perSecond(COMPARED, scale.seconds, async () => await perCall.run(TABLE)),
  };
  const rows: Row[] = [];
  for (const concurrency of scale.concurrencies) {
    rows.push(await live(subjects, scale, concurrency, call.print));
    rows.push(
      await fresh(subjects, scale, {
        concurrency,
        code: PRINT,
        name: 'print(1)',
        call: call.print,
        least: 4,
      }),
    );
  }
  const table = { code: TABLE, name: 'pandas → csv + xlsx', call: call.table, least: 6 };
  rows.push(await fresh(subjects, scale, { concurrency: COMPARED, ...table }));
  return rows;
}

async function live({ api }: Subjects, { seconds }: Scale, concurrency: number, call: number): Promise<Row> {
  const messages = Array.from({ length: concurrency }, (_, index) => `live-${index}`);
  await Promise.all(messages.map(async (message_id) => expectOk(await api.run(PRINT, { message_id }))));
  const free = [...messages];
  const rate = await perSecond(concurrency, seconds, async () => {
    const message_id = free.pop() ?? 'live';
    expectOk(await api.run(PRINT, { message_id }));
    free.push(message_id);
  });
  const row: Row = {
    id: `rate-live-${concurrency}`,
    what: `print(1) in ${concurrency} live workspaces`,
    unit: 'runs/s',
    ours: rate,
  };
  return compared(row, concurrency, call, 15);
}

interface Fresh {
  concurrency: number;
  code: string;
  name: string;
  call: number;
  least: number;
}

/** Sustained: kernels of earlier messages must be ended for those of later ones. */
async function fresh(
  { api, newMessage }: Subjects,
  { sustainedSeconds }: Scale,
  { concurrency, code, name, call, least }: Fresh,
): Promise<Row> {
  const rate = await perSecond(concurrency, sustainedSeconds, async () =>
    expectOk(await api.run(code, { message_id: newMessage() })),
  );
  const row: Row = {
    id: `rate-new-${name.startsWith('print') ? 'print' : 'table'}-${concurrency}`,
    what: `${name}, a new message each, ${concurrency} at a time`,
    unit: 'runs/s',
    ours: rate,
  };
  return compared(row, concurrency, call, least);
}

function compared(row: Row, concurrency: number, call: number, least: number): Row {
  if (concurrency !== COMPARED) return row;
  const other = { name: 'kernel per call', value: call };
  return { ...row, other, ratio: { value: row.ours / call, goal: { least } } };
}
