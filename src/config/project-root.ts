import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The directory of `package.json`: sources and builds lie at different depths below it. */
export const PROJECT_ROOT = directoryWithPackage(import.meta.dirname);

function directoryWithPackage(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error(`No directory above ${import.meta.dirname} has a package.json.`);
  return directoryWithPackage(parent);
}
