import type { NetworkInterfaceInfo } from 'node:os';
import { instanceAddress } from './instance-address.js';

function card(address: string, internal = false): NetworkInterfaceInfo {
  const family = address.includes(':')
    ? { family: 'IPv6' as const, scopeid: 0 }
    : { family: 'IPv4' as const };
  return { address, internal, netmask: '', mac: '', cidr: null, ...family };
}

const LOOPBACK = { lo: [card('127.0.0.1', true), card('::1', true)] };

describe('instanceAddress', () => {
  it('is where the process listens', () => {
    expect(instanceAddress('127.0.0.1', 3000, {})).toBe('http://127.0.0.1:3000');
    expect(instanceAddress('::1', 3000, {})).toBe('http://[::1]:3000');
    expect(instanceAddress('api-1', 3000, {})).toBe('http://api-1:3000');
  });

  it('is an address that others can reach where it listens on all', () => {
    const eth0 = [card('fe80::1'), card('fd00::2'), card('10.0.0.7')];
    expect(instanceAddress('0.0.0.0', 3000, { ...LOOPBACK, eth0 })).toBe('http://10.0.0.7:3000');
    expect(instanceAddress('::', 3000, { eth0: eth0.slice(0, 2) })).toBe('http://[fd00::2]:3000');
    expect(instanceAddress('0.0.0.0', 3000, LOOPBACK)).toBe('http://127.0.0.1:3000');
  });
});
