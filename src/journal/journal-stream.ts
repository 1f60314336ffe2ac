import type { Entry, EntryFilter } from './entry.js';

/**
 * What a subscription to the journal reads: everything after a position, through a filter. Only groups read it, each once
 * for all its members.
 */
export class JournalStream implements AsyncIterable<Entry> {
  constructor(
    readonly position: bigint,
    readonly filter: EntryFilter,
  ) {}

  [Symbol.asyncIterator](): AsyncIterator<Entry> {
    throw new Error('The journal is read by groups.');
  }
}
