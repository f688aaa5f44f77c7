import type { ApiClient } from '../../test/support/api-client.js';
import type { Bench } from '../bench.js';
import { eachOf, homesOf } from '../each-service.js';
import { withRatio, type Goal, type Row } from '../row.js';
import { interleaved, timed } from '../statistics.js';
import { withReadyKernels } from '../subjects/ready-kernels.js';
import { expectOk, type Service } from '../subjects/service.js';
import type { Code } from './codes.js';

interface Comparison {
  code: Code;
  id: string;
  what: string;
  goal?: Goal;
  /** Names the message of a round, prepared so that only the run itself remains to be measured. */
  message: (service: Service) => Promise<{ message_id: string }>;
}

/** A run in a message, until what it saved is downloaded, beside a kernel per call. */
export async function besideKernelPerCall(bench: Bench, comparison: Comparison): Promise<Row> {
  const { code, id, what, goal, message } = comparison;
  const services = await bench.services();
  const perCall = await bench.perCall();
  const { call, ...ours } = await interleaved(bench.scale.slowRounds, {
    ...eachOf(services, async (service) => {
      const target = await message(service);
      const run = async (): Promise<void> => await runAndDownload(service.api, code, target);
      return await withReadyKernels(service, async () => await timed(run));
    }),
    call: async () => await timed(async () => await perCall.run(code.text)),
  });
  await bench.forgetMessages(services);
  const row: Row = {
    ...{ id, what, unit: 'ms', ours: homesOf(ours) },
    other: { name: 'kernel per call', ...call },
  };
  return withRatio(row, 'other/ours', goal);
}

async function runAndDownload(api: ApiClient, code: Code, target: { message_id: string }): Promise<void> {
  const { files } = expectOk(await api.run(code.text, target));
  const file = files.at(-1);
  if (file) await api.download(file.url);
}
