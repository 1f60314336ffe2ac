import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { Prisma } from '../generated/prisma/client.js';
import type { FairTurns } from '../fair-turns.js';
import { Problem } from '../problems.js';
import { inSpan } from '../tracing.js';
import { RowQuery, type MakeRow, type Statement } from './data-rows.js';
import { rowMaker } from './row-maker.js';

/** Statements that are planned once for each connection; those that come later are planned each time. */
const MAX_PREPARED = 100;
/** Lists of columns for which the code that makes their rows is kept. */
const MAX_MAKERS = 500;
/** SQLSTATE of a statement that the server ended, here always for its time-out (PostgreSQL, appendix A). */
const QUERY_CANCELED = '57014';

/**
 * Reads rows by node-postgres itself: Prisma's client takes several times as much CPU for each row, and reads are what
 * the gateway does most. Columns come under the names that the statement gives them, those with a dot ("host.name") in an
 * inner object, which is null when a question mark says that it may be missing ("mount?.id") and that column is; bigint as BigInt, times as Date.
 *
 * `prepared` has the server keep the statement's plan. It is for statements whose plan is right for any values: one with
 * filters is planned with them.
 * @throws {Problem} LIMIT_EXCEEDED when the statement takes longer than its limit; else what node-postgres throws.
 */
export type ReadRows = <Row>(statement: Prisma.Sql, options?: ReadOptions) => Promise<Row[]>;

interface ReadOptions {
  readonly prepared?: boolean;
  /** Who asked for it: those who wait for a connection have theirs in turn, whoever waits for many. By default the gateway itself. */
  readonly caller?: string;
}

/** How connections are read over. */
interface Reading {
  /** Milliseconds that one statement may run. */
  readonly statementTimeoutMs: number;
  /** Milliseconds that one waits for a connection. */
  readonly waitMs: number;
  /** Who has a connection next. */
  readonly turns: FairTurns;
  readonly onStatement?: ((sql: string, values: readonly unknown[]) => void) | undefined;
}

export function makeReadRows(pool: pg.Pool, { statementTimeoutMs, waitMs, turns, onStatement }: Reading): ReadRows {
  const prepared = new Map<string, Statement>();
  const makerOf = makers();
  const prepare = (text: string) => {
    let statement = prepared.get(text);
    if (statement === undefined && prepared.size < MAX_PREPARED) {
      statement = { name: `stowage_${String(prepared.size)}`, text };
      prepared.set(text, statement);
    }
    return statement;
  };
  return async <Row>({ text, values }: Prisma.Sql, { prepared: isPrepared = false, caller = '' }: ReadOptions = {}): Promise<Row[]> => {
    const turn = turns.ask(caller);
    try {
      if (turn.begun !== undefined) await begunWithin(turn.begun, waitMs);
      return await readInTurn<Row>({ text, values }, isPrepared);
    } finally {
      turn.end();
    }
  };

  async function readInTurn<Row>({ text, values }: Pick<Prisma.Sql, 'text' | 'values'>, isPrepared: boolean): Promise<Row[]> {
    onStatement?.(text, values);
    const statement = (isPrepared ? prepare(text) : undefined) ?? { name: '', text };
    const read = async () => {
      const client = await pool.connect();
      return new Promise<unknown[]>((resolve, reject) => {
        const query = new RowQuery(statement, values, makerOf, (error, rows) => {
          // A connection on which a statement failed is not used again.
          client.release(error !== undefined);
          if (error === undefined) resolve(rows);
          else reject(error);
        });
        client.query(query);
      });
    };
    try {
      return (await inSpan('postgresql read', { kind: 'client', attributes: { 'db.system.name': 'postgresql', 'db.query.text': text } }, read)) as Row[];
    } catch (error) {
      if ((error as { code?: unknown }).code !== QUERY_CANCELED) throw error;
      const seconds = String(statementTimeoutMs / 1000);
      throw new Problem('LIMIT_EXCEEDED', `One statement of this query took longer than ${seconds} s, the limit (STOWAGE_STATEMENT_SECONDS). Ask for less.`, {
        cause: error,
      });
    }
  }
}

/** @throws {Problem} UNAVAILABLE when it takes longer. */
async function begunWithin(begun: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Problem('UNAVAILABLE', 'The gateway has more to read than it can now, most of it for you. Try again.'));
    }, limitMs);
  });
  try {
    await Promise.race([begun, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Those of rows that have the same columns are made once. */
function makers(): (fields: readonly pg.FieldDef[]) => MakeRow {
  const known = new LRUCache<string, MakeRow>({ max: MAX_MAKERS });
  return (fields) => {
    const names = fields.map(({ name }) => name);
    const key = names.join('\n');
    let make = known.get(key);
    if (make === undefined) known.set(key, (make = rowMaker(names)));
    return make;
  };
}
