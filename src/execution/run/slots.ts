export interface SlotLimits {
  total: number;
  perUser: number;
}

interface Waiter {
  userId: string;
  grant: () => void;
}

/**
 * How many executions run at a time, in all and per user. Who waits is served in order of arrival, except
 * that a user at their own limit does not hold up others.
 */
export class Slots {
  private readonly running = new Map<string, number>();
  private readonly waiters: Waiter[] = [];
  private total = 0;

  constructor(private readonly limits: SlotLimits) {}

  /** Takes a slot if there is a free one and nobody waits for it. */
  tryTake(userId: string): boolean {
    if (!this.hasRoom(userId) || this.waiters.some((waiter) => this.hasRoom(waiter.userId))) return false;
    this.occupy(userId);
    return true;
  }

  /** Waits for a slot; rejects with the signal's reason when it aborts first. */
  take(userId: string, signal: AbortSignal): Promise<void> {
    if (this.tryTake(userId)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        userId,
        grant: () => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = (): void => {
        this.waiters.splice(this.waiters.indexOf(waiter), 1);
        reject(signal.reason as Error);
      };
      if (signal.aborted) reject(signal.reason as Error);
      else {
        this.waiters.push(waiter);
        signal.addEventListener('abort', abort, { once: true });
      }
    });
  }

  give(userId: string): void {
    this.total -= 1;
    const left = (this.running.get(userId) ?? 1) - 1;
    if (left > 0) this.running.set(userId, left);
    else this.running.delete(userId);
    this.serve();
  }

  get stats(): { running: number; waiting: number } {
    return { running: this.total, waiting: this.waiters.length };
  }

  private serve(): void {
    for (;;) {
      const index = this.waiters.findIndex((waiter) => this.hasRoom(waiter.userId));
      const [waiter] = index < 0 ? [] : this.waiters.splice(index, 1);
      if (!waiter) return;
      this.occupy(waiter.userId);
      waiter.grant();
    }
  }

  private hasRoom(userId: string): boolean {
    return this.total < this.limits.total && (this.running.get(userId) ?? 0) < this.limits.perUser;
  }

  private occupy(userId: string): void {
    this.total += 1;
    this.running.set(userId, (this.running.get(userId) ?? 0) + 1);
  }
}
