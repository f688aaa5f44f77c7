import { join } from 'node:path';
import { DataSource, type Logger } from 'typeorm';
import { loadConfig } from '../../src/config/index.js';
import { startService, type Service } from '../../src/service.js';
import { aToken } from '../ownership/attackers.js';
import { aDatabase, type TestDatabase } from '../support/a-database.js';
import { SECRET } from '../support/a-service.js';
import { ApiClient } from '../support/api-client.js';

/** Hears every statement that goes to the database. */
class Statements implements Logger {
  private heard: string[] = [];

  logQuery(query: string): void {
    this.heard.push(query.trim());
  }

  /** Those since the last call, by their first table. */
  take(): string[] {
    const taken = this.heard.map((query) => /(?:INTO|UPDATE|FROM) "?(\w+)/.exec(query)?.[1] ?? query);
    this.heard = [];
    return taken;
  }

  logQueryError(): void {
    // A failed statement was heard when it was sent.
  }

  logQuerySlow(): void {
    // As above.
  }

  logSchemaBuild(): void {
    // Migrations ran before.
  }

  logMigration(): void {
    // As above.
  }

  log(): void {
    // Nothing of a run.
  }
}

describe('the database on the way of a run', () => {
  let database: TestDatabase;
  let service: Service;
  let alice: ApiClient;
  const statements = new Statements();

  beforeAll(async () => {
    database = await aDatabase(null);
    const config = loadConfig({
      env: {
        DATA_DIR: join(database.directory, '..'),
        PORT: '0',
        AUTH_JWT_SECRET: SECRET,
        // Renewals would be heard among the statements of runs.
        LEASE_SECONDS: '600',
      },
      file: null,
      warn: () => undefined,
    });
    service = await startService(config);
    alice = new ApiClient(service.url, `Bearer ${await aToken('alice', SECRET)}`);
    service.app.get(DataSource).logger = statements;
  });

  afterAll(async () => {
    await service.app.close();
    await database.remove();
  });

  it('is crossed once before the code and once after it, in a new message and in a live workspace', async () => {
    for (const kernel of ['new', 'kept', 'kept']) {
      statements.take();
      const execution = await alice.run('print(1)', { message_id: 'live' });
      expect(execution).toMatchObject({ kernel, stdout: '1\n' });
      expect(statements.take()).toEqual(['workspaces', 'workspaces']);
    }
  });

  it('tells from memory what it holds', async () => {
    const fields = { message_id: 'files', links: 60 };
    const code = "open('b.txt', 'w').write('b'); open('a.txt', 'w').write('a')";
    const told = await alice.run(code, fields);
    expect(told.files.map((file) => file.name)).toEqual(['a.txt', 'b.txt']);
    const { body: stored } = await alice.get(`/executions/${told.id}?links=60`);
    const link = expect.any(String) as string;
    expect(stored).toEqual({ ...told, files: told.files.map((file) => ({ ...file, link })) });
  });
});
