import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Settings from files, as Docker and Kubernetes hand out secrets: a file named like a setting holds its value. They
 * then stand in no description of the container, which an environment does.
 * @param {string} directory need not exist
 * @returns {Record<string, string>}
 */
export function secretSettings(directory) {
  if (!existsSync(directory)) return {};
  return Object.fromEntries(
    readdirSync(directory)
      .filter((name) => /^[A-Z][A-Z0-9_]*$/.test(name) && statSync(join(directory, name)).isFile())
      .map((name) => [name, readFileSync(join(directory, name), 'utf8').trim()]),
  );
}
