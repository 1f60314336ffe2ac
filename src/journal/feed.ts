import type { Logger } from 'pino';
import type { Database } from '../database/client.js';
import type { ControlConnection } from '../database/control-connection.js';
import { JOURNAL_CHANNEL } from './append.js';
import { matches, type Entry, type EntryFilter } from './entry.js';
import { isTrimmedAfter, readEntries, readHead, readNewest, readTrimmed, refuseExpired } from './read.js';
import { TRIM_CHANNEL } from './trim.js';

/** Newest entries kept in memory, so that live subscribers share one read of each. A slower one reads pages of its own. */
const KEPT_ENTRIES = 5_000;
/** Entries in one page from the database. */
const PAGE_SIZE = 500;
/** Milliseconds after which the journal is read without having been woken: notifications are lost with their connection. */
const POLL_INTERVAL_MS = 1_000;

/**
 * Carries the journal to its readers: one reader of the database for a whole gateway, any number of subscribers, each
 * with nothing but its position. Nobody has a queue, so that a slow subscriber costs no memory, and none can miss or
 * double an entry: what is delivered is always the next one after its position.
 */
export class JournalFeed {
  private entries: Entry[] = [];
  /** Position of the newest entry that was read. */
  private head = 0n;
  /** Position below which {@link entries} knows nothing. */
  private floor = 0n;
  /** Whether the journal may have been trimmed since that was last looked at. */
  private mayBeTrimmed = false;
  private readonly listeners = new Set<() => void>();
  private woken = makeSignal();
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  /** When the journal was last read to its end, by the monotonic clock in milliseconds. */
  private readAt = -Infinity;

  constructor(
    private readonly database: Database,
    control: ControlConnection,
    private readonly log: Logger,
  ) {
    control.listen(JOURNAL_CHANNEL, () => {
      this.wake();
    });
    control.listen(TRIM_CHANNEL, () => {
      this.mayBeTrimmed = true;
      this.wake();
    });
  }

  /** Starts at the present end of the journal, with its newest entries at hand for those who come back after a restart. */
  async start(): Promise<void> {
    this.head = await readHead(this.database.readNow);
    this.entries = (await readNewest(this.database.readRows, KEPT_ENTRIES)).filter(({ position }) => position <= this.head);
    this.floor = this.entries[0] === undefined ? this.head : this.entries[0].position - 1n;
    this.readAt = performance.now();
    this.running = this.follow();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.running;
  }

  /** Has the journal read now; called after a commit of this gateway, which need not wait for its own notification. */
  wake(): void {
    this.woken.fire();
  }

  /** Milliseconds since the journal was last read to its end. */
  get unreadMs(): number {
    return performance.now() - this.readAt;
  }

  /** Cursor position of the newest entry that was read. */
  get position(): bigint {
    return this.head;
  }

  /** Has `listener` called, in one step with it, whenever {@link position} has advanced. */
  listen(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** All entries after a position up to {@link position}, oldest first, if they are in memory; reads nothing. */
  inMemoryAfter(position: bigint, limit = Infinity): readonly Entry[] | undefined {
    if (position < this.floor) return undefined;
    const first = firstAfter(this.entries, position);
    return this.entries.slice(first, first + limit);
  }

  /**
   * One page of what comes after a position and the filter takes, and the position up to which that is all there is.
   * @throws {Problem} CURSOR_EXPIRED when some of it is not kept any more.
   */
  async pageAfter(position: bigint, filter: EntryFilter, limit: number): Promise<{ readonly entries: readonly Entry[]; readonly upTo: bigint }> {
    const head = this.head;
    const kept = this.inMemoryAfter(position, limit);
    if (kept !== undefined) {
      const upTo = kept.length < limit ? head : (kept.at(-1)?.position ?? head);
      return { entries: kept.filter((entry) => matches(entry, filter)), upTo };
    }
    const entries = await readEntries(this.database.readRows, position, limit, filter, head);
    // Asked after the page was read: what was trimmed before may be missing in it.
    await refuseExpired(this.database.readRows, position);
    return { entries, upTo: entries.length < limit ? head : (entries.at(-1)?.position ?? head) };
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    // Reads the flag anew each time: it changes while something is awaited.
    const stopped = () => signal.aborted;
    while (!stopped()) {
      this.woken = makeSignal();
      try {
        if (this.mayBeTrimmed) await this.forgetTrimmed();
        await this.readOn();
        this.readAt = performance.now();
      } catch (error) {
        this.log.warn({ err: error }, 'the journal cannot be read now');
      }
      if (stopped()) return;
      const poll = setTimeout(this.woken.fire, POLL_INTERVAL_MS);
      await this.woken.promise;
      clearTimeout(poll);
    }
  }

  /** What is not kept any more is not told from memory either: a cursor has expired at all gateways or at none. */
  private async forgetTrimmed(): Promise<void> {
    this.mayBeTrimmed = false;
    try {
      const trimmed = await readTrimmed(this.database.readNow);
      if (trimmed <= this.floor) return;
      this.entries.splice(0, firstAfter(this.entries, trimmed));
      this.floor = trimmed;
    } catch (error) {
      this.mayBeTrimmed = true;
      throw error;
    }
  }

  private async readOn(): Promise<void> {
    for (;;) {
      // What all subscribers wait for must not wait behind anyone's query.
      const page = await readEntries(this.database.readNow, this.head, PAGE_SIZE);
      const [first] = page;
      const last = page.at(-1);
      if (first === undefined || last === undefined) return;
      if (first.position > this.head + 1n && (await isTrimmedAfter(this.database.readNow, this.head))) {
        // Whoever was at the head has missed something that is not kept any more: from a page of its own it learns so.
        this.entries = [];
        this.floor = first.position - 1n;
      }
      this.entries.push(...page);
      if (this.entries.length > KEPT_ENTRIES) {
        const dropped = this.entries.splice(0, this.entries.length - KEPT_ENTRIES);
        this.floor = dropped.at(-1)?.position ?? this.floor;
      }
      this.head = last.position;
      for (const listener of this.listeners) listener();
      if (page.length < PAGE_SIZE) return;
    }
  }
}

/** Index of the first entry after a position, by halving. */
function firstAfter(entries: readonly Entry[], position: bigint): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.position ?? 0n) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Signal {
  readonly promise: Promise<void>;
  readonly fire: () => void;
}

function makeSignal(): Signal {
  let fire: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { promise, fire };
}
