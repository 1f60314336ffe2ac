import { setTimeout as delay } from 'node:timers/promises';

/** How long and how often {@link eventually} tries. */
export interface Patience {
  /** Milliseconds in all; an attempt that is still under way then counts as failed. Default 30,000: it costs time only where a test fails. */
  readonly timeoutMs?: number;
  /** Milliseconds between the end of one attempt and the next. Default 50. */
  readonly intervalMs?: number;
  /** What is waited for, as it shall stand in the failure: "host a is UNREACHABLE". */
  readonly what: string;
}

/**
 * Repeats `attempt` until it does not throw, and gives back its result. Tests wait with it for what comes about on its
 * own time; a fixed sleep would be too short on a slow machine and too long on every other.
 * @throws {Error} with `what` and the message of the last failure once the time is over.
 */
export async function eventually<T>(attempt: () => Promise<T> | T, patience: Patience): Promise<T> {
  const { timeoutMs = 30_000, intervalMs = 50, what } = patience;
  const until = performance.now() + timeoutMs;
  let last: unknown = new Error('no attempt came to an end');
  for (;;) {
    try {
      return await settleBefore(until, attempt);
    } catch (error) {
      if (!(error instanceof AttemptUnfinished)) last = error;
    }
    if (performance.now() + intervalMs >= until) break;
    await delay(intervalMs);
  }
  const reason = last instanceof Error ? last.message : String(last);
  throw new Error(`Not within ${String(timeoutMs)} ms: ${what}\nLast failure: ${reason}`, { cause: last });
}

class AttemptUnfinished extends Error {}

async function settleBefore<T>(until: number, attempt: () => Promise<T> | T): Promise<T> {
  const stop = new AbortController();
  try {
    return await Promise.race([
      Promise.resolve(attempt()),
      delay(Math.max(1, until - performance.now()), undefined, { signal: stop.signal }).then(() => {
        throw new AttemptUnfinished();
      }),
    ]);
  } finally {
    stop.abort();
  }
}
