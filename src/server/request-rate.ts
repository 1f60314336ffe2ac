import { LRUCache } from 'lru-cache';
import type { Counter, SharedCounters } from './shared-counters.js';
import { TooManyRequests } from './too-many.js';

/** Seconds over which a rate is a mean: a burst within them is nobody's harm. */
const WINDOW_SECONDS = 10;
/**
 * Into how many parts a window's requests are divided. A gateway takes one part at a time from the counter that all share,
 * and gives requests out of it from memory: at any rate there are at most so many statements in a window.
 */
const PARTS = 50;
/** Callers that are known at a time. */
const MAX_CALLERS = 10_000;
/** Longer names of callers do not fit the key. */
const MAX_KEY_LENGTH = 200;

/** What this gateway may give one caller. */
interface Share {
  left: number;
  /** By this process's clock, in milliseconds. */
  endsAt: number;
  refused: boolean;
  taking: Promise<void> | undefined;
}

/** How many requests each caller may send, through all gateways together. */
export class RequestRate {
  private readonly shares = new LRUCache<string, Share>({ max: MAX_CALLERS });
  private readonly counter: Counter;
  private readonly part: number;

  /** @param perSecond as a mean over ten seconds; 0: any number. */
  constructor(
    counters: SharedCounters,
    private readonly perSecond: number,
  ) {
    this.part = Math.max(1, Math.floor((perSecond * WINDOW_SECONDS) / PARTS));
    this.counter = counters.counter('requests', Math.max(1, perSecond * WINDOW_SECONDS), WINDOW_SECONDS);
  }

  /** Counts one request of a caller: at once, mostly, and only else to be waited for. @throws {TooManyRequests} */
  take(callerId: string): Promise<void> | undefined {
    if (this.perSecond === 0) return undefined;
    const key = callerId.slice(0, MAX_KEY_LENGTH);
    let share = this.shares.get(key);
    if (share === undefined) {
      share = { left: 0, endsAt: 0, refused: false, taking: undefined };
      this.shares.set(key, share);
    }
    return this.takeFrom(share, key);
  }

  private takeFrom(share: Share, key: string): Promise<void> | undefined {
    const now = performance.now();
    if (now < share.endsAt) {
      if (share.left > 0) {
        share.left -= 1;
        return undefined;
      }
      if (share.refused) {
        throw new TooManyRequests(`You have sent more than ${String(this.perSecond)} requests a second (STOWAGE_MAX_REQUESTS_PER_SECOND).`, share.endsAt - now);
      }
    }
    return this.takeAnotherPart(share, key).then(() => this.takeFrom(share, key));
  }

  /** One statement for all who wait. */
  private takeAnotherPart(share: Share, key: string): Promise<void> {
    share.taking ??= this.counter
      .add(key, this.part)
      .then(({ exceeded, restMs }) => {
        share.left = exceeded ? 0 : this.part;
        share.refused = exceeded;
        share.endsAt = performance.now() + Math.max(1, restMs);
      })
      .finally(() => {
        share.taking = undefined;
      });
    return share.taking;
  }
}
