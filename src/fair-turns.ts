/** How many may have a turn. */
export interface TurnLimits {
  readonly atOnce: number;
  /** How many of them one caller may have; by default all. */
  readonly each?: number;
  /** How many of them are for callers who have none at that time; by default none. */
  readonly forNewcomers?: number;
}

/** A turn that was asked for. */
export interface Turn {
  /** Resolves when it has begun; undefined when it has at once. */
  readonly begun: Promise<void> | undefined;
  /** To be called once: makes room for others, also for a turn that has not begun and is not waited for any more. */
  end(): void;
}

/** One who waits. */
interface Waiting {
  readonly begin: () => void;
}

/**
 * Turns at something of which there is not much, given by caller: those who wait have theirs one caller after the other,
 * however many each waits for, so that what takes long for one caller leaves room for the others. It knows no time: who does
 * not want to wait any longer ends the turn.
 */
export class FairTurns {
  private readonly running = new Map<string, number>();
  /** What waits, by caller; the callers in the order of their next turns. */
  private readonly waiting = new Map<string, Set<Waiting>>();
  private free: number;
  private readonly each: number;
  private readonly forNewcomers: number;

  constructor({ atOnce, each = atOnce, forNewcomers = 0 }: TurnLimits) {
    this.free = atOnce;
    this.each = each;
    this.forNewcomers = forNewcomers;
  }

  /** Turns that have not begun. */
  get waitingCount(): number {
    let count = 0;
    for (const own of this.waiting.values()) count += own.size;
    return count;
  }

  /** Does `work` when its turn has come. It counts as that of the one of `callers` who has the least here. */
  async take<T>(callers: Iterable<string>, work: () => Promise<T>): Promise<T> {
    const turn = this.ask(this.leastBusy(callers));
    if (turn.begun !== undefined) await turn.begun;
    try {
      return await work();
    } finally {
      turn.end();
    }
  }

  /** Asks for a turn of one caller. */
  ask(caller: string): Turn {
    if (this.mayBegin(caller)) {
      this.begin(caller);
      return {
        begun: undefined,
        end: () => {
          this.end(caller);
        },
      };
    }
    const own = this.waiting.get(caller) ?? new Set();
    this.waiting.set(caller, own);
    let waiting: Waiting | undefined;
    const begun = new Promise<void>((resolve) => own.add((waiting = { begin: resolve })));
    return {
      begun,
      end: () => {
        if (waiting === undefined || !this.giveUp(caller, waiting)) this.end(caller);
      },
    };
  }

  private leastBusy(callers: Iterable<string>): string {
    let least = '';
    let burden = Infinity;
    for (const caller of callers) {
      if (caller === least) continue;
      const own = this.runningOf(caller) + (this.waiting.get(caller)?.size ?? 0);
      if (own < burden) [least, burden] = [caller, own];
      if (own === 0) break;
    }
    return least;
  }

  private runningOf(caller: string): number {
    return this.running.get(caller) ?? 0;
  }

  private mayBegin(caller: string): boolean {
    const own = this.runningOf(caller);
    return own < this.each && this.free > (own === 0 ? 0 : this.forNewcomers);
  }

  private begin(caller: string): void {
    this.free -= 1;
    this.running.set(caller, this.runningOf(caller) + 1);
  }

  /** Whether it was still waiting. */
  private giveUp(caller: string, waiting: Waiting): boolean {
    const own = this.waiting.get(caller);
    if (own?.delete(waiting) !== true) return false;
    if (own.size === 0) this.waiting.delete(caller);
    return true;
  }

  private end(caller: string): void {
    this.free += 1;
    const left = this.runningOf(caller) - 1;
    if (left === 0) this.running.delete(caller);
    else this.running.set(caller, left);
    // One who ends may make room for two: where the newcomers' is taken as well, and for one who has none any more.
    while (this.beginNext());
  }

  /** Begins the next turn that may; false: there is none. */
  private beginNext(): boolean {
    if (this.free === 0) return false;
    for (const [caller, own] of this.waiting) {
      if (!this.mayBegin(caller)) continue;
      const [first] = own;
      // Its next turn comes behind those of all others.
      this.waiting.delete(caller);
      if (first === undefined) continue;
      own.delete(first);
      if (own.size > 0) this.waiting.set(caller, own);
      this.begin(caller);
      first.begin();
      return true;
    }
    return false;
  }
}
