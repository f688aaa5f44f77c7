import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { type AppConfig } from './app-config.js';
import { BadValue } from './bad-value.js';
import { ConfigurationError } from './configuration.error.js';
import { contradictions, withoutEffect } from './consistency.js';
import { thisMachine, type Machine } from './machine.js';
import { PROJECT_ROOT } from './project-root.js';
import type { Setting, SettingGroup } from './setting.js';
import { SETTINGS } from './settings/index.js';
import { likelyMeant } from './typos.js';

export interface ConfigSources {
  /** The environment; it wins over the file, also with an empty value (which means "not set"). */
  env?: Readonly<Record<string, string | undefined>>;
  /** The file in dotenv's format; null reads none, and one that does not exist counts as empty. */
  file?: string | null;
  /** Takes sentences about probable mistakes that do not stop the start. */
  warn?: (sentence: string) => void;
  machine?: Machine;
}

/**
 * Reads, checks and freezes the configuration.
 * @throws ConfigurationError naming every bad key; values of secrets are never shown
 */
export function loadConfig({
  env = process.env,
  file = join(PROJECT_ROOT, '.env'),
  warn = toStderr,
  machine = thisMachine(),
}: ConfigSources = {}): AppConfig {
  const given = { ...readFile(file), ...definedOf(env) };
  const problems: string[] = [];
  const config = readAll(given, machine, problems);
  // Contradictions between values that could not be read would only confuse.
  if (problems.length === 0) problems.push(...contradictions(config));
  for (const sentence of [...typosIn(given), ...(problems.length === 0 ? withoutEffect(config) : [])]) {
    warn(sentence);
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return deepFreeze(config);
}

function readFile(file: string | null): Record<string, string> {
  if (file === null || !existsSync(file)) return {};
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigurationError([`${file} cannot be read: ${(cause as Error).message}`]);
  }
}

function definedOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function readAll(given: Readonly<Record<string, string>>, machine: Machine, problems: string[]): AppConfig {
  const groups = Object.entries<SettingGroup>(SETTINGS).map(([group, settings]) => {
    const values = Object.entries(settings).map(([property, one]) => [
      property,
      readOne(one, given, machine, problems),
    ]);
    return [group, Object.fromEntries(values) as unknown];
  });
  // The table gives each property its type; going through entries loses it.
  return Object.fromEntries(groups) as AppConfig;
}

function readOne<T>(
  { key, kind, fallback }: Setting<T>,
  given: Readonly<Record<string, string>>,
  machine: Machine,
  problems: string[],
): T | undefined {
  const raw = given[key]?.trim() ?? '';
  if (raw === '' && fallback.from === 'absence') return fallback.value;
  if (raw === '' && fallback.from === 'machine') return fallback.derive(machine);
  try {
    return kind.parse(raw === '' && fallback.from === 'text' ? fallback.text : raw);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    const subject = kind.secret ? `${key} (its value is not shown)` : `${key}=${quote(raw)}`;
    problems.push(`${subject} ${error.message}; expected ${kind.expects}.`);
    return undefined;
  }
}

function quote(raw: string): string {
  return JSON.stringify(raw.length > 100 ? `${raw.slice(0, 100)}…` : raw);
}

function typosIn(given: Readonly<Record<string, string>>): string[] {
  const keys = Object.values<SettingGroup>(SETTINGS).flatMap((group) =>
    Object.values(group).map(({ key }) => key),
  );
  return Object.keys(given)
    .filter((name) => !keys.includes(name))
    .flatMap((name) => {
      const meant = likelyMeant(name, keys);
      return meant === null
        ? []
        : [`${name} is no setting of this service and has no effect; did you mean ${meant}?`];
    });
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value) as unknown[]) {
    if (typeof part === 'object' && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
}

function toStderr(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
