/** Told what a shared stream brings. */
export interface StreamListener<Item> {
  changed(item: Item): void;
  /** Nothing follows; with an error when the stream has not come to its end. */
  ended(error?: unknown): void;
}

/**
 * What a subscription to the present state of something reads: the same stream for all who ask with one key, of which the
 * newest item takes the place of those before. Only groups read it (`LatestGroup`), each once for all its members.
 */
export class SharedStream<Item> implements AsyncIterable<Item> {
  constructor(
    readonly key: string,
    /** Starts it; the returned function ends it, and nothing is told from then on. */
    readonly start: (listener: StreamListener<Item>) => () => void,
  ) {}

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    throw new Error('A shared stream is read by its group.');
  }
}
