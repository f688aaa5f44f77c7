/**
 * The exclusive right to work in a workspace. `signal` aborts when it is lost (the database could not be
 * reached in time, or another instance took over): its holder stops and writes nothing more.
 */
export class Lease {
  private readonly controller = new AbortController();

  constructor(
    readonly workspaceId: string,
    readonly holder: string,
    readonly epoch: number,
    /** `performance.now()` of the last acquisition or renewal that the database confirmed. */
    public confirmedAt: number,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  lose(reason: Error): void {
    this.controller.abort(reason);
  }
}
