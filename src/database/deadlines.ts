/** How long parts of a query may take, in milliseconds. */
export interface Deadlines {
  /** Getting a connection: a free one of the pool, or a new one. */
  connect: number;
  /** One statement, by the clock of the server. */
  statement: number;
  /** One statement, by the clock of the client; longer, so that the server's clear error comes first. */
  answer: number;
  /**
   * A transaction in which nothing happens; shorter than a statement, so that whoever waits for the locks of a process
   * that is suspended gets them instead of an error.
   */
  idleInTransaction: number;
  /** Embedded database: a request that waits for another connection's transaction to end. */
  turn: number;
  /** Embedded database: opening it; the very first start makes its files. */
  open: number;
}

export const DEADLINES: Deadlines = {
  connect: 10_000,
  statement: 30_000,
  answer: 35_000,
  idleInTransaction: 20_000,
  turn: 15_000,
  open: 120_000,
};

/** A migration may rewrite a large table, or wait for another process that runs it. */
export const MIGRATION_DEADLINES: Deadlines = { ...DEADLINES, statement: 600_000, answer: 605_000 };
