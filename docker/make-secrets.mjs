import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `node make-secrets.mjs <for the API> <for the database> <for the engine>`: makes the secrets that the containers of
 * compose.yaml share, unless they are there. Each gets a directory of its own, with what it needs and no more.
 */
const [api = '', database = '', engine = ''] = process.argv.slice(2);
const password = secret();
const token = secret();
const last = join(api, 'DATABASE_URL');

if (!existsSync(last)) {
  put(join(database, 'POSTGRES_PASSWORD'), password);
  put(join(engine, 'JUPYTER_TOKEN'), token);
  put(join(api, 'JUPYTER_TOKEN'), token);
  // While it is missing, all are made anew, so that they agree whatever was cut short.
  put(last, `postgres://mntdata:${password}@database:5432/mntdata`);
}

function secret() {
  return randomBytes(32).toString('hex');
}

/**
 * Whole or not at all. Postgres reads it as a user that we do not know.
 * @param {string} file
 * @param {string} content
 */
function put(file, content) {
  const unfinished = `${file}.${secret()}`;
  writeFileSync(unfinished, content, { mode: 0o444 });
  renameSync(unfinished, file);
}
