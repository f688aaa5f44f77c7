import pg from 'pg';

/** Severities of an error that the connection does not survive. */
const LAST_WORDS = ['FATAL', 'PANIC'];

/**
 * A `pg` client that closes itself with the query that shows that its connection is of no use any more: no
 * answer came in time (`query_timeout`), or the server's last word came. The stock client gives the caller an
 * error and is back in the pool before the socket ends: the next caller would wait, or fail, as well.
 */
export class SelfClosingClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // eslint-disable-next-line @typescript-eslint/unbound-method -- the proxy passes `this` on
    this.query = new Proxy(this.query, {
      apply: (query, self, args): unknown => {
        const outcome: unknown = Reflect.apply(query, self, args);
        if (outcome instanceof Promise) outcome.catch((error: unknown) => this.closeAfter(error));
        return outcome;
      },
    });
  }

  private async closeAfter(error: unknown): Promise<void> {
    const fatal = error instanceof pg.DatabaseError && LAST_WORDS.includes(error.severity ?? '');
    const late = error instanceof Error && error.message === 'Query read timeout';
    if (fatal || late) await this.end();
  }
}
