import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client.js';

/** Connections in the pool of one gateway. */
const POOL_SIZE = 15;
/** Milliseconds to wait for a connection before a query fails: an absent database must not hold answers up. */
const CONNECT_TIMEOUT_MS = 3_000;
/** Milliseconds that one statement may run; the database itself ends it. */
const STATEMENT_TIMEOUT_MS = 15_000;

/** The typed client over the whole schema. */
export type Database = PrismaClient;
/** The same inside an interactive transaction. */
export type Transaction = Prisma.TransactionClient;

/** Opens the pool; connections are made when first needed. `onStatement` hears of every SQL statement, without its values. */
export function openDatabase(url: string, onStatement?: (sql: string) => void): Database {
  const adapter = new PrismaPg({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'stowage',
  });
  if (onStatement === undefined) return new PrismaClient({ adapter });
  const heard = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
  heard.$on('query', ({ query }) => {
    onStatement(query);
  });
  return heard;
}

export { Prisma } from '../generated/prisma/client.js';
