import pg from 'pg';
import type { Prisma } from '../generated/prisma/client.js';
import { Problem } from '../problems.js';

/** Statements that are planned once for each connection; those that come later are planned each time. */
const MAX_PREPARED = 100;
/** SQLSTATE of a statement that the server ended, here always for its time-out (PostgreSQL, appendix A). */
const QUERY_CANCELED = '57014';

/**
 * Reads rows by node-postgres itself: Prisma's client takes several times as much CPU for each row, and reads are what
 * the gateway does most. Columns come under the names that the statement gives them, those with a dot ("host.name") in an
 * inner object; bigint as BigInt, times as Date.
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
      const { rows, fields } = await pool.query<unknown[]>({ text, values, rowMode: 'array', types: COLUMN_TYPES, ...(name === undefined ? {} : { name }) });
      const parts = partsOf(fields);
      return rows.map((row) => toObject(row, parts) as Row);
    } catch (error) {
      if ((error as { code?: unknown }).code !== QUERY_CANCELED) throw error;
      const seconds = String(statementTimeoutMs / 1000);
      throw new Problem('LIMIT_EXCEEDED', `One statement of this query took longer than ${seconds} s, the limit (STOWAGE_STATEMENT_SECONDS). Ask for less.`, {
        cause: error,
      });
    }
  };
}

/** Columns that stand next to each other and make one object, of which each value has its name. */
interface Part {
  /** Names of the objects that it is in, from the row on; none for the row itself. */
  readonly path: readonly string[];
  readonly from: number;
  readonly names: readonly string[];
}

function partsOf(fields: readonly pg.FieldDef[]): Part[] {
  const parts: { path: string[]; from: number; names: string[] }[] = [];
  for (const [index, field] of fields.entries()) {
    const path = field.name.split('.');
    const name = path.pop() ?? '';
    const last = parts.at(-1);
    if (last?.path.join('.') === path.join('.')) last.names.push(name);
    else parts.push({ path, from: index, names: [name] });
  }
  return parts;
}

/** An inner object whose first value is null is null: the other side of an outer join, which begins with its id. */
function toObject(values: readonly unknown[], parts: readonly Part[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const { path, from, names } of parts) {
    let target: Record<string, unknown> | null = row;
    for (let depth = 0; depth < path.length && target !== null; depth += 1) {
      const name = path[depth] ?? '';
      const inner: unknown = target[name];
      if (inner === undefined) target[name] = values[from] === null ? null : {};
      target = target[name] as Record<string, unknown> | null;
    }
    if (target === null) continue;
    for (let index = 0; index < names.length; index += 1) target[names[index] ?? ''] = values[from + index];
  }
  return row;
}

/** PostgreSQL's number of its type bigint (catalog pg_type). */
const INT8 = 20;

/** How columns become values, where node-postgres' own way is not the one of Prisma's client. */
const COLUMN_TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((value: string) => unknown) => {
    if (oid === INT8 && format !== 'binary') return BigInt;
    // Its types know only the numbers of built-in types, and name no type of what a parser gives.
    const parserOf = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => (value: string) => unknown;
    return parserOf(oid, format);
  },
};
