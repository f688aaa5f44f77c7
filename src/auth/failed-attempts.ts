import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { DomainError } from '../errors/index.js';

/** Far above what a stale client causes, far below what guessing would need. */
const failuresPerMinute = 1_000;
const rememberedCredentials = 10_000;

/**
 * Limits failed authentications per address. Credentials that were good lately pass even from an address that
 * is over its limit: behind one proxy one attacker must not lock everybody out.
 */
export class FailedAttempts {
  readonly #limiter: RateLimiterMemory;
  readonly #good = new Set<string>();

  constructor(limitPerMinute = failuresPerMinute) {
    this.#limiter = new RateLimiterMemory({ points: limitPerMinute, duration: 60 });
  }

  /**
   * Runs one authentication under the limit.
   * @throws DomainError `too_many` instead of trying, when the address is over it and the credential unknown
   */
  async guard<T>(address: string, credential: string, authenticate: () => Promise<T>): Promise<T> {
    const fingerprint = createHash('sha256').update(credential).digest('base64');
    const network = networkOf(address);
    if (!this.#good.has(fingerprint)) await this.#refuseOverLimit(network);
    try {
      const outcome = await authenticate();
      this.#remember(fingerprint);
      return outcome;
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'unauthenticated') {
        this.#good.delete(fingerprint);
        await this.#limiter.penalty(network);
      }
      throw error;
    }
  }

  async #refuseOverLimit(network: string): Promise<void> {
    const state = await this.#limiter.get(network);
    if (state === null || state.consumedPoints < this.#limiter.points) return;
    throw new DomainError(
      'too_many',
      'too_many_failed_authentications',
      'Too many failed authentications came from this address; wait and check the credentials.',
      { retryAfterSeconds: state.msBeforeNext / 1000 },
    );
  }

  #remember(fingerprint: string): void {
    this.#good.delete(fingerprint);
    this.#good.add(fingerprint);
    const oldest = this.#good.values().next();
    if (this.#good.size > rememberedCredentials && !oldest.done) this.#good.delete(oldest.value);
  }
}

/** Whoever has one IPv6 address has the whole /64 around it. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const front = head.split(':').filter(Boolean);
  const back = tail.split(':').filter(Boolean);
  const gap = address.includes('::') ? Array<string>(8 - front.length - back.length).fill('0') : [];
  return [...front, ...gap, ...back].slice(0, 4).join(':');
}
