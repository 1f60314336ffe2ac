import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import pg from 'pg';
import { FairTurns } from '../fair-turns.js';
import { type Prisma, PrismaClient } from '../generated/prisma/client.js';
import { RowClient } from './data-rows.js';
import { makeReadRows, type ReadRows } from './read-rows.js';

/** Connections of one gateway for all that writes and watches, those for what is read for answers, and one for what must not wait for either. */
const POOL_SIZE = 10;
const READ_POOL_SIZE = 10;
const QUICK_POOL_SIZE = 1;
/** Of those for answers, how many wait for callers who are read nothing for: the long statements of others leave them free. */
const READ_FOR_NEWCOMERS = 2;
/** Milliseconds to wait for a connection before a query fails: an absent database must not hold answers up. */
const CONNECT_TIMEOUT_MS = 3_000;
/** Milliseconds that one statement may run where no setting says otherwise; the database itself ends it. */
const STATEMENT_TIMEOUT_MS = 10_000;
/**
 * Milliseconds that a transaction may stand still. It holds locks that others wait for (a host's lease, the order of the
 * journal), and a gateway may be frozen in the middle of one.
 */
const IDLE_IN_TRANSACTION_MS = 3_000;
/** Milliseconds for an orderly end of all connections. */
const CLOSE_LIMIT_MS = 500;
/** Milliseconds beyond it until the connection itself counts as dead. */
const SILENCE_MARGIN_MS = 1_000;

/**
 * How short statements of many users are planned best, as far as these are no matter of the server's machine: rows that are
 * near memory cost little more in any order than in that of the disk, no compiler, no further processes for one statement.
 */
const READ_OPTIONS = '-c random_page_cost=1.1 -c jit=off -c max_parallel_workers_per_gather=0';

/** The typed client over the whole schema, and the quick way to read rows for answers, over connections of its own. */
export type Database = PrismaClient & {
  readonly readRows: ReadRows;
  /** For short statements that nobody's long ones may hold up; always prepared. */
  readonly readNow: <Row>(statement: Prisma.Sql) => Promise<Row[]>;
  /** The pool of those, for what writes its own SQL. */
  readonly quickPool: pg.Pool;
  readonly pools: readonly pg.Pool[];
  /** Who waits before a pool. */
  readonly turns: ReadonlyMap<pg.Pool, FairTurns>;
};
/** The same inside an interactive transaction. */
export type Transaction = Prisma.TransactionClient;

/** How the pools are opened. */
interface DatabaseOptions {
  /** Milliseconds that one statement that reads for an answer may run; the database itself ends it. */
  readonly readTimeoutMs?: number;
  /** Hears of every SQL statement; with its values where it reads for an answer. */
  readonly onStatement?: (sql: string, values?: readonly unknown[]) => void;
}

/**
 * Opens the pools; connections are made when first needed. Answers have a pool of their own, so that no flood of queries
 * keeps the gateway from writing down what it sees.
 */
export function openDatabase(url: string, { readTimeoutMs = STATEMENT_TIMEOUT_MS, onStatement }: DatabaseOptions = {}): Database {
  const pool = openPool(url, POOL_SIZE, STATEMENT_TIMEOUT_MS);
  const readPool = openPool(url, READ_POOL_SIZE, readTimeoutMs, READ_OPTIONS);
  const quickPool = openPool(url, QUICK_POOL_SIZE, readTimeoutMs);
  const readTurns = new FairTurns({ atOnce: READ_POOL_SIZE, forNewcomers: READ_FOR_NEWCOMERS });
  const quickTurns = new FairTurns({ atOnce: QUICK_POOL_SIZE });
  const reading = { statementTimeoutMs: readTimeoutMs, waitMs: CONNECT_TIMEOUT_MS, onStatement };
  const readQuick = makeReadRows(quickPool, { ...reading, turns: quickTurns });
  const further = {
    readRows: makeReadRows(readPool, { ...reading, turns: readTurns }),
    readNow: <Row>(statement: Prisma.Sql) => readQuick<Row>(statement, { prepared: true }),
    quickPool,
    pools: [pool, readPool, quickPool],
    turns: new Map([
      [readPool, readTurns],
      [quickPool, quickTurns],
    ]),
  };
  const adapter = new PrismaPg(pool);
  if (onStatement === undefined) return Object.assign(new PrismaClient({ adapter }), further);
  const heard = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
  heard.$on('query', ({ query }) => {
    onStatement(query);
  });
  return Object.assign(heard, further);
}

/** The same database, of whose connections for answers no more than one is used at a time. */
export function readInOrder(database: Database): Database {
  const inTurn = pLimit(1);
  const readRows: ReadRows = (statement, options) => inTurn(() => database.readRows(statement, options));
  return readingBy(database, readRows);
}

/** Callers for whom {@link readFor} keeps what it has made: it is asked for each request. */
const MAX_READERS = 1_000;
const readers = new WeakMap<Database, LRUCache<string, Database>>();

/** The same database, whose connections for answers are used in a caller's name: they are divided among callers. */
export function readAs(database: Database, caller: string): Database {
  const readRows: ReadRows = (statement, options) => database.readRows(statement, { ...options, caller });
  return readingBy(database, readRows);
}

/** The same as {@link readAs}, made once for a caller who comes again. */
export function readFor(database: Database, caller: string): Database {
  let own = readers.get(database);
  if (own === undefined) readers.set(database, (own = new LRUCache({ max: MAX_READERS })));
  let reader = own.get(caller);
  if (reader === undefined) own.set(caller, (reader = readAs(database, caller)));
  return reader;
}

/** The same database with another way to read rows. */
function readingBy(database: Database, readRows: ReadRows): Database {
  return new Proxy(database, { get: (target, property) => (property === 'readRows' ? readRows : (Reflect.get(target, property) as unknown)) });
}

function openPool(url: string, size: number, statementTimeoutMs: number, options = ''): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    options,
    max: size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    application_name: 'stowage',
    Client: RowClient,
    // The pool waits for it, whatever its type says.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    onConnect: endSoonWithoutPeer,
  });
  pool.on('connect', (client) => {
    endWhenSilent(client, statementTimeoutMs);
  });
  // A connection that fails while nobody uses it is thrown away by the pool; whoever uses one hears of it.
  pool.on('error', () => undefined);
  return pool;
}

/** Closes the client and its pools. A database that does not answer any more is not waited for: its connections end with the process. */
export async function closeDatabase(database: Database): Promise<void> {
  const stop = new AbortController();
  try {
    const ending = database.$disconnect().then(() => Promise.all(database.pools.map((pool) => pool.end())));
    await Promise.race([ending, delay(CLOSE_LIMIT_MS, undefined, { signal: stop.signal })]);
  } finally {
    stop.abort();
  }
}

/**
 * Has the server end its side within about ten seconds when this gateway is gone without a word: by default it keeps such
 * a connection, and its locks, for two hours. Keepalives alone do not help while sent data is not acknowledged.
 */
export async function endSoonWithoutPeer(client: pg.ClientBase): Promise<void> {
  await client.query('set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3; set tcp_user_timeout = 10000');
}

/**
 * Ends a connection on which a statement is not answered in time. The server's own time-out cannot help when the link is
 * half open, and node-postgres' `query_timeout` would give the dead connection back to the pool.
 */
function endWhenSilent(client: pg.PoolClient, statementTimeoutMs: number): void {
  // node-postgres' types show neither the socket nor whether a statement is under way.
  const { connection } = client as unknown as { connection: { stream: Socket } };
  connection.stream.setTimeout(statementTimeoutMs + SILENCE_MARGIN_MS, () => {
    const { _activeQuery: active } = client as unknown as { _activeQuery: unknown };
    if (active !== null && active !== undefined) connection.stream.destroy(new Error('Connection terminated: the database does not answer'));
  });
}

export { Prisma } from '../generated/prisma/client.js';
