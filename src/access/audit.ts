import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Database } from '../database/client.js';
import { appendEntries } from '../journal/append.js';
import type { NewEntry } from '../journal/entry.js';
import { networkOf } from '../networks.js';
import { toShownProblem, type Problem } from '../problems.js';

/** Milliseconds for which more of the same is only counted. */
const QUIET_MS = 60_000;
/** Different ones that are told apart at a time. */
const MAX_TOLD = 1_000;
/**
 * Entries that are written within one {@link QUIET_MS}, of all and of one address: nobody is to fill the journal by being
 * refused, nor to hide behind that what another is refused.
 */
const MAX_ENTRIES = 600;
const MAX_OF_ADDRESS = 60;
/** Addresses that are counted apart; those beyond are counted as one. */
const MAX_ADDRESSES = 200;

/** Something that was refused, as it is journalled. */
export interface Refused {
  readonly type: 'SIGN_IN_FAILED' | 'CALL_REFUSED' | 'CHANGE_REFUSED';
  readonly actor: string | undefined;
  readonly address: string | undefined;
  readonly attributes: NewEntry['attributes'];
}

/**
 * Journals who was refused what. The first of a kind is written at once; more of the same from the same place within a minute
 * are counted, and written as one.
 */
export class Audit {
  /** How many more of each kind came since it was last written. */
  private readonly told = new LRUCache<string, { readonly refused: Refused; further: number }>({ max: MAX_TOLD });
  private readonly writing = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private written = 0;
  /** Of each address, how many were written, and how many more were neither written nor counted with one that was. */
  private readonly addresses = new Map<string | undefined, { written: number; left: number }>();

  constructor(
    private readonly database: Database,
    private readonly log: Logger,
    /** Called after a commit that journalled something. */
    private readonly committed: () => void,
    private readonly quietMs = QUIET_MS,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.tellFurther();
    }, this.quietMs);
  }

  /** Writes what was only counted, and waits for it. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.tellFurther();
    await Promise.all(this.writing);
  }

  note(refused: Refused): void {
    const key = JSON.stringify(refused);
    const known = this.told.get(key);
    if (known !== undefined) {
      known.further += 1;
      return;
    }
    const ofAddress = this.countOf(refused.address);
    if (this.written < MAX_ENTRIES && ofAddress.written < MAX_OF_ADDRESS) {
      this.written += 1;
      ofAddress.written += 1;
      this.told.set(key, { refused, further: 0 });
      this.write([entryOf(refused, 1)]);
    } else {
      ofAddress.left += 1;
    }
  }

  private countOf(address: string | undefined): { written: number; left: number } {
    const holder = address === undefined ? undefined : networkOf(address);
    const place = this.addresses.has(holder) || this.addresses.size < MAX_ADDRESSES ? holder : undefined;
    let count = this.addresses.get(place);
    if (count === undefined) this.addresses.set(place, (count = { written: 0, left: 0 }));
    return count;
  }

  private tellFurther(): void {
    const entries = [...this.told.values()].filter(({ further }) => further > 0).map(({ refused, further }) => entryOf(refused, further));
    for (const [address, { left }] of this.addresses) {
      if (left === 0) continue;
      const refused = { type: 'CALL_REFUSED', actor: undefined, address, attributes: { reason: 'others, more than are written within a minute' } } as const;
      entries.push(entryOf(refused, left));
    }
    this.told.clear();
    this.written = 0;
    this.addresses.clear();
    if (entries.length > 0) this.write(entries);
  }

  private write(entries: readonly NewEntry[]): void {
    const writing = this.database
      .$transaction((transaction) => appendEntries(transaction, entries))
      .then(this.committed)
      .catch((error: unknown) => {
        this.log.warn({ err: error, entries: entries.length }, 'what was refused cannot be journalled now');
      })
      .finally(() => this.writing.delete(writing));
    this.writing.add(writing);
  }
}

/** Has a call noted that was refused to somebody for what it is; other problems are nobody's to judge. */
export function noteForbidden(audit: Pick<Audit, 'note'>, error: unknown, actor: string, address: string): void {
  const { code, message } = toShownProblem(error).problem;
  if (code === 'FORBIDDEN') audit.note({ type: 'CALL_REFUSED', actor, address, attributes: { code, reason: message } });
}

/** Makes a decision, and has what it refuses noted. @throws what `decide` throws. */
export function audited<T>(audit: Pick<Audit, 'note'>, decide: () => T, describe: (problem: Problem) => Refused): T {
  try {
    return decide();
  } catch (error) {
    audit.note(describe(toShownProblem(error).problem));
    throw error;
  }
}

function entryOf({ type, actor, address, attributes }: Refused, times: number): NewEntry {
  return {
    type,
    source: 'GATEWAY',
    occurredAt: Date.now(),
    ...(actor === undefined ? {} : { actor }),
    ...(address === undefined ? {} : { address }),
    attributes: { ...attributes, ...(times === 1 ? {} : { times }) },
  };
}
