import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { LinksService } from '../../files/index.js';
import { ExecutionsService, isFinal } from '../executions.service.js';
import type { ExecutionDto } from '../execution.dto.js';
import type { ActiveExecution } from '../run/active-execution.js';
import { RelayService, type Relayed } from '../relay/relay.service.js';
import type { RequestOrigin } from '../relay/request-origin.js';
import { DispatcherService } from '../run/dispatcher.service.js';
import { STARTED_ID, type BufferedEvent } from './event-buffer.js';
import { SseWriter, type EventWriter } from './sse-writer.js';

/** An execution whose process cannot be reached is looked at this often. */
const POLL_MS = 500;

export interface StreamRequest {
  userId: string;
  executionId: string;
  /** The last event the client has; 0 when it has none. */
  lastEventId: number;
  linkSeconds: number | undefined;
  origin: RequestOrigin;
}

/** Tells executions to a client as they happen. A client that goes away never stops a run. */
@Injectable()
export class StreamsService {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly dispatcher: DispatcherService,
    private readonly links: LinksService,
    private readonly relays: RelayService,
  ) {}

  /** Resolves when the stream ended, by the last event or by the client. */
  async stream(request: StreamRequest, response: Response): Promise<void> {
    await this.find(request);
    const writer = new SseWriter(response);
    try {
      await this.tell(request, writer);
    } finally {
      writer.end();
    }
  }

  /** Several executions in one stream, each with ids of its own; it ends when all of them have. */
  async streamAll(requests: readonly StreamRequest[], response: Response): Promise<void> {
    await Promise.all(requests.map((request) => this.find(request)));
    const writer = new SseWriter(response);
    try {
      await Promise.all(requests.map((request) => this.tell(request, writer.of(request.executionId))));
    } finally {
      writer.end();
    }
  }

  /** Looks the execution up while a failure can still be answered. */
  private async find({ userId, executionId }: StreamRequest): Promise<void> {
    await this.executions.get(userId, executionId);
  }

  private async tell(request: StreamRequest, writer: EventWriter): Promise<void> {
    let last = request.lastEventId;
    let active = this.dispatcher.active(request.executionId);
    if (!active) {
      const relayed = await this.relay(request, writer);
      if (relayed.finished) return;
      last = relayed.lastEventId;
      active = this.dispatcher.active(request.executionId);
    }
    if (last === 0) last = await this.tellSoFar('started', request, active, writer);
    if (active) last = await this.follow(request, active, last, writer);
    await this.tellEnd(request, last, writer);
  }

  /** Until it is final or this process has it; what the process that has it tells is passed on. */
  private async relay(request: StreamRequest, writer: EventWriter): Promise<Relayed> {
    const { userId, executionId, origin, linkSeconds } = request;
    let { lastEventId } = request;
    for (;;) {
      const execution = await this.executions.get(userId, executionId);
      const relayed = await this.relays.follow(execution, origin, { lastEventId, linkSeconds }, writer);
      ({ lastEventId } = relayed);
      const over = relayed.finished || isFinal(execution.status) || writer.signal.aborted;
      if (over || this.dispatcher.active(executionId)) return relayed;
      if (lastEventId === 0) {
        lastEventId = await this.tellSoFar('started', request, undefined, writer);
      }
      await sleep(POLL_MS, undefined, { signal: writer.signal }).catch(() => undefined);
    }
  }

  /** Tells what is buffered and what comes; returns the id of the last event told. */
  private async follow(
    request: StreamRequest,
    active: ActiveExecution,
    from: number,
    writer: EventWriter,
  ): Promise<number> {
    const { events } = active;
    let last = from;
    while (!writer.signal.aborted) {
      await writer.ready();
      const event = events.next(last);
      if (event === 'gone') last = await this.tellSoFar('reset', request, active, writer);
      else if (event !== null) {
        writer.write(event.type, event.id, await this.linked(request, event));
        last = event.id;
      } else if (events.ended) break;
      else await events.wait(writer.signal);
    }
    return last;
  }

  /** The files, then the whole; or, when the service leaves before the execution ran, how far it is. */
  private async tellEnd(request: StreamRequest, last: number, writer: EventWriter): Promise<void> {
    await writer.ready();
    if (writer.signal.aborted) return;
    const view = await this.view(request);
    if (!isFinal(view.status)) {
      writer.write('reset', last, view);
      return;
    }
    let id = last;
    for (const file of view.files) writer.write('file', ++id, file);
    writer.write('finished', id + 1, view);
  }

  /** Tells the execution up to its latest event; returns that event's id. */
  private async tellSoFar(
    type: 'started' | 'reset',
    request: StreamRequest,
    active: ActiveExecution | undefined,
    writer: EventWriter,
  ): Promise<number> {
    await writer.ready();
    const { id, view } = await this.soFar(request, active);
    writer.write(type, id, view);
    return id;
  }

  private async soFar(
    request: StreamRequest,
    active: ActiveExecution | undefined,
  ): Promise<{ id: number; view: ExecutionDto }> {
    const execution = await this.executions.get(request.userId, request.executionId);
    // What is final has told its last event, whether or not this client has come so far.
    if (!active || isFinal(execution.status))
      return { id: active?.events.lastId ?? STARTED_ID, view: await this.view(request) };
    const checkpoint = await active.checkpoint();
    const view = await this.executions.viewAt(execution, checkpoint, request.linkSeconds);
    return { id: checkpoint.lastId, view };
  }

  private async view({ userId, executionId, linkSeconds }: StreamRequest): Promise<ExecutionDto> {
    return await this.executions.viewOne(await this.executions.get(userId, executionId), linkSeconds);
  }

  /** A displayed image with its signed link, where the client asked for links. */
  private async linked(request: StreamRequest, event: BufferedEvent): Promise<unknown> {
    if (event.type !== 'display') return event.data;
    const link = await this.links.ofImage(request.userId, event.data.file_id, request.linkSeconds);
    return { ...event.data, link };
  }
}
