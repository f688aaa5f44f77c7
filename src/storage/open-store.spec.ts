import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/index.js';
import { openStore } from './open-store.js';

const load = (env: Record<string, string>, warn: (sentence: string) => void = () => undefined) =>
  loadConfig({ env, file: null, warn });

describe('the store that the configuration names', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mntdata-open-store-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test('is the disk, unless told otherwise', async () => {
    const store = await openStore(load({ DATA_DIR: directory }));
    await store.check();
    expect((await readdir(directory)).sort()).toEqual(['artifacts', 'staging']);
  });

  test('is a bucket that must be there', async () => {
    const config = load({
      DATA_DIR: directory,
      STORAGE_DRIVER: 's3',
      STORAGE_S3_BUCKET: 'files',
      STORAGE_S3_ENDPOINT: 'http://127.0.0.1:1',
      STORAGE_S3_ACCESS_KEY_ID: 'id',
      STORAGE_S3_SECRET_ACCESS_KEY: 'secret',
    });
    await expect(openStore(config)).rejects.toThrow(
      'The S3 bucket files at http://127.0.0.1:1 cannot be written',
    );
  });

  test('needs settings that fit together', () => {
    expect(() => load({ STORAGE_DRIVER: 's3' })).toThrow('needs STORAGE_S3_BUCKET');
    expect(() => load({ STORAGE_S3_ACCESS_KEY_ID: 'id' })).toThrow('go together');
    const warnings: string[] = [];
    load({ STORAGE_S3_BUCKET: 'files' }, (sentence) => warnings.push(sentence));
    expect(warnings).toEqual([expect.stringContaining('has no effect without STORAGE_DRIVER="s3"')]);
  });
});
