import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDataDirectory } from './data-directory.js';

describe('prepareDataDirectory', () => {
  let parent: string;
  let directory: string;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'mntdata-format-'));
    directory = join(parent, 'deep', 'data');
  });
  afterEach(() => {
    rmSync(parent, { recursive: true });
  });

  it('makes a new one for us alone, with its format', () => {
    prepareDataDirectory(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(directory)).toEqual(['format']);
    expect(readFileSync(join(directory, 'format'), 'utf8')).toBe('1\n');
  });

  it('takes one of its own format again', () => {
    prepareDataDirectory(directory);
    expect(() => {
      prepareDataDirectory(directory);
    }).not.toThrow();
  });

  it('takes one without a format as new', () => {
    prepareDataDirectory(directory);
    rmSync(join(directory, 'format'));
    prepareDataDirectory(directory);
    expect(readFileSync(join(directory, 'format'), 'utf8')).toBe('1\n');
  });

  it('refuses a newer format and says what to do', () => {
    prepareDataDirectory(directory);
    writeFileSync(join(directory, 'format'), '2\n');
    expect(() => {
      prepareDataDirectory(directory);
    }).toThrow(/format 2, .* up to 1: start the newer version/);
    expect(readFileSync(join(directory, 'format'), 'utf8')).toBe('2\n');
  });

  it('refuses what is no number', () => {
    prepareDataDirectory(directory);
    writeFileSync(join(directory, 'format'), 'PNG');
    expect(() => {
      prepareDataDirectory(directory);
    }).toThrow(/holds no number/);
  });

  it('that cannot be made is told in a sentence of the start', () => {
    const file = join(parent, 'a-file');
    writeFileSync(file, '');
    expect(() => {
      prepareDataDirectory(join(file, 'data'));
    }).toThrow(
      expect.objectContaining({
        name: 'StartError',
        message: expect.stringMatching(/data cannot be used .*ENOTDIR.*DATA_DIR/),
      }),
    );
  });
});
