import type { Api } from '../api/api.ts';
import { FollowedExecutions } from '../api/followed-executions.ts';
import { ApiProblem, messageOf } from '../api/problem.ts';
import type { ExecuteBody, Execution } from '../api/types.ts';
import { texts } from '../texts.ts';
import { Run } from './run.svelte.ts';

/** Which code of which message. */
export interface Place {
  messageId: string;
  /** Tells several blocks of one message apart; empty for the only one. */
  block: string;
  /** What ran there before, when the page knows; else the last execution of the message is shown in its only block. */
  executionId: string | null;
}

/** What runs, or ran last, at one place. */
export class PlaceRun {
  run = $state.raw<Run | null>(null);
  /** A request is under way that will make or find a run. */
  starting = $state(false);
  problem = $state.raw<string | null>(null);

  get busy(): boolean {
    return this.starting || (this.run !== null && !this.run.final);
  }
}

/**
 * The executions that elements of the page show, by place. An execution is followed to its end, and all of them by one
 * stream.
 */
export class Runs {
  /** Another map when all places were left: who shows one asks for it anew. */
  #places = $state.raw(new Map<string, PlaceRun>());
  readonly #followed: FollowedExecutions;

  constructor(
    private readonly api: Api,
    private readonly onFiles: (execution: Execution) => void,
  ) {
    this.#followed = new FollowedExecutions(api);
  }

  /** The run of a place; the first caller makes the last one load. */
  of(place: Place): PlaceRun {
    const key = JSON.stringify([place.messageId, place.block, place.executionId]);
    const known = this.#places.get(key);
    if (known) return known;
    const at = new PlaceRun();
    this.#places.set(key, at);
    // Later: components ask while they render, when no state may change.
    queueMicrotask(() => void this.#occupy(at, async () => await this.#lastOf(place)));
    return at;
  }

  /** Runs code; nothing happens while the place is busy. Resolves at the end of the run; null when there was none. */
  async start(place: Place, body: ExecuteBody): Promise<Execution | null> {
    const at = this.of(place);
    if (at.busy) return null;
    return await this.#occupy(at, async () => await this.api.run(body));
  }

  async stop(place: Place): Promise<void> {
    const { run } = this.of(place);
    if (run !== null && !run.final) await this.api.stop(run.execution.id);
  }

  clear(): void {
    this.#places = new Map();
    this.#followed.clear(new ApiProblem(401, 'signed_out', texts.signedOut));
  }

  async #lastOf({ messageId, block, executionId }: Place): Promise<Execution | null> {
    if (executionId !== null) return await this.api.execution(executionId);
    if (block !== '') return null;
    return (await this.api.executions({ message_id: messageId }, 1))[0] ?? null;
  }

  async #occupy(at: PlaceRun, find: () => Promise<Execution | null>): Promise<Execution | null> {
    at.starting = true;
    at.problem = null;
    try {
      const execution = await find();
      if (execution === null) return null;
      const run = new Run(execution);
      at.run = run;
      at.starting = false;
      if (!run.final) await this.#follow(run);
      return run.execution;
    } catch (error) {
      at.problem = messageOf(error);
      return null;
    } finally {
      at.starting = false;
    }
  }

  async #follow(run: Run): Promise<void> {
    await this.#followed.follow(run.execution.id, (event) => {
      run.apply(event);
      if (event.type === 'file' || event.type === 'finished') this.onFiles(run.execution);
    });
  }
}
