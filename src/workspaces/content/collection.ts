/** What tells whether a file may have changed. Decimal strings: JavaScript's numbers are too short for them. */
export interface Stamps {
  mtimeNs: string;
  ctimeNs: string;
  inode: string;
  /** A change right after these stamps were taken may have left them as they are: the content is compared. */
  racy: boolean;
}

/** What the service last committed about one path; a row of the manifest is one. */
export interface ManifestEntry {
  /** Raw bytes below `/mnt/data`. */
  path: Buffer;
  size: number;
  /** The stamps; null when the file was not seen in the directory since it was placed. */
  mtimeNs: string | null;
  ctimeNs: string | null;
  inode: string | null;
  racy: boolean;
  /** Null when the content was not read. */
  sha256: Buffer | null;
}

export interface CollectionLimits {
  maxFileBytes: number;
  /** Created and modified files that are staged; further ones come as `too_many_files`. */
  maxFiles: number;
  /** `*`, or endings such as `csv` or `.csv`, in any case. */
  trackedExtensions: '*' | readonly string[];
}

export interface CollectOptions {
  /** The generation of the manifest to compare with. */
  generation: number;
  /** Needed when the helper does not hold that generation, which it says with `needManifest`. */
  manifest?: readonly ManifestEntry[];
  limits: CollectionLimits;
  /** Process id (pid 1 of the kernel's room, as the host sees it): files mapped by its family are compared. */
  writableBy?: number;
  signal?: AbortSignal;
}

/** Why a file enters the manifest without its content. */
export type UntrackedCode = 'untracked' | 'too_large' | 'too_many_files';

/** A file whose content the manifest does not tell, or tells otherwise. */
export interface CollectedEntry {
  path: Buffer;
  /** In bytes. */
  size: number;
  /** The permission bits. */
  mode: number;
  stamps: Stamps;
  /** Lower-case hex; null when `untracked`. */
  sha256: string | null;
  /** A copy: absolute, in the staging directory, durable, ours to keep or to discard; null when `untracked`. */
  staged: string | null;
  /** Why only its stamps enter the manifest: it is not looked at again until it changes. */
  untracked?: UntrackedCode;
}

/** The content of the manifest under new stamps. */
export type RefreshedEntry = Omit<CollectedEntry, 'staged' | 'untracked'>;

export type LeftOutCode =
  | 'symlink'
  | 'fifo'
  | 'device'
  | 'socket'
  | 'directory'
  | 'unreadable'
  | 'changing'
  | 'path_too_long'
  | 'no_space';

/** Something that does not enter the manifest; the message is a sentence for a person, without the path. */
export interface LeftOut {
  path: Buffer;
  code: LeftOutCode;
  message: string;
}

/** What lies in a workspace, ignored names included. Sparse files count as the space they take. */
export interface Usage {
  /** Everything that is no directory. */
  files: number;
  bytes: number;
  directories: number;
}

/** What differs from the manifest, each list in order of path bytes. */
export interface Collection {
  created: CollectedEntry[];
  modified: CollectedEntry[];
  /** Paths of the manifest that are gone. */
  deleted: Buffer[];
  refreshed: RefreshedEntry[];
  leftOut: LeftOut[];
  totals: Usage;
}

export type CollectAnswer = Collection | { needManifest: true };
