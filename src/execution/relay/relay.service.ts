import { Injectable } from '@nestjs/common';
import { InstanceService } from '../../instance/index.js';
import { SseReader } from '../events/sse-reader.js';
import type { EventWriter } from '../events/sse-writer.js';
import type { ExecutionDto } from '../execution.dto.js';
import type { Execution } from '../execution.entity.js';
import { isFinal } from '../executions.service.js';
import { PASSED_ON, type RequestOrigin } from './request-origin.js';

/** For an answer, or the beginning of one: a process that takes longer is as good as gone. */
const ANSWER_MS = 5_000;
/** A stream that lives brings a ping at least every 15 seconds. */
const SILENCE_MS = 40_000;

/** How far a stream of another process was told. */
export interface Relayed {
  lastEventId: number;
  /** `finished` was among it. */
  finished: boolean;
}

/**
 * Passes a request about an execution on to the process that has it, with the client's own credentials. One that
 * cannot be reached is no failure here: the caller goes on with what the database tells.
 */
@Injectable()
export class RelayService {
  constructor(private readonly instance: InstanceService) {}

  /** The execution with its output so far; null when no other process can tell more than its row. */
  async view(
    execution: Execution,
    origin: RequestOrigin,
    linkSeconds?: number,
  ): Promise<ExecutionDto | null> {
    const url = await this.urlOf(execution, origin, '', linkSeconds);
    if (url === null) return null;
    try {
      const response = await fetch(url, {
        headers: this.headers(origin),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      return response.ok ? ((await response.json()) as ExecutionDto) : null;
    } catch {
      return null;
    }
  }

  /** Tells the client the events behind `lastEventId`, for as long as they come. */
  async follow(
    execution: Execution,
    origin: RequestOrigin,
    from: { lastEventId: number; linkSeconds: number | undefined },
    writer: EventWriter,
  ): Promise<Relayed> {
    const relayed: Relayed = { lastEventId: from.lastEventId, finished: false };
    const url = await this.urlOf(execution, origin, '/events', from.linkSeconds);
    if (url === null) return relayed;
    const given = new AbortController();
    let patience = setTimeout(() => given.abort(), ANSWER_MS);
    try {
      const response = await fetch(url, {
        headers: { ...this.headers(origin), 'last-event-id': String(from.lastEventId) },
        signal: AbortSignal.any([writer.signal, given.signal]),
      });
      clearTimeout(patience);
      patience = setTimeout(() => given.abort(), SILENCE_MS);
      if (response.ok && response.body) await pipe(response.body, writer, relayed, () => patience.refresh());
    } catch {
      // The client left, or the other process ended: how far it came is known.
    } finally {
      clearTimeout(patience);
    }
    return relayed;
  }

  private async urlOf(
    { id, status, ownerId }: Execution,
    { passedOn }: RequestOrigin,
    what: string,
    linkSeconds: number | undefined,
  ): Promise<string | null> {
    if (passedOn || isFinal(status)) return null;
    const address = await this.instance.addressOf(ownerId);
    const query = linkSeconds === undefined ? '' : `?links=${linkSeconds}`;
    return address && `${address}/api/v1/executions/${id}${what}${query}`;
  }

  private headers({ credentials }: RequestOrigin): Record<string, string> {
    return { ...credentials, [PASSED_ON]: this.instance.id };
  }
}

async function pipe(
  body: ReadableStream<Uint8Array>,
  writer: EventWriter,
  relayed: Relayed,
  onLife: () => void,
): Promise<void> {
  const reader = new SseReader();
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    onLife();
    for (const { event, id, data } of reader.push(decoder.decode(chunk, { stream: true }))) {
      await writer.ready();
      writer.write(event, id, data);
      relayed.lastEventId = id;
      relayed.finished ||= event === 'finished';
    }
  }
}
