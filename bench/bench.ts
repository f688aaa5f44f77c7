import type { Home, Row } from './row.js';
import type { Scale } from './scale.js';
import { Floor } from './subjects/floor.js';
import { KernelPerCall } from './subjects/kernel-per-call.js';
import { Nginx, nginxProgram } from './subjects/nginx.js';
import { postgresPrograms, startPostgres } from './subjects/postgres.js';
import { pythonEnvironment, startService, type Service } from './subjects/service.js';

/** The message whose kernel the floor speaks to. */
export const LIVE = 'live';
/** New messages belong to it, so that they can be forgotten together. */
const CHAT = 'bench';

export interface Benchmark {
  /** Begins the ids of its rows; what `npm run bench -- <name>` selects by. */
  name: string;
  /** Too long for `--quick`. */
  fullOnly?: boolean;
  measure: (bench: Bench) => Promise<Row[]>;
}

type Prepare = Parameters<typeof startService>[2];

/** What is measured, each started when a row first asks for it. */
export class Bench {
  private readonly started = new Map<string, Promise<unknown>>();
  private readonly ends: (() => unknown)[] = [];
  private messages = 0;

  constructor(readonly scale: Scale) {}

  /** The Postgres server to use: that of `TEST_DATABASE_URL`, else one of our own; null when none is installed. */
  async postgres(): Promise<string | null> {
    const { TEST_DATABASE_URL: given } = process.env;
    const programs = postgresPrograms();
    if (given !== undefined) return given;
    if (programs === null) return null;
    return (await this.once('postgres', async () => await startPostgres(programs))).url;
  }

  /** The service on each database there is; PGlite always is. */
  async services(): Promise<Service[]> {
    return [await this.onPglite(), ...((await this.postgres()) === null ? [] : [await this.onPostgres()])];
  }

  async onPglite(): Promise<Service> {
    return await this.once('service on PGlite', async () => ended(await startService(null)));
  }

  private async onPostgres(): Promise<Service> {
    const server = await this.postgres();
    return await this.once('service on Postgres', async () => ended(await startService(server)));
  }

  /** A service for one purpose, with a database that is filled before it starts. */
  async special(
    name: string,
    home: Home,
    env: Readonly<Record<string, string>>,
    prepare?: Prepare,
  ): Promise<Service> {
    const server = home === 'pglite' ? null : await this.postgres();
    return await this.once(`${name} on ${home}`, async () => ended(await startService(server, env, prepare)));
  }

  /** Plain ZMQ to the kernel of the message `live` of the service on PGlite. */
  async floor(): Promise<Floor> {
    const service = await this.onPglite();
    return await this.once('floor', async () => await Floor.of(service, LIVE));
  }

  async perCall(): Promise<KernelPerCall> {
    return await this.once('kernel per call', async () => await KernelPerCall.start(pythonEnvironment));
  }

  /** Null when it is not installed. */
  async nginx(): Promise<Nginx | null> {
    const program = nginxProgram();
    return program === null ? null : await this.once('nginx', async () => await Nginx.start(program));
  }

  /** A message that nobody used before. */
  newMessage(): { message_id: string; chat_id: string } {
    return { message_id: `message-${(this.messages += 1)}`, chat_id: CHAT };
  }

  /** Ends the kernels of all new messages, so that the next row finds the machine as the first did. */
  async forgetMessages(services: readonly Service[]): Promise<void> {
    for (const { api } of services) await api.request('DELETE', `/chats/${CHAT}`);
  }

  async end(): Promise<void> {
    for (const end of this.ends.reverse()) await end();
  }

  private async once<T extends { end: () => unknown }>(name: string, start: () => Promise<T>): Promise<T> {
    const known = this.started.get(name) as Promise<T> | undefined;
    if (known) return await known;
    process.stderr.write(`  starting: ${name}\n`);
    const starting = start();
    this.started.set(name, starting);
    const subject = await starting;
    this.ends.push(() => subject.end());
    return subject;
  }
}

function ended(service: Service): Service & { end: () => Promise<void> } {
  return { ...service, end: async () => await service.process.remove() };
}
