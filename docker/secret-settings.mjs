import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Settings from files, as Docker and Kubernetes hand out secrets: a file named like a setting holds its value. They
 * then stand in no description of the container, which an environment does.
 * @param {string} directory need not exist
 * @returns {Record<string, string>}
 */
export function secretSettings(directory) {
  return Object.fromEntries(
    names(directory)
      .filter((name) => /^[A-Z][A-Z0-9_]*$/.test(name) && statSync(join(directory, name)).isFile())
      .map((name) => [name, readFileSync(join(directory, name), 'utf8').trim()]),
  );
}

/** @param {string} directory */
function names(directory) {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
