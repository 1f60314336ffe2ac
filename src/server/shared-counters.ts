import type pg from 'pg';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

/** Milliseconds between two times that counters of the past are removed. */
const SWEEP_INTERVAL_MS = 300_000;

/** What came of counting. */
export interface Counted {
  readonly exceeded: boolean;
  /** Milliseconds until it begins at nothing again. */
  readonly restMs: number;
}

/** Counts up to a number in a span of time, for each key, in all gateways together. */
export interface Counter {
  /** Counts `points` more. Without a database it goes on by what this gateway alone has counted. */
  add(key: string, points: number): Promise<Counted>;
}

/** The counters that gateways share, in the table `rate_limit`. */
export class SharedCounters {
  private readonly limiters: RateLimiterPostgres[] = [];
  private readonly timer: NodeJS.Timeout;
  private sweeping: Promise<unknown> = Promise.resolve();

  constructor(private readonly pool: pg.Pool) {
    this.timer = setInterval(() => {
      this.sweeping = Promise.all(this.limiters.map((limiter) => (limiter as unknown as Sweeping).clearExpired(Date.now())));
    }, SWEEP_INTERVAL_MS).unref();
  }

  counter(name: string, points: number, seconds: number): Counter {
    const options = { keyPrefix: name, points, duration: seconds };
    const limiter = new RateLimiterPostgres({
      ...options,
      storeClient: this.pool,
      storeType: 'pool',
      tableName: 'rate_limit',
      tableCreated: true,
      clearExpiredByTimeout: false,
      insuranceLimiter: new RateLimiterMemory(options),
    });
    this.limiters.push(limiter);
    return {
      async add(key, added) {
        try {
          const { msBeforeNext } = await limiter.consume(key, added);
          return { exceeded: false, restMs: msBeforeNext };
        } catch (error) {
          // Its way to say no; everything else the insurance has answered.
          if (error instanceof RateLimiterRes) return { exceeded: true, restMs: error.msBeforeNext };
          throw error;
        }
      },
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }
}

/** What its types leave out. */
interface Sweeping {
  clearExpired(before: number): Promise<void>;
}
