import type { Benchmark } from '../bench.js';
import { expectOk } from '../subjects/service.js';
import { PLOT, PRINT, TABLE, type Code } from './codes.js';
import { besideKernelPerCall } from './messages.js';

/** A message that somebody comes back to: its files are there, its kernel is gone, no ready one can take its place. */
export const oldMessage: Benchmark[] = [PRINT, TABLE, PLOT].map(inOldMessage);

function inOldMessage(code: Code): Benchmark {
  const id = `old-${code.name}`;
  const target = { message_id: id, chat_id: id };
  return {
    name: id,
    measure: async (bench) => {
      for (const { api } of await bench.services()) expectOk(await api.run(code.text, target));
      const row = await besideKernelPerCall(bench, {
        ...{ code, id, what: `${code.what} in an old message whose kernel is gone` },
        message: async ({ api }) => {
          await api.request('POST', `/workspaces/${id}/restart`);
          return target;
        },
      });
      for (const { api } of await bench.services()) await api.request('DELETE', `/chats/${id}`);
      return [row];
    },
  };
}
