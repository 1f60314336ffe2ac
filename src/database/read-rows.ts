import type pg from 'pg';
import { types } from 'pg';
import type { Prisma } from '../generated/prisma/client.js';
import { Problem } from '../problems.js';

/** Statements that are planned once for each connection; those that come later are planned each time. */
const MAX_PREPARED = 100;
/** SQLSTATE of a statement that the server ended, here always for its time-out (PostgreSQL, appendix A). */
const QUERY_CANCELED = '57014';

/**
 * Reads rows by node-postgres itself: Prisma's client takes several times as much CPU for each row, and reads are what
 * the gateway does most. Columns come under the names that the statement gives them; bigint as BigInt, times as Date.
 *
 * `prepared` has the server keep the statement's plan. It is for statements whose plan is right for any values: one with
 * filters is planned with them.
 * @throws {Problem} LIMIT_EXCEEDED when the statement takes longer than its limit; else what node-postgres throws.
 */
export type ReadRows = <Row>(statement: Prisma.Sql, options?: { readonly prepared: boolean }) => Promise<Row[]>;

export function makeReadRows(pool: pg.Pool, statementTimeoutMs: number, onStatement?: (sql: string) => void): ReadRows {
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text);
    if (known !== undefined || names.size >= MAX_PREPARED) return known;
    const name = `stowage_${String(names.size)}`;
    names.set(text, name);
    return name;
  };
  return async <Row>(statement: Prisma.Sql, options?: { readonly prepared: boolean }): Promise<Row[]> => {
    const { text, values } = statement;
    onStatement?.(text);
    const name = options?.prepared === true ? nameOf(text) : undefined;
    try {
      const { rows } = await pool.query({ text, values, types: COLUMN_TYPES, ...(name === undefined ? {} : { name }) });
      return rows as Row[];
    } catch (error) {
      if ((error as { code?: unknown }).code !== QUERY_CANCELED) throw error;
      const seconds = String(statementTimeoutMs / 1000);
      throw new Problem('LIMIT_EXCEEDED', `One statement of this query took longer than ${seconds} s, the limit (STOWAGE_STATEMENT_SECONDS). Ask for less.`, {
        cause: error,
      });
    }
  };
}

/** How columns become values, where node-postgres' own way is not the one of Prisma's client. */
const COLUMN_TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    // The types tell nothing of what a parser gives.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-return
    oid === types.builtins.INT8 && format !== 'binary' ? BigInt : types.getTypeParser(oid, format),
};
