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
  /** Replaced for each event of a subscription. */
  loaders: Loaders;
  /** Whether the answer is the same until the inventory changes; known when it is there. */
  keepable: boolean;
}

export function makeContext(services: Services, caller: Caller): RequestContext {
  return { services, caller, columns: ALL_COLUMNS, loaders: makeLoaders(services.database, ALL_COLUMNS), keepable: false };
}

/** Tells what an operation asks for, so that no more than that is read. */
export function readOnly(context: RequestContext, columns: Columns): void {
  if (context.columns === columns) return;
  context.columns = columns;
  context.loaders = makeLoaders(context.services.database, columns);
}
