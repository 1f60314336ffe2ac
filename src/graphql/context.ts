import type { Audit } from '../access/audit.js';
import type { Caller } from '../access/caller.js';
import type { Limits } from '../config.js';
import type { CommandContext } from '../commands/context.js';
import { readFor, type Database } from '../database/client.js';
import type { ControlConnection } from '../database/control-connection.js';
import type { JournalFeed } from '../journal/feed.js';
import type { Metrics } from '../metrics.js';
import type { OperationFeed } from '../operations/follow.js';
import { ALL_COLUMNS, type Columns } from '../inventory/columns.js';
import { viewOf } from '../inventory/view.js';
import { makeLoaders, type Loaders } from './loaders.js';

/** The rooms below that resolvers ask. */
export interface Services {
  /** In the context of a request, what of it exists for the caller. */
  readonly database: Database;
  readonly control: ControlConnection;
  readonly feed: JournalFeed;
  /** Hears of what was refused. */
  readonly audit: Audit;
  readonly operationFeed: OperationFeed;
  readonly commands: CommandContext;
  readonly limits: Limits;
  readonly metrics: Metrics;
  /** Bytes of answers that are kept until the inventory changes; 0: none is. */
  readonly answerCacheBytes: number;
  /** Directories of hosts that count as sensitive beside the usual ones. */
  readonly sensitivePaths: readonly string[];
}

/** An operation, as the log and the metrics name it. */
export interface OperationTold {
  readonly name: string | undefined;
  readonly kind: 'query' | 'mutation' | 'subscription';
}

/** What resolvers of one request share. */
export interface RequestContext {
  readonly caller: Caller;
  readonly services: Services;
  /** What the operation asks for; set before the first resolver runs. */
  columns: Columns;
  loaders: Loaders;
  /** Network address that the request came from, where that is known. */
  readonly address: string | undefined;
  /** Cursor from which the client goes on, whatever the document says: what came to it last, by the transport. */
  readonly lastCursor?: string | undefined;
  /** By which the log tells of it; undefined for what nobody asked for. */
  readonly requestId: string | undefined;
  /** What is known of the answer when it is there. An object of its own, since Apollo works with a copy of the context. */
  readonly outcome: {
    /** Whether it is the same until the inventory changes. */
    keepable: boolean;
    /** Roughly how many objects the operation may read. */
    cost: number;
    /** undefined: the document has none of that name, or is wrong. */
    operation: OperationTold | undefined;
    /** To be called when the document was read and checked. */
    documentRead: () => void;
    /** Codes of what went wrong. */
    problems: readonly string[];
  };
}

/** What is known of where a request came from. */
interface Origin {
  readonly address?: string | undefined;
  readonly lastCursor?: string | undefined;
  readonly requestId?: string | undefined;
}

/** The context of a request. */
export function makeContext(services: Services, caller: Caller, origin: Origin = {}): RequestContext {
  // Whatever answers are made from is read through this, so that none shows a host that does not exist for the caller.
  const database = viewOf(readFor(services.database, caller.id), caller.hosts);
  return contextOn(database, services, caller, ALL_COLUMNS, origin);
}

/** A context whose answers are made from these columns of a database: of what of it exists for the caller. */
export function contextOn(
  database: Database,
  services: Services,
  caller: Caller,
  columns: Columns,
  { address, lastCursor, requestId }: Origin = {},
): RequestContext {
  return {
    ...{ caller, address, lastCursor, requestId, columns },
    services: { ...services, database },
    loaders: makeLoaders(database, columns),
    outcome: { keepable: false, cost: 0, operation: undefined, problems: [], documentRead: () => undefined },
  };
}

/** Tells what an operation asks for, so that no more than that is read. */
export function readOnly(context: RequestContext, columns: Columns): void {
  if (context.columns === columns) return;
  context.columns = columns;
  context.loaders = makeLoaders(context.services.database, columns);
}
