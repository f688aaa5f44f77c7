import type { CollectedEntry, Collection } from '../workspaces/index.js';
import { gather } from './gathered-files.js';

const stamps = { mtimeNs: '1', ctimeNs: '2', inode: '3', racy: false };

function anEntry(path: string, more: Partial<CollectedEntry> = {}): CollectedEntry {
  return {
    path: Buffer.from(path),
    size: 3,
    mode: 0o644,
    stamps,
    sha256: 'ab'.repeat(32),
    staged: `/staging/${path}`,
    ...more,
  };
}

function aCollection(more: Partial<Collection>): Collection {
  const totals = { files: 0, bytes: 0, directories: 0 };
  return { created: [], modified: [], deleted: [], refreshed: [], leftOut: [], totals, ...more };
}

const untracked = (code: NonNullable<CollectedEntry['untracked']>): Partial<CollectedEntry> => ({
  sha256: null,
  staged: null,
  untracked: code,
});

const none: ReadonlySet<string> = new Set();

describe('gather', () => {
  it('makes files and manifest rows of what was created and modified', () => {
    const gathered = gather(aCollection({ created: [anEntry('a')], modified: [anEntry('b')] }), none);
    expect(gathered.files.map(({ path, change }) => [path.toString(), change])).toEqual([
      ['a', 'created'],
      ['b', 'modified'],
    ]);
    expect(gathered.change.upserts.map((row) => [row.origin, row.fileId])).toEqual(
      gathered.files.map((file) => ['generated', file.id]),
    );
    expect(gathered.changed).toBe(true);
  });

  it('names each file that was left out, and counts those past the limit in one warning', () => {
    const gathered = gather(
      aCollection({
        created: [
          anEntry('big', untracked('too_large')),
          anEntry('c', untracked('too_many_files')),
          anEntry('d', untracked('too_many_files')),
        ],
        leftOut: [{ path: Buffer.from('link'), code: 'symlink', message: 'It is a link.' }],
      }),
      none,
    );
    expect(gathered.files).toEqual([]);
    expect(gathered.warnings.map(({ code, path }) => [code, path])).toEqual([
      ['symlink', '/mnt/data/link'],
      ['too_large', '/mnt/data/big'],
      ['too_many_files', null],
    ]);
    expect(gathered.warnings.at(-1)?.message).toContain('2 more files');
    expect(gathered.change.upserts.every((row) => row.origin === 'untracked' && row.fileId === null)).toBe(
      true,
    );
  });

  it('tells what the quota refused, and remembers its content without a file', () => {
    const gathered = gather(
      aCollection({ created: [anEntry('a'), anEntry('b')] }),
      new Set([anEntry('b').staged ?? '']),
    );
    expect(gathered.files.map(({ path }) => path.toString())).toEqual(['a']);
    expect(gathered.warnings).toMatchObject([{ code: 'quota_exceeded', path: '/mnt/data/b' }]);
    expect(gathered.change.upserts[1]).toMatchObject({
      origin: 'untracked',
      fileId: null,
      sha256: Buffer.from('ab'.repeat(32), 'hex'),
    });
  });

  it('takes new stamps alone for no change', () => {
    const refreshed = [{ path: Buffer.from('a'), size: 3, mode: 0o644, stamps, sha256: 'ab'.repeat(32) }];
    expect(gather(aCollection({ refreshed }), none).changed).toBe(false);
    expect(gather(aCollection({ deleted: [Buffer.from('a')] }), none)).toMatchObject({
      changed: true,
      deleted: ['/mnt/data/a'],
    });
  });
});
