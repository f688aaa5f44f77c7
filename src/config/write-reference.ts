import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-root.js';
import { configurationPage, envExample } from './reference.js';

// Program: writes the two files that follow from the table of settings. A spec fails while they differ.
writeFileSync(join(PROJECT_ROOT, '.env.example'), envExample());
writeFileSync(join(PROJECT_ROOT, 'docs/configuration.md'), configurationPage());
