/**
 * Turns at something of which there is not much, given by caller: those who wait have theirs one caller after the other,
 * however many each waits for, and nobody has more than `each` at a time, so that what takes long for one caller leaves room
 * for the others.
 */
export class FairTurns {
  private readonly running = new Map<string, number>();
  /** What waits, by caller; the callers in the order of their next turns. */
  private readonly waiting = new Map<string, (() => void)[]>();
  private free: number;

  constructor(
    atOnce: number,
    private readonly each: number,
  ) {
    this.free = atOnce;
  }

  /** Does `work` when its turn has come. It counts as that of the one of `callers` who has the least here. */
  async take<T>(callers: Iterable<string>, work: () => Promise<T>): Promise<T> {
    const caller = this.leastBusy(callers);
    if (this.free > 0 && this.runningOf(caller) < this.each) this.begin(caller);
    else await this.wait(caller);
    try {
      return await work();
    } finally {
      this.end(caller);
    }
  }

  private leastBusy(callers: Iterable<string>): string {
    let least = '';
    let burden = Infinity;
    for (const caller of callers) {
      if (caller === least) continue;
      const own = this.runningOf(caller) + (this.waiting.get(caller)?.length ?? 0);
      if (own < burden) [least, burden] = [caller, own];
      if (own === 0) break;
    }
    return least;
  }

  private runningOf(caller: string): number {
    return this.running.get(caller) ?? 0;
  }

  private begin(caller: string): void {
    this.free -= 1;
    this.running.set(caller, this.runningOf(caller) + 1);
  }

  private wait(caller: string): Promise<void> {
    return new Promise((resolve) => {
      const own = this.waiting.get(caller);
      if (own === undefined) this.waiting.set(caller, [resolve]);
      else own.push(resolve);
    });
  }

  private end(caller: string): void {
    this.free += 1;
    const left = this.runningOf(caller) - 1;
    if (left === 0) this.running.delete(caller);
    else this.running.set(caller, left);
    for (const [next, begins] of this.waiting) {
      if (this.runningOf(next) >= this.each) continue;
      const begin = begins.shift();
      // Its next turn comes behind those of all others.
      this.waiting.delete(next);
      if (begins.length > 0) this.waiting.set(next, begins);
      this.begin(next);
      begin?.();
      return;
    }
  }
}
