import type {
  CollectAnswer,
  CollectedEntry,
  Collection,
  LeftOut,
  ManifestEntry,
  RefreshedEntry,
} from './collection.js';
import type { PlaceItem } from './placement.js';

/** On the wire a path is the latin-1 decoding of its bytes: one character per byte, whatever they are. */
type OnWire<T extends { path: Buffer }> = Omit<T, 'path'> & { path: string };

interface WireCollection extends Pick<Collection, 'totals'> {
  created: OnWire<CollectedEntry>[];
  modified: OnWire<CollectedEntry>[];
  deleted: string[];
  refreshed: OnWire<RefreshedEntry>[];
  leftOut: OnWire<LeftOut>[];
}

/** Field by field: a row of the manifest holds more than the helper wants to hear. */
export function manifestToWire(entry: ManifestEntry): object {
  const { path, size, mtimeNs, ctimeNs, inode, racy, sha256 } = entry;
  return {
    ...{ size, mtimeNs, ctimeNs, inode, racy },
    path: path.toString('latin1'),
    sha256: sha256?.toString('hex') ?? null,
  };
}

export function placementToWire(item: PlaceItem): OnWire<PlaceItem> {
  return { ...item, path: item.path.toString('latin1') };
}

export function collectionFromWire(answer: unknown): CollectAnswer {
  const collection = answer as WireCollection | { needManifest: true };
  if ('needManifest' in collection) return collection;
  return {
    ...collection,
    created: collection.created.map(withPathBytes),
    modified: collection.modified.map(withPathBytes),
    deleted: collection.deleted.map(pathBytes),
    refreshed: collection.refreshed.map(withPathBytes),
    leftOut: collection.leftOut.map(withPathBytes),
  };
}

/** The staged copies that a collection names. */
export function stagedOf(answer: CollectAnswer): string[] {
  if ('needManifest' in answer) return [];
  return [...answer.created, ...answer.modified].flatMap(({ staged }) => staged ?? []);
}

function withPathBytes<T extends { path: string }>(item: T): Omit<T, 'path'> & { path: Buffer } {
  return { ...item, path: pathBytes(item.path) };
}

function pathBytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}
