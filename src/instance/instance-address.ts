import type { NetworkInterfaceInfo } from 'node:os';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

const EVERYWHERE = ['0.0.0.0', '::'];

/**
 * Where other processes reach one that listens on `host` and `port`: there, or, where that means every address, at
 * the first one that is not loopback, as a container and a pod have one.
 */
export function instanceAddress(host: string, port: number, interfaces: Interfaces): string {
  const reachable = EVERYWHERE.includes(host) ? (firstExternal(interfaces) ?? '127.0.0.1') : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

function firstExternal(interfaces: Interfaces): string | undefined {
  const external = Object.values(interfaces).flatMap((list) =>
    (list ?? []).filter(({ internal }) => !internal),
  );
  const usable = external.filter(({ family, address }) => family === 'IPv4' || !address.startsWith('fe80:'));
  return (usable.find(({ family }) => family === 'IPv4') ?? usable[0])?.address;
}
