import pg from 'pg';
import type { Prisma } from '../generated/prisma/client.js';
import { Problem } from '../problems.js';
import { nextTurn } from '../turns.js';

/** Statements that are planned once for each connection; those that come later are planned each time. */
const MAX_PREPARED = 100;
/** Rows that are made into objects at once, which takes about a millisecond. */
const ROWS_AT_ONCE = 200;
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
export type ReadRows = <Row>(statement: Prisma.Sql, options?: { readonly prepared: boolean }) => Promise<Row[]>;

export function makeReadRows(pool: pg.Pool, statementTimeoutMs: number, onStatement?: (sql: string, values: readonly unknown[]) => void): ReadRows {
  const prepared = new Map<string, { readonly name: string; parts?: readonly Part[] }>();
  const prepare = (text: string) => {
    let statement = prepared.get(text);
    if (statement === undefined && prepared.size < MAX_PREPARED) {
      statement = { name: `stowage_${String(prepared.size)}` };
      prepared.set(text, statement);
    }
    return statement;
  };
  return async <Row>({ text, values }: Prisma.Sql, options?: { readonly prepared: boolean }): Promise<Row[]> => {
    onStatement?.(text, values);
    const statement = options?.prepared === true ? prepare(text) : undefined;
    const name = statement === undefined ? {} : { name: statement.name };
    try {
      const { rows, fields } = await pool.query<unknown[]>({ text, values, rowMode: 'array', types: COLUMN_TYPES, ...name });
      const parts = statement?.parts ?? partsOf(fields);
      if (statement !== undefined) statement.parts = parts;
      const objects: Row[] = [];
      for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
        if (rows.length > ROWS_AT_ONCE) await nextTurn();
        for (const row of rows.slice(from, from + ROWS_AT_ONCE)) objects.push(toObject(row, parts) as Row);
      }
      return objects;
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
  /** The objects that it is in, from the row on; none for the row itself. */
  readonly path: readonly Step[];
  readonly from: number;
  readonly names: readonly string[];
}

interface Step {
  readonly name: string;
  /** Whether it is null when the first of its columns is. */
  readonly optional: boolean;
}

function partsOf(fields: readonly pg.FieldDef[]): Part[] {
  const parts: (Part & { within: string; names: string[] })[] = [];
  for (const [index, field] of fields.entries()) {
    const dot = field.name.lastIndexOf('.');
    const within = field.name.slice(0, Math.max(dot, 0));
    const name = field.name.slice(dot + 1);
    const last = parts.at(-1);
    if (last?.within === within) {
      last.names.push(name);
      continue;
    }
    const steps = within === '' ? [] : within.split('.');
    const path = steps.map((step) => ({ name: step.replace('?', ''), optional: step.endsWith('?') }));
    parts.push({ within, path, from: index, names: [name] });
  }
  return parts;
}

function toObject(values: readonly unknown[], parts: readonly Part[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const { path, from, names } of parts) {
    let target: Record<string, unknown> | null = row;
    for (let depth = 0; depth < path.length && target !== null; depth += 1) {
      const { name, optional } = path[depth] as Step;
      if (target[name] === undefined) target[name] = optional && values[from] === null ? null : {};
      target = target[name] as Record<string, unknown> | null;
    }
    if (target === null) continue;
    for (let index = 0; index < names.length; index += 1) target[names[index] ?? ''] = values[from + index];
  }
  return row;
}

/** PostgreSQL's numbers of its types (catalog pg_type). */
const INT8 = 20;
const TIMESTAMPTZ = 1184;

// Its types know only the names of built-in types, and name no type of what a parser gives.
const parserOf = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => (value: string) => unknown;
/** Parses any time that PostgreSQL writes; {@link parseTime} takes a quarter of its time for those of sessions in UTC. */
const parseAnyTime = parserOf(TIMESTAMPTZ);
/** Characters of such a time, 2026-01-31 08:15:30+00, and of its seconds' end. */
const UTC_LENGTH = 22;
const SECONDS_END = 19;

function parseTime(text: string): unknown {
  if (text.length < UTC_LENGTH || text.length > UTC_LENGTH + 4 || !text.endsWith('+00') || text[4] !== '-') return parseAnyTime(text);
  const digits = (at: number) => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
  const seconds = Date.UTC(digits(0) * 100 + digits(2), digits(5) - 1, digits(8), digits(11), digits(14), digits(17));
  return new Date(text.length === UTC_LENGTH ? seconds : seconds + Number(text.slice(SECONDS_END, -3)) * 1000);
}

/** How columns become values, where node-postgres' own way is not the one of Prisma's client, or slow. */
const COLUMN_TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((value: string) => unknown) => {
    if (oid === INT8 && format !== 'binary') return BigInt;
    if (oid === TIMESTAMPTZ && format !== 'binary') return parseTime;
    return parserOf(oid, format);
  },
};
