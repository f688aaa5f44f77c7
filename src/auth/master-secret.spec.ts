import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { masterSecret } from './master-secret.js';
import { SecretKeys } from './secret-keys.js';

describe('the master secret', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mntdata-secret-'));
  });
  afterEach(async () => await rm(directory, { recursive: true }));

  it('is made once, readable by the service only', async () => {
    const inside = join(directory, 'new');
    const secret = await masterSecret(null, inside);
    expect(secret).toHaveLength(32);
    expect((await stat(join(inside, 'secret'))).mode & 0o777).toBe(0o600);
    expect(await masterSecret(null, inside)).toEqual(secret);
  });

  it('is one and the same for starts at the same instant', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, () => masterSecret(null, directory)));
    expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(1);
    expect(await readdir(directory)).toEqual(['secret']);
  });

  it('is SECRET_KEY when that is set', async () => {
    expect((await masterSecret('k'.repeat(32), directory)).toString()).toBe('k'.repeat(32));
    expect(await readdir(directory)).toEqual([]);
  });

  it('is refused when it is cut short', async () => {
    await writeFile(join(directory, 'secret'), 'short', { mode: 0o600 });
    await expect(masterSecret(null, directory)).rejects.toThrow('is damaged');
  });

  it('is refused when others can read it', async () => {
    await masterSecret(null, directory);
    await chmod(join(directory, 'secret'), 0o640);
    await expect(masterSecret(null, directory)).rejects.toThrow('chmod 600');
  });
});

describe('SecretKeys', () => {
  it('gives each purpose a key of its own', () => {
    const keys = new SecretKeys(Buffer.alloc(32, 1));
    expect(keys.derive('tokens')).toHaveLength(32);
    expect(keys.derive('tokens')).toEqual(keys.derive('tokens'));
    expect(keys.derive('tokens')).not.toEqual(keys.derive('links'));
    expect(keys.derive('tokens')).not.toEqual(new SecretKeys(Buffer.alloc(32, 2)).derive('tokens'));
  });

  it('does not show the secret when it is printed', () => {
    const keys = new SecretKeys(Buffer.from('k'.repeat(32)));
    expect(JSON.stringify(keys)).toBe('{}');
  });
});
