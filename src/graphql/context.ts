import type { Caller } from '../access/caller.js';
import type { Limits } from '../config.js';
import type { CommandContext } from '../commands/context.js';
import type { Database } from '../database/client.js';
import type { ControlConnection } from '../database/control-connection.js';
import type { JournalFeed } from '../journal/feed.js';
import { ALL_COLUMNS, type Columns } from '../inventory/columns.js';
import { makeLoaders, type Loaders } from './loaders.js';

/** The rooms below that resolvers ask. */
export interface Services {
  readonly database: Database;
  readonly control: ControlConnection;
  readonly feed: JournalFeed;
  readonly commands: CommandContext;
  readonly limits: Limits;
  /** Bytes of answers that are kept until the inventory changes; 0: none is. */
  readonly answerCacheBytes: number;
  /** Directories of hosts that count as sensitive beside the usual ones. */
  readonly sensitivePaths: readonly string[];
}

/** What resolvers of one request share. */
export interface RequestContext {
  readonly caller: Caller;
  readonly services: Services;
  /** What the operation asks for; set before the first resolver runs. */
  columns: Columns;
  loaders: Loaders;
  /** Cursor from which the client goes on, whatever the document says: what came to it last, by the transport. */
  readonly lastCursor?: string | undefined;
  /** What is known of the answer when it is there. An object of its own, since Apollo works with a copy of the context. */
  readonly outcome: {
    /** Whether it is the same until the inventory changes. */
    keepable: boolean;
    /** Roughly how many objects the operation may read. */
    cost: number;
  };
}

export function makeContext(services: Services, caller: Caller, lastCursor?: string): RequestContext {
  return { services, caller, lastCursor, columns: ALL_COLUMNS, loaders: makeLoaders(services.database, ALL_COLUMNS), outcome: { keepable: false, cost: 0 } };
}

/** Tells what an operation asks for, so that no more than that is read. */
export function readOnly(context: RequestContext, columns: Columns): void {
  if (context.columns === columns) return;
  context.columns = columns;
  context.loaders = makeLoaders(context.services.database, columns);
}
