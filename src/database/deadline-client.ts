import pg from 'pg';

/**
 * A `pg` client that is closed when a query got no answer in time (`query_timeout`). The stock client only
 * gives the caller an error and then waits on: back in the pool it would make the next caller wait as well.
 */
export class DeadlineClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // eslint-disable-next-line @typescript-eslint/unbound-method -- the proxy passes `this` on
    this.query = new Proxy(this.query, {
      apply: (query, self, args): unknown => {
        const outcome: unknown = Reflect.apply(query, self, args);
        if (outcome instanceof Promise) outcome.catch((error: unknown) => this.closeIfLate(error));
        return outcome;
      },
    });
  }

  private async closeIfLate(error: unknown): Promise<void> {
    if (error instanceof Error && error.message === 'Query read timeout') await this.end();
  }
}
