import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from './service.js';

/** Between two looks: each costs CPU, which is what some rows measure. */
const PAUSE_MS = 100;

/**
 * Does the work and waits until as many kernels are ready as shall be: the next one is made after the answer, and
 * would otherwise be made while somebody else is measured.
 */
export async function withReadyKernels<Result>(
  service: Service,
  work: () => Promise<Result>,
): Promise<Result> {
  await untilReady(service);
  const result = await work();
  await untilReady(service);
  return result;
}

async function untilReady(service: Service): Promise<void> {
  while (!(await isReady(service))) await delay(PAUSE_MS);
}

async function isReady({ admin }: Service): Promise<boolean> {
  const headers = { Authorization: admin.authorization };
  const metrics = await (await fetch(`${admin.url}/metrics`, { headers })).text();
  const valueOf = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1]);
  return valueOf('mntdata_kernels_ready') >= valueOf('mntdata_kernels_ready_target');
}
