/** Milliseconds that one reading of a Date header leaves open: it holds whole seconds. */
const DATE_STEP_MS = 1_000;

/**
 * What is known of an engine's clock, which may be wrong by hours: its difference from ours, between two bounds. Each
 * answer's Date header narrows them to a second or less, many together to some milliseconds, and so does each event,
 * which cannot have come before it happened. When one of the clocks is set, the bounds contradict each other and begin
 * anew.
 */
export class EngineClock {
  /** Engine clock minus ours, in milliseconds. */
  private low = -Infinity;
  private high = Infinity;

  /** `now` gives our own time, in milliseconds since 1970. */
  constructor(private readonly now: () => number = Date.now) {}

  /** Takes a Date header, in milliseconds, of an answer whose request was sent at `sentAt` and that has come just now. */
  hearDate(date: number, sentAt: number): void {
    this.narrow(date - this.now(), date + DATE_STEP_MS - sentAt);
  }

  /** Takes the time of an event that has come just now, in nanoseconds. */
  hearEvent(timeNano: bigint): void {
    this.narrow(Number(timeNano / 1_000n) / 1_000 - this.now(), Infinity);
  }

  /** The engine's time now in nanoseconds since 1970, as well as it is known; ours when nothing is. */
  nowNano(): bigint {
    if (this.low === -Infinity) return asNano(this.now());
    return asNano(this.now() + (this.high === Infinity ? this.low : (this.low + this.high) / 2));
  }

  /** A moment that the engine's clock has certainly passed, in nanoseconds since 1970; 0 when nothing is known. */
  certainlyPastNano(): bigint {
    return this.low === -Infinity ? 0n : asNano(this.now() + this.low);
  }

  private narrow(low: number, high: number): void {
    const contradicts = low > this.high || high < this.low;
    this.low = contradicts ? low : Math.max(this.low, low);
    this.high = contradicts ? high : Math.min(this.high, high);
  }
}

function asNano(milliseconds: number): bigint {
  return BigInt(Math.floor(milliseconds * 1_000)) * 1_000n;
}
