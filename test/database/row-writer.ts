import { openDatabase } from '../../src/database/index.js';

// Program of its own, to be killed: opens the embedded database of a directory, tells so, and then the number
// of each row that is committed.
const directory = process.argv[2] ?? '';
const dataSource = await openDatabase({ url: null, directory, poolSize: 3, warn: () => undefined });
await dataSource.query('CREATE TABLE IF NOT EXISTS counters (id integer PRIMARY KEY)');
process.stdout.write('open\n');
for (let id = 1; ; id++) {
  await dataSource.transaction((manager) => manager.query('INSERT INTO counters VALUES ($1)', [id]));
  process.stdout.write(`${String(id)}\n`);
}
