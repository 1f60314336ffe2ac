import { setImmediate as nextRound } from 'node:timers/promises';
import { FairTurns } from '../fair-turns.js';

/** Milliseconds for which documents are read until the event loop comes to everything else. */
const BUSY_LIMIT_MS = 5;

/**
 * Turns at reading and checking documents, one caller after the other. One document may take milliseconds, and thousands of them
 * may come at once, over any transport: without turns they would be read in one go, while the database's answers, and the
 * gateway's own heartbeats, wait until leases are lost.
 */
export class DocumentTurns {
  private readonly turns = new FairTurns({ atOnce: 1 });
  /** When the first document of this round of the event loop was read; undefined: none was. */
  private since: number | undefined;

  /** Waits for a caller's turn; what is returned ends it, and may be called again. Within it nothing else is to be waited for. */
  async begin(caller: string): Promise<() => void> {
    const turn = this.turns.ask(caller);
    if (turn.begun !== undefined) await turn.begun;
    if (this.since !== undefined && performance.now() - this.since > BUSY_LIMIT_MS) await nextRound();
    if (this.since === undefined) {
      this.since = performance.now();
      setImmediate(() => {
        this.since = undefined;
      });
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      turn.end();
    };
  }

  /** Does work that waits for nothing when a caller's turn has come. @throws what the work throws. */
  async take<T>(caller: string, work: () => T): Promise<T> {
    const end = await this.begin(caller);
    try {
      return work();
    } finally {
      end();
    }
  }
}
