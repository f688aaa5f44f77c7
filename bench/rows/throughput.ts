import { perSecond } from '../statistics.js';
import type { Row, Scale } from '../row.js';
import type { Subjects } from '../subjects.js';
import { PRINT, TABLE } from './codes.js';
import { expectOk } from './latency.js';

/** Where our rates are set against a kernel per call. */
const COMPARED = 8;

/** How many runs a second; a kernel per call before and after each, since what else the machine does changes. */
export async function throughputRows(subjects: Subjects, scale: Scale): Promise<Row[]> {
  const rows: Row[] = [];
  for (const concurrency of scale.concurrencies) {
    const print = { concurrency, code: PRINT };
    rows.push(await beside(subjects, scale, { ...print, least: 15 }, live(subjects, scale, concurrency)));
    const fresh = newMessages(subjects, scale, { ...print, name: 'print(1)', id: 'rate-new-print' });
    rows.push(await beside(subjects, scale, { ...print, least: 4 }, fresh));
  }
  const table = { concurrency: COMPARED, code: TABLE };
  const fresh = newMessages(subjects, scale, { ...table, name: 'pandas → csv + xlsx', id: 'rate-new-table' });
  rows.push(await beside(subjects, scale, { ...table, least: 6 }, fresh));
  return rows;
}

interface Comparison {
  concurrency: number;
  code: string;
  least: number;
}

async function beside(
  { perCall }: Subjects,
  { seconds }: Scale,
  { concurrency, code, least }: Comparison,
  measure: () => Promise<Row>,
): Promise<Row> {
  if (concurrency !== COMPARED) return await measure();
  const call = async (): Promise<number> =>
    await perSecond(COMPARED, seconds / 2, async () => await perCall.run(code));
  const before = await call();
  const row = await measure();
  const value = (before + (await call())) / 2;
  const other = { name: 'kernel per call', value };
  return { ...row, other, ratio: { value: row.ours / value, goal: { least } } };
}

function live({ api }: Subjects, { seconds }: Scale, concurrency: number): () => Promise<Row> {
  return async () => {
    const free = Array.from({ length: concurrency }, (_, index) => `live-${index}`);
    await Promise.all(free.map(async (message_id) => expectOk(await api.run(PRINT, { message_id }))));
    const ours = await perSecond(concurrency, seconds, async () => {
      const message_id = free.pop() ?? 'live';
      expectOk(await api.run(PRINT, { message_id }));
      free.push(message_id);
    });
    const what = `print(1) in ${concurrency} live workspaces`;
    return { id: `rate-live-${concurrency}`, what, unit: 'runs/s', ours };
  };
}

interface NewMessages {
  id: string;
  name: string;
  concurrency: number;
  code: string;
}

/** Sustained: kernels of earlier messages must be ended for those of later ones. */
function newMessages(
  { api, newMessage }: Subjects,
  { sustainedSeconds }: Scale,
  { id, name, concurrency, code }: NewMessages,
): () => Promise<Row> {
  return async () => {
    const ours = await perSecond(concurrency, sustainedSeconds, async () =>
      expectOk(await api.run(code, { message_id: newMessage() })),
    );
    const what = `${name}, a new message each, ${concurrency} at a time`;
    return { id: `${id}-${concurrency}`, what, unit: 'runs/s', ours };
  };
}
