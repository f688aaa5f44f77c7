/**
 * The parts of Postgres' frontend/backend protocol, version 3, that stand between a `pg` client and PGlite.
 * Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */

/** `I` idle, `T` in a transaction, `E` in a transaction that failed. */
export type TransactionStatus = 'I' | 'T' | 'E';

/**
 * What a client wants done at once. `request` holds whole messages up to one that asks for an answer, so that
 * an extended query (Parse, Bind, Describe, Execute, Sync) crosses to the backend in one piece.
 */
export type Demand =
  { kind: 'startup' } | { kind: 'terminate' } | { kind: 'request'; bytes: Buffer; endsInReady: boolean };

const LENGTH_BYTES = 4;
const [QUERY, SYNC, TERMINATE] = codesOf('QSX');
/** Parse, Bind, Describe, Execute, Close: answered together when Sync or Flush follows. */
const GATHERED = new Set(codesOf('PBDEC'));
const [READY_FOR_QUERY, ERROR_RESPONSE] = codesOf('ZE');

/** Splits what a client writes into demands; keeps what is not complete yet. */
export class DemandReader {
  private rest: Buffer = Buffer.alloc(0);
  private gathered: Buffer[] = [];
  private started = false;

  read(chunk: Buffer): Demand[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const demands: Demand[] = [];
    for (let message = this.takeMessage(); message !== null; message = this.takeMessage()) {
      const demand = this.accept(message);
      if (demand !== null) demands.push(demand);
    }
    return demands;
  }

  private takeMessage(): Buffer | null {
    // The startup message alone has no type byte.
    const typeBytes = this.started ? 1 : 0;
    if (this.rest.length < typeBytes + LENGTH_BYTES) return null;
    const length = typeBytes + this.rest.readInt32BE(typeBytes);
    if (this.rest.length < length) return null;
    const message = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return message;
  }

  private accept(message: Buffer): Demand | null {
    if (!this.started) {
      this.started = true;
      return { kind: 'startup' };
    }
    const [type = 0] = message;
    if (type === TERMINATE) return { kind: 'terminate' };
    this.gathered.push(message);
    if (GATHERED.has(type)) return null;
    const bytes = Buffer.concat(this.gathered);
    this.gathered = [];
    return { kind: 'request', bytes, endsInReady: type === QUERY || type === SYNC };
  }
}

/** The transaction status that the last ReadyForQuery of an answer tells; null when it holds none. */
export function lastStatus(answer: Buffer): TransactionStatus | null {
  let status: TransactionStatus | null = null;
  for (const { type, body } of messagesOf(answer)) {
    if (type === READY_FOR_QUERY) status = String.fromCharCode(body[0] ?? 0) as TransactionStatus;
  }
  return status;
}

/** Whether an answer holds an error after which the backend is no more, as when it cannot write its log. */
export function holdsLastWord(answer: Buffer): boolean {
  for (const { type, body } of messagesOf(answer)) {
    if (type === ERROR_RESPONSE && (body.includes('VPANIC\0') || body.includes('VFATAL\0'))) return true;
  }
  return false;
}

function* messagesOf(answer: Buffer): Generator<{ type: number; body: Buffer }> {
  let at = 0;
  while (at + 1 + LENGTH_BYTES <= answer.length) {
    const end = at + 1 + answer.readInt32BE(at + 1);
    yield { type: answer.readUInt8(at), body: answer.subarray(at + 1 + LENGTH_BYTES, end) };
    at = end;
  }
}

/** A simple query. */
export function query(sql: string): Buffer {
  return message('Q', `${sql}\0`);
}

/** The first message of a connection to PGlite's only database. */
export function startup(): Buffer {
  const protocolVersion = Buffer.from([0, 3, 0, 0]);
  const body = Buffer.concat([protocolVersion, Buffer.from('user\0postgres\0database\0postgres\0\0')]);
  return withLength(body);
}

/** An error of the backend, after which the client may go on with another query. */
export function errorThenReady(sqlState: string, text: string): Buffer {
  return Buffer.concat([
    message('E', `SERROR\0VERROR\0C${sqlState}\0M${text}\0\0`),
    message('Z', 'I' satisfies TransactionStatus),
  ]);
}

function message(type: string, body: string): Buffer {
  return Buffer.concat([Buffer.from(type), withLength(Buffer.from(body))]);
}

function withLength(body: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(body.length + LENGTH_BYTES);
  return Buffer.concat([length, body]);
}

function codesOf(letters: string): number[] {
  return [...Buffer.from(letters)];
}
