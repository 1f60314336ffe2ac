import type { Entry } from '../../src/journal/entry.js';
import type { JournalFeed } from '../../src/journal/feed.js';

/** What was read of a feed, and the problem that ended it. */
export interface FeedReader {
  readonly seen: readonly Entry[];
  problem(): unknown;
}

/** Reads a feed after a position in small pages, and on whenever it has advanced, as groups of subscribers do. */
export function readFeed(feed: JournalFeed, start: bigint): FeedReader {
  const seen: Entry[] = [];
  let position = start;
  let problem: unknown;
  const readOn = async () => {
    while (problem === undefined) {
      const { entries, upTo } = await feed.pageAfter(position, {}, 100);
      seen.push(...entries);
      if (upTo <= position) return;
      position = upTo;
    }
  };
  let reading = Promise.resolve();
  const readLater = () => {
    reading = reading.then(readOn).catch((error: unknown) => {
      problem ??= error;
    });
  };
  feed.listen(readLater);
  readLater();
  return { seen, problem: () => problem };
}
