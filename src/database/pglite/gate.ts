/** Nobody opened the gate in time. */
export class GateTimeout extends Error {
  constructor(readonly waitedMs: number) {
    super(`waited ${String(waitedMs)} ms`);
    this.name = GateTimeout.name;
  }
}

/** The one who waited has gone. */
export class GateWithdrawn extends Error {
  constructor() {
    super('the connection was closed while it waited');
    this.name = GateWithdrawn.name;
  }
}

interface Waiter {
  who: object;
  settle: (error?: Error) => void;
}

/**
 * Lets one connection at a time have the only backend, in order of arrival. A connection keeps the backend
 * until its transaction ends, so that requests of other connections never fall into it.
 */
export class Gate {
  private owner: object | null = null;
  private waiters: Waiter[] = [];

  /**
   * Resolves when `who` owns the gate; at once when it does already.
   * @throws GateTimeout, GateWithdrawn
   */
  async enter(who: object, timeoutMs: number): Promise<void> {
    this.owner ??= who;
    if (this.owner === who) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.dismiss(who, new GateTimeout(timeoutMs));
      }, timeoutMs);
      const settle = (error?: Error) => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.waiters.push({ who, settle });
    });
  }

  owns(who: object): boolean {
    return this.owner === who;
  }

  /** Gives the gate to the next in line; one who does not own it changes nothing. */
  leave(who: object): void {
    if (this.owner !== who) return;
    const next = this.waiters.shift();
    this.owner = next?.who ?? null;
    next?.settle();
  }

  /** Takes one who waits out of the line. */
  withdraw(who: object): void {
    this.dismiss(who, new GateWithdrawn());
  }

  private dismiss(who: object, reason: Error): void {
    const waiter = this.waiters.find((candidate) => candidate.who === who);
    if (waiter === undefined) return;
    this.waiters = this.waiters.filter((candidate) => candidate !== waiter);
    waiter.settle(reason);
  }
}
