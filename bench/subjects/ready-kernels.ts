import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from './service.js';

/** Between two looks: each costs CPU, which is what some rows measure. */
const PAUSE_MS = 100;

/**
 * Does the work and waits until as many kernels are ready as before: the next one is made after the answer, and would
 * otherwise be made while somebody else is measured.
 */
export async function withReadyKernels<Result>(
  service: Service,
  work: () => Promise<Result>,
): Promise<Result> {
  await untilReady(service, 1);
  const before = await kernelsReady(service);
  const result = await work();
  await untilReady(service, before);
  return result;
}

async function untilReady(service: Service, count: number): Promise<void> {
  while ((await kernelsReady(service)) < count) await delay(PAUSE_MS);
}

async function kernelsReady({ admin }: Service): Promise<number> {
  const headers = { Authorization: admin.authorization };
  const metrics = await (await fetch(`${admin.url}/metrics`, { headers })).text();
  return Number(/^mntdata_kernels_ready (\d+)$/m.exec(metrics)?.[1] ?? 0);
}
