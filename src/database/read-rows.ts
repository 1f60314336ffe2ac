import type pg from 'pg';
import type { Prisma } from '../generated/prisma/client.js';
import { Problem } from '../problems.js';
import { RowQuery, type MakeRow, type Statement } from './data-rows.js';

/** Statements that are planned once for each connection; those that come later are planned each time. */
const MAX_PREPARED = 100;
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
  const prepared = new Map<string, Statement>();
  const prepare = (text: string) => {
    let statement = prepared.get(text);
    if (statement === undefined && prepared.size < MAX_PREPARED) {
      statement = { name: `stowage_${String(prepared.size)}`, text };
      prepared.set(text, statement);
    }
    return statement;
  };
  return async <Row>({ text, values }: Prisma.Sql, options?: { readonly prepared: boolean }): Promise<Row[]> => {
    onStatement?.(text, values);
    const statement = (options?.prepared === true ? prepare(text) : undefined) ?? { name: '', text };
    const client = await pool.connect();
    try {
      return (await new Promise<unknown[]>((resolve, reject) => {
        const query = new RowQuery(statement, values, makerOf, (error, rows) => {
          // A connection on which a statement failed is not used again.
          client.release(error !== undefined);
          if (error === undefined) resolve(rows);
          else reject(error);
        });
        client.query(query);
      })) as Row[];
    } catch (error) {
      if ((error as { code?: unknown }).code !== QUERY_CANCELED) throw error;
      const seconds = String(statementTimeoutMs / 1000);
      throw new Problem('LIMIT_EXCEEDED', `One statement of this query took longer than ${seconds} s, the limit (STOWAGE_STATEMENT_SECONDS). Ask for less.`, {
        cause: error,
      });
    }
  };
}

function makerOf(fields: readonly pg.FieldDef[]): MakeRow {
  const parts = partsOf(fields);
  return (values) => toObject(values, parts);
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
