import { DataSource, type DataSourceOptions } from 'typeorm';
import { SelfClosingClient } from './self-closing-client.js';
import type { Deadlines } from './deadlines.js';
import { ENTITIES } from './entities.js';
import { MIGRATIONS } from './migrations/index.js';
import { type Gate } from './pglite/gate.js';
import type { PgliteBackend } from './pglite/pglite-backend.js';
import { PgliteStream } from './pglite/pglite-stream.js';

export interface DataSourceSettings {
  poolSize: number;
  deadlines: Deadlines;
  /** Hears of idle connections that broke; their places are taken by new ones. */
  onPoolError: (error: Error) => void;
}

/** Where the database lives: a Postgres server, or PGlite in this process. */
export type Home = { url: string } | { backend: PgliteBackend; gate: Gate };

/** The same entities, migrations and client for both homes. */
export function dataSourceOptions(home: Home, settings: DataSourceSettings): DataSourceOptions {
  const { poolSize, deadlines, onPoolError } = settings;
  return {
    type: 'postgres',
    entities: ENTITIES,
    migrations: MIGRATIONS,
    synchronize: false,
    // Ids are made here (`newId`): no extension is needed.
    installExtensions: false,
    applicationName: 'mntdata',
    logging: false,
    poolSize,
    connectTimeoutMS: deadlines.connect,
    poolErrorHandler: onPoolError,
    ...addressOf(home, deadlines),
  };
}

/** A data source that owns what its database lives in, and gives it back after its last connection. */
export class OwningDataSource extends DataSource {
  constructor(
    options: DataSourceOptions,
    private readonly giveBack: () => Promise<void>,
  ) {
    super(options);
  }

  override async destroy(): Promise<void> {
    try {
      await super.destroy();
    } finally {
      await this.giveBack();
    }
  }
}

function addressOf(home: Home, deadlines: Deadlines) {
  const client = {
    Client: SelfClosingClient,
    query_timeout: deadlines.answer,
    statement_timeout: deadlines.statement,
    idle_in_transaction_session_timeout: deadlines.idleInTransaction,
  };
  if ('url' in home) return { url: home.url, extra: { ...client, keepAlive: true } };
  const stream = () => new PgliteStream(home.backend, home.gate, deadlines);
  return { host: 'embedded', username: 'postgres', database: 'postgres', extra: { ...client, stream } };
}
