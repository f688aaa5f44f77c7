import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-root.js';
import { configurationPage, envExample } from './reference.js';
import type { SettingGroup } from './setting.js';
import { SETTINGS } from './settings/index.js';

const example = readFileSync(join(PROJECT_ROOT, '.env.example'), 'utf8');
const all = Object.values<SettingGroup>(SETTINGS).flatMap((group) => Object.values(group));

describe('.env.example', () => {
  it('holds exactly the keys of the table with their defaults', () => {
    const inFile = [...example.matchAll(/^#([A-Z0-9_]+)=(.*)$/gm)].map(([, key, value]) => [key, value]);
    const inTable = all.map(({ key, fallback }) => [key, fallback.from === 'text' ? fallback.text : '']);
    expect(inFile).toEqual(inTable);
  });

  it('tells the unit of every number', () => {
    const withUnit = all.filter(({ kind }) => kind.unit !== null);
    for (const { key, kind } of withUnit) {
      const comment = new RegExp(`((?:^# .*\\n)+)#${key}=`, 'm').exec(example)?.[1] ?? '';
      expect(comment.replaceAll('\n# ', ' ')).toContain(`Unit: ${kind.unit ?? ''}.`);
    }
    expect(withUnit.length).toBeGreaterThan(20);
  });

  it('is what the table says (npm run config:reference writes it)', () => {
    expect(example).toBe(envExample());
  });
});

describe('docs/configuration.md', () => {
  it('is what the table says (npm run config:reference writes it)', () => {
    expect(readFileSync(join(PROJECT_ROOT, 'docs/configuration.md'), 'utf8')).toBe(configurationPage());
  });
});

describe('the table', () => {
  it('has each key once', () => {
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
  });

  it('has a sentence for each key', () => {
    for (const { doc } of all) expect(doc).toMatch(/^[A-Z].*\.$/);
  });
});
