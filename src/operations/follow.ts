import type { Logger } from 'pino';
import type { ControlConnection } from '../database/control-connection.js';
import type { Database } from '../database/client.js';
import { Problem, toShownProblem } from '../problems.js';
import { operationsById, type ShownOperation } from './lists.js';
import { isOver } from './records.js';

/** Milliseconds between looks at operations that somebody follows: their progress is no event of the journal. */
const LOOK_INTERVAL_MS = 300;

/** Whoever follows an operation. */
export interface Follower {
  /** Told the operation as it is at first, and after every change. */
  changed(operation: ShownOperation): void;
  /** Told once that nothing will follow; with an error when that is not because the operation is over. */
  ended(error?: unknown): void;
}

interface Followed {
  readonly followers: Set<Follower>;
  last: ShownOperation | undefined;
}

/** Looks at all operations that are followed in one statement, however many follow them, and at none when nobody does. */
export class OperationFeed {
  private readonly followed = new Map<string, Followed>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly database: Database,
    private readonly control: ControlConnection,
    private readonly log: Logger,
  ) {}

  /** Follows an operation until the returned function is called or it is over. */
  follow(id: string, follower: Follower): () => void {
    const followed = this.followed.get(id) ?? { followers: new Set<Follower>(), last: undefined };
    this.followed.set(id, followed);
    followed.followers.add(follower);
    if (followed.last === undefined) this.lookSoon(0);
    else follower.changed(followed.last);
    return () => {
      if (followed.followers.delete(follower) && followed.followers.size === 0) this.forget(id, followed);
    };
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private lookSoon(ms: number): void {
    if (this.isStopped || this.looking !== undefined) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => {
        this.looking = undefined;
        if (this.followed.size === 0) return;
        const isNew = [...this.followed.values()].some(({ last }) => last === undefined);
        this.lookSoon(isNew && this.control.isUp ? 0 : LOOK_INTERVAL_MS);
      });
    }, ms);
  }

  private async look(): Promise<void> {
    const ids = [...this.followed.keys()];
    let rows: ShownOperation[];
    try {
      rows = await this.control.whileUp(() => operationsById(this.database, ids));
    } catch (error) {
      this.log.debug({ err: error }, 'operations that are followed cannot be read now');
      // The database comes back.
      if (toShownProblem(error).problem.code === 'UNAVAILABLE') return;
      for (const id of ids) this.end(id, error);
      return;
    }
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const id of ids) {
      const followed = this.followed.get(id);
      const row = byId.get(id);
      if (followed === undefined) continue;
      if (row === undefined) {
        this.end(id, new Problem('NOT_FOUND', 'There is no such operation.'));
        continue;
      }
      if (followed.last === undefined || shown(followed.last) !== shown(row)) {
        followed.last = row;
        for (const follower of [...followed.followers]) follower.changed(row);
      }
      if (isOver(row.state)) this.end(id);
    }
  }

  private end(id: string, error?: unknown): void {
    const followed = this.followed.get(id);
    if (followed === undefined) return;
    this.forget(id, followed);
    for (const follower of [...followed.followers]) follower.ended(error);
    followed.followers.clear();
  }

  private forget(id: string, followed: Followed): void {
    if (this.followed.get(id) === followed) this.followed.delete(id);
  }
}

/** What followers see of an operation: the rest of its row is how it is worked on. */
function shown({ state, bytesDone, bytesTotal, warnings }: ShownOperation): string {
  return [state, bytesDone, bytesTotal, warnings.length].join(' ');
}
