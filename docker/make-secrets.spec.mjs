import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('make-secrets.mjs', import.meta.url));

describe('the secrets of compose.yaml', () => {
  /** @type {string} */
  let directory;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mntdata-secrets-'));
    for (const name of ['api', 'database', 'engine']) mkdirSync(join(directory, name));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  /** @param {string[]} path */
  const read = (...path) => readFileSync(join(directory, ...path), 'utf8');

  function make() {
    execFileSync(process.execPath, [
      program,
      ...['api', 'database', 'engine'].map((name) => join(directory, name)),
    ]);
    return {
      url: read('api', 'DATABASE_URL'),
      tokens: [read('api', 'JUPYTER_TOKEN'), read('engine', 'JUPYTER_TOKEN')],
      password: read('database', 'POSTGRES_PASSWORD'),
    };
  }

  it('agree, and stay as they are', () => {
    const made = make();
    expect(made.password).toMatch(/^[0-9a-f]{64}$/);
    expect(made.url).toBe(`postgres://mntdata:${made.password}@database:5432/mntdata`);
    expect(made.tokens[0]).toBe(made.tokens[1]);
    expect(made.tokens[0]).not.toBe(made.password);
    expect(make()).toEqual(made);
  });

  it('agree also after they were cut short', () => {
    const before = make();
    rmSync(join(directory, 'api', 'DATABASE_URL'));
    const after = make();
    expect(after.password).not.toBe(before.password);
    expect(after.url).toContain(after.password);
    expect(after.tokens[0]).toBe(after.tokens[1]);
  });

  it('can be read by a user that we do not know, and changed by nobody', () => {
    make();
    expect(statSync(join(directory, 'database', 'POSTGRES_PASSWORD')).mode & 0o777).toBe(0o444);
  });
});
