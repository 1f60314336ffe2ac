import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Audit } from '../access/audit.js';
import type { Caller } from '../access/caller.js';
import type { Authenticator } from '../access/authenticator.js';
import { networkOf } from '../networks.js';
import { toShownProblem } from '../problems.js';
import type { Counter, SharedCounters } from './shared-counters.js';
import { TooManyRequests } from './too-many.js';

/** Seconds in which failures count together. */
const WINDOW_SECONDS = 60;
/** Addresses that must wait, and tokens that were right, that are known at a time. */
const MAX_KNOWN = 10_000;

/**
 * Slows those who guess tokens. Too many wrong ones from one address, at all gateways together, and tokens from there have
 * to wait: all but those that were right a while ago, so that nobody behind the same address is locked out by it.
 */
export class SignIn {
  /** Addresses that must wait, with when they need not any more, by this process's clock. */
  private readonly waiting = new LRUCache<string, number>({ max: MAX_KNOWN });
  /** Hashes of what was right. */
  private readonly right = new LRUCache<string, true>({ max: MAX_KNOWN });
  private readonly counter: Counter;

  /** @param failures wrong tokens from one address in a minute. */
  constructor(
    private readonly authenticator: Pick<Authenticator, 'authenticate'>,
    counters: SharedCounters,
    failures: number,
    private readonly audit: Pick<Audit, 'note'>,
  ) {
    this.counter = counters.counter('sign-in', failures, WINDOW_SECONDS);
  }

  /**
   * Finds out who sends a token from a network address.
   * @throws {Problem} UNAUTHENTICATED; {@link TooManyRequests} without a look at the token.
   */
  async authenticate(authorization: string | undefined, address: string): Promise<Caller> {
    const given = authorization === undefined ? '' : hash('sha256', authorization, 'base64');
    const place = networkOf(address);
    const until = this.waiting.get(place);
    const now = performance.now();
    if (until !== undefined && now < until && authorization !== undefined && !this.right.has(given)) {
      const attributes = { reason: 'too many wrong tokens came from this address: it has to wait, and the token was not looked at' };
      this.audit.note({ type: 'SIGN_IN_FAILED', actor: undefined, address, attributes });
      throw new TooManyRequests('Too many wrong tokens came from your address.', until - now);
    }
    try {
      const caller = await this.authenticator.authenticate(authorization, address);
      this.right.set(given, true);
      return caller;
    } catch (error) {
      // Who sends none guesses nothing.
      if (authorization !== undefined && toShownProblem(error).problem.code === 'UNAUTHENTICATED') {
        const { exceeded, restMs } = await this.counter.add(place, 1);
        if (exceeded) this.waiting.set(place, performance.now() + restMs);
      }
      throw error;
    }
  }
}
