import type { Server } from 'node:http';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** For a client to take the last of its answer; one that reads no more, or is gone unnoticed, would hold us for ever. */
const LAST_WORDS_MS = 5_000;

/**
 * Lets connections go while the service leaves: Node closes those that are idle when the server closes, but one
 * that becomes idle later would hold the process until its keep-alive ends.
 */
@Injectable()
export class ConnectionDraining implements BeforeApplicationShutdown {
  constructor(private readonly host: HttpAdapterHost) {}

  beforeApplicationShutdown(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    server.keepAliveTimeout = 1;
    setTimeout(() => server.closeAllConnections(), LAST_WORDS_MS).unref();
  }
}
