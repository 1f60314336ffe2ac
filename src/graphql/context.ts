import type { Audit } from '../access/audit.js';
import type { Caller } from '../access/caller.js';
import { viewOf } from '../inventory/view.js';
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
  /** Hears of what was refused. */
  readonly audit: Audit;
  readonly commands: CommandContext;
  readonly limits: Limits;
  /** Bytes of answers that are kept until the inventory changes; 0: none is. */
  readonly answerCacheBytes: number;
  /** Directories of hosts that count as sensitive beside the usual ones. */
  readonly sensitivePaths: readonly string[];
}

/** The same without the database: what answers show is read from the caller's view. */
export type QueryServices = Omit<Services, 'database'>;

/** What resolvers of one request share. */
export interface RequestContext {
  readonly caller: Caller;
  /** What there is for the caller, to read all answers from. */
  readonly view: Database;
  /** All there is, for what is the same for everyone: where the journal begins and ends. */
  readonly all: Database;
  readonly services: QueryServices;
  /** What the operation asks for; set before the first resolver runs. */
  columns: Columns;
  loaders: Loaders;
  /** Network address that the request came from, where that is known. */
  readonly address: string | undefined;
  /** Cursor from which the client goes on, whatever the document says: what came to it last, by the transport. */
  readonly lastCursor?: string | undefined;
  /** What is known of the answer when it is there. An object of its own, since Apollo works with a copy of the context. */
  readonly outcome: {
    /** Whether it is the same until the inventory changes. */
    keepable: boolean;
  };
}

/** What is known of where a request came from. */
export interface Origin {
  readonly address?: string | undefined;
  readonly lastCursor?: string | undefined;
}

export function makeContext(services: Services, caller: Caller, { address, lastCursor }: Origin = {}): RequestContext {
  const view = viewOf(services.database, caller.hosts);
  return {
    services,
    caller,
    view,
    all: services.database,
    address,
    lastCursor,
    columns: ALL_COLUMNS,
    loaders: makeLoaders(view, ALL_COLUMNS),
    outcome: { keepable: false },
  };
}

/** Tells what an operation asks for, so that no more than that is read. */
export function readOnly(context: RequestContext, columns: Columns): void {
  if (context.columns === columns) return;
  context.columns = columns;
  context.loaders = makeLoaders(context.view, columns);
}
