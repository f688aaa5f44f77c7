import type { Benchmark } from '../bench.js';
import type { Goal } from '../row.js';
import { PLOT, PRINT, TABLE, type Code } from './codes.js';
import { besideKernelPerCall } from './messages.js';

/** The first run of a message: how long somebody waits who opened a chat. */
export const newMessage: Benchmark[] = [
  inNewMessage(PRINT, { least: 20 }),
  inNewMessage(TABLE, { least: 5 }),
  inNewMessage(PLOT),
];

function inNewMessage(code: Code, goal?: Goal): Benchmark {
  const id = `new-${code.name}`;
  return {
    name: id,
    measure: async (bench) => [
      await besideKernelPerCall(bench, {
        ...{ code, id, what: `${code.what} in a new message`, ...(goal && { goal }) },
        message: () => Promise.resolve(bench.newMessage()),
      }),
    ],
  };
}
