/** Hosts of which everything is compared at once. Each holds its lists, and rows for all that is new, in memory meanwhile. */
const AT_ONCE = 16;
/** Milliseconds after which the next one begins all the same: an engine that answers slowly must not hold up other hosts. */
const LONGEST_TURN_MS = 5_000;

/** Has full comparisons take turns: a gateway that starts beside many hosts would else hold the lists of all of them at once. */
export class FullLooks {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce = AT_ONCE,
    private readonly longestTurnMs = LONGEST_TURN_MS,
  ) {}

  /** Does the work when its turn has come. @throws whatever it throws. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.atOnce) {
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    } else this.running += 1;
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      // The next one takes over the place.
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    };
    const limit = setTimeout(end, this.longestTurnMs);
    try {
      return await work();
    } finally {
      clearTimeout(limit);
      end();
    }
  }
}
