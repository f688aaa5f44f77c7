import type { Home } from './row.js';
import type { Measurement, Summary } from './statistics.js';
import type { Service } from './subjects/service.js';

/** The same measurement of each service, as contestants. */
export function eachOf(
  services: readonly Service[],
  measure: (service: Service, round: number) => Promise<number>,
): Record<string, Measurement> {
  return Object.fromEntries(
    services.map((service) => [service.home, async (round: number) => await measure(service, round)]),
  );
}

/** What was measured of the services, by home. */
export function homesOf(measured: Readonly<Record<string, Summary>>): Partial<Record<Home, Summary>> {
  const { pglite, postgres } = measured as Partial<Record<Home, Summary>>;
  return { ...(pglite && { pglite }), ...(postgres && { postgres }) };
}
