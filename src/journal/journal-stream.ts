import type { Entry, EntryFilter } from './entry.js';
import type { JournalFeed } from './feed.js';

/**
 * What a subscription reads: the journal after a position, through a filter. Whoever sends the same to many takes position
 * and filter and reads once for all of them; to anyone else it is a stream of its own.
 */
export class JournalStream implements AsyncIterable<Entry> {
  constructor(
    private readonly feed: JournalFeed,
    readonly position: bigint,
    readonly filter: EntryFilter,
  ) {}

  [Symbol.asyncIterator](): AsyncGenerator<Entry> {
    return this.feed.subscribe(this.position, this.filter);
  }
}
