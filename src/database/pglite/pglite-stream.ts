import { Duplex } from 'node:stream';
import type { Deadlines } from '../deadlines.js';
import { GateTimeout, type Gate } from './gate.js';
import type { PgliteBackend } from './pglite-backend.js';
import {
  DemandReader,
  errorThenReady,
  holdsLastWord,
  lastStatus,
  query,
  type Demand,
  type TransactionStatus,
} from './wire.js';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * One connection of a `pg` client to PGlite: takes the place of the client's socket (option `stream`). It
 * owns the backend from a request until its transaction has ended; a request that does not get the backend
 * in time fails with an error of the protocol, and the connection stays usable.
 */
export class PgliteStream extends Duplex {
  private readonly reader = new DemandReader();
  private readonly stopListening: () => void;
  private status: TransactionStatus = 'I';
  private working: Promise<void> = Promise.resolve();
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly backend: PgliteBackend,
    private readonly gate: Gate,
    private readonly deadlines: Deadlines,
  ) {
    super({ allowHalfOpen: false });
    this.stopListening = backend.onLost((error) => this.destroy(error));
  }

  // What a client calls on its socket.
  connect(): this {
    this.backend.greeting().then(
      () => this.emit('connect'),
      (error: unknown) => this.destroy(error as Error),
    );
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {
    // Answers are pushed when they come; a client has at most one request under way.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    clearTimeout(this.idleTimer);
    this.working = this.serve(this.reader.read(chunk));
    this.working.then(() => {
      callback();
    }, callback);
  }

  override _final(callback: () => void): void {
    this.push(null);
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.idleTimer);
    this.stopListening();
    this.gate.withdraw(this);
    // What is under way ends first: a rollback in the middle of it would be of no use.
    void this.working
      .catch(() => undefined)
      .then(() => this.giveBack())
      .finally(() => {
        callback(error);
      });
  }

  private async serve(demands: readonly Demand[]): Promise<void> {
    for (const demand of demands) {
      if (demand.kind === 'startup') this.push(await this.backend.greeting());
      else if (demand.kind === 'terminate') await this.giveBack();
      else await this.answer(demand.bytes, demand.endsInReady);
    }
    if (this.status !== 'I') this.watchIdleTransaction();
  }

  private async answer(request: Buffer, endsInReady: boolean): Promise<void> {
    try {
      await this.gate.enter(this, this.deadlines.turn);
    } catch (error) {
      if (!(error instanceof GateTimeout) || !endsInReady) throw error;
      this.push(errorThenReady(LOCK_NOT_AVAILABLE, sentenceOf(error)));
      return;
    }
    const answer = await this.backend.request(request, this.deadlines.statement);
    const status = lastStatus(answer);
    this.status = status ?? this.status;
    if (this.status === 'I') this.gate.leave(this);
    this.push(answer);
    if (holdsLastWord(answer) || (endsInReady && status === null)) await this.backend.abandon();
  }

  private watchIdleTransaction(): void {
    const { idleInTransaction } = this.deadlines;
    this.idleTimer = setTimeout(() => {
      this.destroy(
        new Error(
          `The connection was closed: nothing happened in its transaction for ${seconds(idleInTransaction)}.`,
        ),
      );
    }, idleInTransaction);
  }

  private async giveBack(): Promise<void> {
    try {
      if (this.gate.owns(this) && this.status !== 'I') {
        await this.backend.request(query('ROLLBACK'), this.deadlines.statement);
      }
    } catch {
      // The backend is lost, and the transaction with it.
    } finally {
      this.status = 'I';
      this.gate.leave(this);
    }
  }
}

function sentenceOf({ waitedMs }: GateTimeout): string {
  return (
    `the embedded database was busy with another connection's transaction for ${seconds(waitedMs)}; ` +
    'inside a transaction use only its own entity manager'
  );
}

function seconds(ms: number): string {
  return `${String(ms / 1000)} s`;
}
