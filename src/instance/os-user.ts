import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Where the uids of workspaces begin: above people and system services, as subordinate ids do. */
const FIRST_UID = 200_000;
const LAST_UID = 2_000_000_000;
/** In a user namespace with few ids (a rootless container) the upper part of what there is. */
const SMALL_RANGE_START = 20_000;

/** The uids this process may give away, as `/proc/self/uid_map` tells (user_namespaces(7)). */
export function workspaceUidRange(uidMap: string): { first: number; end: number } {
  const mapped = uidMap
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .reduce((end, [inside = 0, , count = 0]) => Math.max(end, inside + count), 0);
  const end = Math.min(mapped, LAST_UID);
  return end > FIRST_UID * 2
    ? { first: FIRST_UID, end }
    : { first: Math.min(SMALL_RANGE_START, end - 1), end };
}

/**
 * A uid for a new workspace, or null when this process cannot change owners. Drawn at random; the unique
 * index of `workspaces.os_uid` tells when it is taken.
 */
export function drawWorkspaceUid(): number | null {
  if (process.getuid?.() !== 0) return null;
  const { first, end } = workspaceUidRange(readFileSync('/proc/self/uid_map', 'utf8'));
  return randomInt(first, end);
}
