import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from './settings.mjs';
import { SetupError } from './setup-error.mjs';

describe('the settings of set-up', () => {
  /** @type {string} */
  let root;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'settings-'));
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it('have defaults', () => {
    expect(readSettings(root, {})).toEqual({
      pythonEnvironment: join(root, '.venv'),
      extraRequirements: { specifiers: [], file: null, text: '' },
      sandbox: true,
      remoteEngine: false,
    });
  });

  it('come from .env, over which the environment wins, also with an empty value', () => {
    writeFileSync(join(root, '.env'), 'PYTHON_ENVIRONMENT=/srv/python # ours\nSANDBOX="off"\n');
    expect(readSettings(root, {})).toMatchObject({ pythonEnvironment: '/srv/python', sandbox: false });
    expect(readSettings(root, { PYTHON_ENVIRONMENT: 'env', SANDBOX: '' })).toMatchObject({
      pythonEnvironment: join(root, 'env'),
      sandbox: true,
    });
  });

  it('tell that another server runs the kernels', () => {
    expect(readSettings(root, { JUPYTER_URL: 'http://jupyter:8888' }).remoteEngine).toBe(true);
  });

  it('take more packages one by one', () => {
    const { extraRequirements } = readSettings(root, { EXTRA_REQUIREMENTS: ' polars  duckdb>=1.2,<2 ' });
    expect(extraRequirements.specifiers).toEqual(['polars', 'duckdb>=1.2,<2']);
  });

  it('take more packages from a file, whose content counts', () => {
    writeFileSync(join(root, 'more.txt'), 'polars\n');
    expect(readSettings(root, { EXTRA_REQUIREMENTS: 'more.txt' }).extraRequirements).toEqual({
      specifiers: [],
      file: join(root, 'more.txt'),
      text: 'polars\n',
    });
  });

  it.each(['./absent.txt', '--index-url=http://x polars', '/etc/absent'])(
    'refuse %s as packages',
    (value) => {
      expect(() => readSettings(root, { EXTRA_REQUIREMENTS: value })).toThrow(SetupError);
    },
  );
});
