import { v7 as uuidv7 } from 'uuid';
import type {
  CollectedEntry,
  Collection,
  ManifestChange,
  ManifestRow,
  UntrackedCode,
} from '../workspaces/index.js';
import { mountedPath, sha256 } from './file-path.js';
import type { FileChange } from './file.entity.js';
import { QUOTA_EXCEEDED } from './quotas.service.js';
import type { Warning } from './warning.js';

/** A created or modified file whose bytes are kept, on its way to a row. */
export interface GatheredFile {
  id: string;
  path: Buffer;
  sha256: Buffer;
  size: number;
  change: FileChange;
}

/** What a collection found, ready to be committed. */
export interface GatheredFiles {
  files: GatheredFile[];
  change: ManifestChange;
  /** Paths as the code sees them. */
  deleted: string[];
  warnings: Warning[];
  /** False: nothing that the database must know. */
  changed: boolean;
}

/** Why an entry enters the manifest without a file, in words. */
const UNTRACKED: Readonly<Record<LeftOutReason, string>> = {
  too_large: 'is larger than the largest file that is kept',
  untracked: 'has an extension that this service does not keep',
  too_many_files: 'is one of too many',
  quota_exceeded: 'does not fit into what you may store; delete files that you no longer need',
};

type LeftOutReason = UntrackedCode | typeof QUOTA_EXCEEDED;

/**
 * Turns the helper's findings into rows. Pure but for the new ids.
 *
 * @param refused staged copies that were not kept, because the user's quota has no place for them.
 */
export function gather(collection: Collection, refused: ReadonlySet<string>): GatheredFiles {
  const files: GatheredFile[] = [];
  const upserts: ManifestRow[] = [];
  const warnings: Warning[] = collection.leftOut.map(({ path, code, message }) => ({
    path: mountedPath(path),
    code,
    message,
  }));
  let tooMany = 0;
  const add = (entry: CollectedEntry, change: FileChange): void => {
    const isRefused = entry.staged !== null && refused.has(entry.staged);
    const file = isRefused ? null : keptFile(entry, change);
    if (file) files.push(file);
    else if (isRefused) warnings.push(leftOut(entry, QUOTA_EXCEEDED));
    else if (entry.untracked === 'too_many_files') tooMany += 1;
    else warnings.push(leftOut(entry, entry.untracked ?? 'untracked'));
    upserts.push(manifestRow(entry, file));
  };
  for (const entry of collection.created) add(entry, 'created');
  for (const entry of collection.modified) add(entry, 'modified');
  if (tooMany > 0) warnings.push(tooManyFiles(tooMany));
  return {
    files,
    change: {
      upserts,
      refreshes: collection.refreshed.map(({ path, mode, stamps }) => ({
        pathSha256: sha256(path),
        mode,
        ...stamps,
      })),
      removals: collection.deleted.map((path) => sha256(path)),
      totals: collection.totals,
    },
    deleted: collection.deleted.map(mountedPath),
    warnings,
    changed: upserts.length > 0 || collection.deleted.length > 0,
  };
}

function keptFile(entry: CollectedEntry, change: FileChange): GatheredFile | null {
  if (entry.staged === null || entry.sha256 === null) return null;
  return {
    id: uuidv7(),
    path: entry.path,
    sha256: Buffer.from(entry.sha256, 'hex'),
    size: entry.size,
    change,
  };
}

function manifestRow(entry: CollectedEntry, file: GatheredFile | null): ManifestRow {
  return {
    pathSha256: sha256(entry.path),
    path: entry.path,
    origin: file ? 'generated' : 'untracked',
    size: entry.size,
    mode: entry.mode,
    ...entry.stamps,
    sha256: entry.sha256 === null ? null : Buffer.from(entry.sha256, 'hex'),
    fileId: file?.id ?? null,
  };
}

function leftOut(entry: CollectedEntry, code: LeftOutReason): Warning {
  const path = mountedPath(entry.path);
  return { path, code, message: `${path} was not kept: it ${UNTRACKED[code]}.` };
}

function tooManyFiles(count: number): Warning {
  return {
    path: null,
    code: 'too_many_files',
    message: `${String(count)} more files were made than one execution may keep; they stay in the workspace only.`,
  };
}
