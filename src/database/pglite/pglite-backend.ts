import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BackendData, BackendReply, BackendWork } from './backend-messages.js';
import { startup } from './wire.js';

/** The embedded database ended or does not answer; what was not committed is rolled back by its next start. */
export class BackendLost extends Error {
  constructor(
    readonly reason: string,
    /** SQLSTATE; a lost connection unless said. */
    readonly code = '08006',
  ) {
    super(`The embedded database was lost: ${reason}.`);
    this.name = BackendLost.name;
  }
}

interface Call {
  resolve: (bytes: Buffer) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

const DISK_FULL = '53100';
/** Postgres allocates its log in segments of this size, and cannot recover without. */
const LEAST_SPACE = 16 * 1024 ** 2;
/** The worker's first message, that the database is open, is no answer to a request. */
const FIRST_ID = 0;

/** One life of the worker thread. */
interface Life {
  worker: Worker;
  calls: Map<number, Call>;
  /** What a new connection is greeted with; resolves when the database is open. */
  greeting: Promise<Buffer>;
}

export interface BackendOptions extends BackendData {
  /** Milliseconds that opening may take; the very first start makes the files of the database. */
  openDeadline: number;
}

/**
 * PGlite in a worker thread, because a heavy query in the service's own thread would stop every request for
 * as long. Statements cannot be cancelled in it: one that takes too long costs the worker its life, and all
 * connections with it, as a crash of Postgres does; the next connection starts it again.
 */
export class PgliteBackend {
  private life: Life | null = null;
  private lastId = FIRST_ID;
  private readonly lossListeners = new Set<(error: BackendLost) => void>();

  constructor(private readonly options: BackendOptions) {}

  /** Opens the database unless it is open, and gives the bytes that greet a new connection. */
  async greeting(): Promise<Buffer> {
    this.life ??= this.start();
    return await this.life.greeting;
  }

  /**
   * Sends messages of the protocol and gives the answer. Without one after `deadline` ms the database is
   * started anew, and lost for all connections.
   * @throws BackendLost
   */
  async request(bytes: Buffer, deadline: number): Promise<Buffer> {
    if (this.life === null) throw new BackendLost('it is not open');
    return await this.call(this.life, { kind: 'request', bytes: new Uint8Array(bytes) }, deadline);
  }

  /** Gives up a backend that broke down in the middle of an answer; the next connection starts another. */
  async abandon(): Promise<void> {
    if (this.life !== null) await this.end(this.life, new BackendLost('it broke down'));
  }

  /** Closes the database; whoever still waits for an answer gets BackendLost. */
  async close(): Promise<void> {
    const { life } = this;
    if (life === null) return;
    try {
      await life.greeting;
      await this.call(life, { kind: 'close' }, this.options.openDeadline);
    } finally {
      await this.end(life, new BackendLost('it was closed'));
    }
  }

  /** Calls back when connections must not be used any longer; gives the function that takes the wish back. */
  onLost(listener: (error: BackendLost) => void): () => void {
    this.lossListeners.add(listener);
    return () => this.lossListeners.delete(listener);
  }

  private start(): Life {
    const { directory, openDeadline } = this.options;
    const workerData: BackendData = { directory };
    const worker = new Worker(new URL('./backend-worker.js', import.meta.url), { workerData });
    const calls: Life['calls'] = new Map();
    const opened = expectReply(
      calls,
      FIRST_ID,
      openDeadline,
      () => void this.end(life, new BackendLost('it did not open in time')),
    );
    const greeting = opened
      .then(() => this.call(life, { kind: 'request', bytes: new Uint8Array(startup()) }, openDeadline))
      .catch((error: unknown) => {
        throw isDiskFull(directory) ? new BackendLost('its disk is full', DISK_FULL) : error;
      });
    const life: Life = { worker, calls, greeting };
    // The failure reaches whoever connects; nobody may be waiting any more, and then it is no crash.
    greeting.catch((error: unknown) => this.end(life, lossOf(error)));
    worker.on('message', (reply: BackendReply) => settle(calls, reply));
    worker.on('error', (error: unknown) => void this.end(life, lossOf(error)));
    worker.on('exit', () => void this.end(life, new BackendLost('its thread ended')));
    return life;
  }

  private call(life: Life, work: BackendWork, deadline: number): Promise<Buffer> {
    const id = ++this.lastId;
    const reply = expectReply(
      life.calls,
      id,
      deadline,
      () => void this.end(life, new BackendLost('it did not answer in time')),
    );
    life.worker.postMessage(
      { id, ...work },
      work.kind === 'request' ? [work.bytes.buffer as ArrayBuffer] : [],
    );
    return reply;
  }

  private async end(life: Life, lost: BackendLost): Promise<void> {
    if (this.life === life) {
      this.life = null;
      for (const call of life.calls.values()) {
        clearTimeout(call.timer);
        call.reject(lost);
      }
      life.calls.clear();
      for (const listener of [...this.lossListeners]) listener(lost);
    }
    await life.worker.terminate();
  }
}

function expectReply(
  calls: Life['calls'],
  id: number,
  deadline: number,
  onLate: () => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    calls.set(id, { resolve, reject, timer: setTimeout(onLate, deadline) });
  });
}

function settle(calls: Life['calls'], reply: BackendReply): void {
  const call = calls.get(reply.id);
  if (call === undefined) return;
  calls.delete(reply.id);
  clearTimeout(call.timer);
  if ('error' in reply) call.reject(new BackendLost(reply.error));
  else call.resolve(Buffer.from(reply.bytes.buffer, reply.bytes.byteOffset, reply.bytes.byteLength));
}

function lossOf(error: unknown): BackendLost {
  if (error instanceof BackendLost) return error;
  return new BackendLost(error instanceof Error ? error.message : String(error));
}

/** PGlite does not tell why it cannot open. */
function isDiskFull(directory: string | null): boolean {
  if (directory === null) return false;
  const { bavail, bsize } = statfsSync(dirname(directory));
  return bavail * bsize < LEAST_SPACE;
}
