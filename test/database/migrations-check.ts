import { openDatabase } from '../../src/database/index.js';
import { aDatabase } from '../support/a-database.js';
import { differences, leftovers } from './migrations.js';

// Program: `npm run migrations:check` proves on an empty database that the migrations give what the entities
// say, and can be undone; embedded, and on the server that TEST_DATABASE_URL names.
const servers = [
  null,
  ...(process.env.TEST_DATABASE_URL === undefined ? [] : [process.env.TEST_DATABASE_URL]),
];
for (const server of servers) {
  const place = server === null ? 'embedded' : 'server';
  const complaints = await check(server);
  process.stdout.write(
    `${place}: ${complaints.length === 0 ? 'migrations and entities agree' : 'they differ'}\n`,
  );
  if (complaints.length > 0) {
    process.stderr.write(`${complaints.join('\n')}\n`);
    process.exitCode = 1;
  }
}

async function check(server: string | null): Promise<string[]> {
  const home = await aDatabase(server);
  try {
    const dataSource = await openDatabase({ ...home, poolSize: 2, warn: () => undefined });
    try {
      const left = await leftovers(dataSource);
      return [...left.map((line) => `undoing leaves: ${line}`), ...(await differences(dataSource))];
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await home.remove();
  }
}
