import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { LinksService } from '../../files/index.js';
import { ExecutionsService, isFinal } from '../executions.service.js';
import type { ExecutionDto } from '../execution.dto.js';
import type { ActiveExecution } from '../run/active-execution.js';
import { DispatcherService } from '../run/dispatcher.service.js';
import { STARTED_ID, type BufferedEvent } from './event-buffer.js';
import { SseWriter, type EventWriter } from './sse-writer.js';

/** An execution that another process runs is looked at this often. */
const POLL_MS = 500;

export interface StreamRequest {
  userId: string;
  executionId: string;
  /** The last event the client has; 0 when it has none. */
  lastEventId: number;
  linkSeconds: number | undefined;
}

/** Tells executions to a client as they happen. A client that goes away never stops a run. */
@Injectable()
export class StreamsService {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly dispatcher: DispatcherService,
    private readonly links: LinksService,
  ) {}

  /** Resolves when the stream ended, by the last event or by the client. */
  async stream(request: StreamRequest, response: Response): Promise<void> {
    const telling = await this.begin(request);
    const writer = new SseWriter(response);
    try {
      await telling(writer);
    } finally {
      writer.end();
    }
  }

  /** Several executions in one stream, each with ids of its own; it ends when all of them have. */
  async streamAll(requests: readonly StreamRequest[], response: Response): Promise<void> {
    const tellings = await Promise.all(
      requests.map(async (request) => ({ id: request.executionId, tell: await this.begin(request) })),
    );
    const writer = new SseWriter(response);
    try {
      await Promise.all(tellings.map(({ id, tell }) => tell(writer.of(id))));
    } finally {
      writer.end();
    }
  }

  /** Looks the execution up while a failure can still be answered; the returned function tells it. */
  private async begin(request: StreamRequest): Promise<(writer: EventWriter) => Promise<void>> {
    await this.executions.get(request.userId, request.executionId);
    return async (writer) => {
      const active = this.dispatcher.active(request.executionId);
      const from =
        request.lastEventId === 0 ? await this.tellStart(request, active, writer) : request.lastEventId;
      const last = active
        ? await this.follow(request, active, from, writer)
        : await this.poll(request, from, writer);
      await this.tellEnd(request, last, writer);
    };
  }

  /** Returns the id of the last event that the beginning includes. */
  private async tellStart(
    request: StreamRequest,
    active: ActiveExecution | undefined,
    writer: EventWriter,
  ): Promise<number> {
    const { id, view } = await this.soFar(request, active);
    await writer.write('started', id, view);
    return id;
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
      const batch = events.after(last);
      if (batch === null) {
        const { id, view } = await this.soFar(request, active);
        last = id;
        await writer.write('reset', id, view);
      } else if (batch.length > 0) {
        for (const event of batch)
          await writer.write(event.type, event.id, await this.linked(request, event));
        last = batch.at(-1)?.id ?? last;
      } else if (events.ended) break;
      else await events.wait(writer.signal);
    }
    return last;
  }

  private async poll(request: StreamRequest, from: number, writer: EventWriter): Promise<number> {
    while (!writer.signal.aborted) {
      if (isFinal((await this.executions.get(request.userId, request.executionId)).status)) break;
      await sleep(POLL_MS, undefined, { signal: writer.signal }).catch(() => undefined);
    }
    return from;
  }

  /** The files, then the whole; or, when the service leaves before the execution ran, how far it is. */
  private async tellEnd(request: StreamRequest, last: number, writer: EventWriter): Promise<void> {
    if (writer.signal.aborted) return;
    const view = await this.view(request);
    if (!isFinal(view.status)) {
      await writer.write('reset', last, view);
      return;
    }
    let id = last;
    for (const file of view.files) await writer.write('file', ++id, file);
    await writer.write('finished', id + 1, view);
  }

  /** The execution up to its latest event, and that event's id. */
  private async soFar(
    request: StreamRequest,
    active: ActiveExecution | undefined,
  ): Promise<{ id: number; view: ExecutionDto }> {
    const execution = await this.executions.get(request.userId, request.executionId);
    if (!active || isFinal(execution.status)) return { id: STARTED_ID, view: await this.view(request) };
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
