import type { Logger } from 'pino';
import { Prisma, type Database } from '../database/client.js';
import { notify } from '../database/notify.js';

/** Milliseconds between looks at what is too old. */
const TRIM_INTERVAL_MS = 3_600_000;
/** Entries that one transaction removes: others must not wait long for what it locks. */
const BATCH_SIZE = 5_000;
/** Key of the advisory lock by which one of several gateways trims at a time. Any constant will do. */
const TRIM_LOCK = 7_301_846_223n;
/** Channel that says that the journal was trimmed. */
export const TRIM_CHANNEL = 'stowage_journal_trim';

/**
 * Removes entries of the journal that were recorded more than `retentionMs` ago, by the database's own clock, and
 * remembers up to where: a cursor before that has expired. What is removed is always the beginning of the order, even
 * when that clock was set in between.
 * @param signal ends it after the batch that is under way.
 * @returns how many were removed.
 */
export async function trimJournal(database: Database, retentionMs: number, batchSize = BATCH_SIZE, signal?: AbortSignal): Promise<number> {
  for (let removed = 0; ;) {
    const batch = await database.$transaction(async (transaction) => {
      const [lock] = await transaction.$queryRaw<{ free: boolean }[]>(Prisma.sql`select pg_try_advisory_xact_lock(${TRIM_LOCK}) as free`);
      if (lock?.free !== true) return 0;
      const [trimmed] = await transaction.$queryRaw<{ count: number }[]>(Prisma.sql`
        with oldest as (select position, recorded_at from journal order by position limit ${batchSize}),
        first_kept as (select min(position) as position from oldest where recorded_at >= clock_timestamp() - ${retentionMs} * interval '1 ms'),
        removed as (
          delete from journal where position in (
            select oldest.position from oldest, first_kept where first_kept.position is null or oldest.position < first_kept.position
          )
          returning position
        ),
        remembered as (
          insert into journal_trim (id, position) select 1, max(position) from removed having count(*) > 0
          on conflict (id) do update set position = greatest(journal_trim.position, excluded.position)
        )
        select count(*)::int as count from removed`);
      const count = trimmed?.count ?? 0;
      if (count > 0) await notify(transaction, TRIM_CHANNEL);
      return count;
    });
    removed += batch;
    if (batch < batchSize || signal?.aborted === true) return removed;
  }
}

/** Trims the journal at start and from then on every hour, in whichever gateway comes first. */
export class JournalTrimmer {
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    /** Milliseconds that entries are kept. */
    private readonly retentionMs: number,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running = this.trim();
    }, TRIM_INTERVAL_MS);
    this.running = this.trim();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.running;
  }

  private async trim(): Promise<void> {
    try {
      const removed = await trimJournal(this.database, this.retentionMs, BATCH_SIZE, this.stopping.signal);
      if (removed > 0) this.log.info({ removed }, 'trimmed the journal');
    } catch (error) {
      this.log.warn({ err: error }, 'the journal cannot be trimmed now');
    }
  }
}
