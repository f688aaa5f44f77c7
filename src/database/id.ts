import { v7 } from 'uuid';

/** A new UUIDv7: ids made later sort later, and within one process strictly so. */
export function newId(): string {
  return v7();
}
