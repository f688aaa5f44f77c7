import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretSettings } from './secret-settings.mjs';

describe('settings from files', () => {
  /** @type {string} */
  let directory;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mntdata-secrets-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('are the files that are named like one, without the newline that editors leave', () => {
    writeFileSync(join(directory, 'JUPYTER_TOKEN'), 'secret\n');
    writeFileSync(join(directory, 'tls.key'), 'no setting');
    mkdirSync(join(directory, 'SECRET_KEY'));
    expect(secretSettings(directory)).toEqual({ JUPYTER_TOKEN: 'secret' });
  });

  it('are found through the links that Kubernetes makes', () => {
    mkdirSync(join(directory, '..data'));
    writeFileSync(join(directory, '..data', 'SECRET_KEY'), 'secret');
    symlinkSync(join('..data', 'SECRET_KEY'), join(directory, 'SECRET_KEY'));
    expect(secretSettings(directory)).toEqual({ SECRET_KEY: 'secret' });
  });

  it('are none where there is no such directory', () => {
    expect(secretSettings(join(directory, 'absent'))).toEqual({});
  });
});
