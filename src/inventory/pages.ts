import { Prisma, type Database } from '../database/client.js';
import { beginningOf } from '../database/text-index.js';
import { badInput, type Problem } from '../problems.js';

/** What is asked of a list. */
export interface PageRequest {
  /** Entries at most, 0 or more. */
  readonly first: number;
  readonly after?: string | null | undefined;
}

/** One page, with what it takes to go on. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** The cursor of the row at an index of {@link rows}. */
  readonly cursorOf: (index: number) => string;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly count: () => Promise<number>;
}

/** A row of a page, with the value that its list is ordered by before the id; only needed for cursors. */
export type Ordered<Row> = Row & { readonly id: string; readonly orderValue?: string };

/** How one list is read. */
export interface PageSource<Row> {
  /** Names list and order in its cursors. */
  readonly order: string;
  /** What the value of a cursor looks like; anything without null bytes when undefined. */
  readonly valueForm?: RegExp;
  /** Rows in order, from behind `after` on. */
  readonly rows: (after: { value: string; id: string } | undefined, limit: number) => Promise<Ordered<Row>[]>;
  readonly count: () => Promise<number>;
}

/** SQLSTATEs of a value that is right in form and still no time or number (PostgreSQL, appendix A). */
const NO_SUCH_VALUE = new Set(['22003', '22007', '22008', '22009']);

/** Reads one page. */
export async function readPage<Row>(request: PageRequest, source: PageSource<Row>): Promise<Page<Ordered<Row>>> {
  const { first } = request;
  const given = request.after ?? undefined;
  const after = given === undefined ? undefined : parsePageCursor(source.order, given, source.valueForm);
  const found = await source.rows(after, first + 1).catch((error: unknown) => {
    if (after !== undefined && NO_SUCH_VALUE.has(String((error as { code?: unknown }).code))) throw notACursor();
    throw error;
  });
  const rows = found.slice(0, first);
  return {
    rows,
    cursorOf: (index) => {
      const row = rows[index];
      if (row?.orderValue === undefined) throw new RangeError(`row ${String(index)} of a page of ${String(rows.length)} was not read for cursors`);
      return formatPageCursor(source.order, row.orderValue, row.id);
    },
    hasNextPage: found.length > first,
    hasPreviousPage: after !== undefined,
    count: source.count,
  };
}

/** The number behind `limit`, as a part of the statement: a plan that is kept knows it then, and is made once. */
export function limitOf(limit: number): Prisma.Sql {
  return Prisma.raw(String(Math.trunc(limit)));
}

/** A list that is ordered by a text and then by id. */
export interface TextOrder {
  /** Names list and order in its cursors. */
  readonly order: string;
  readonly columns: Prisma.Sql;
  /** The table with its alias. */
  readonly table: Prisma.Sql;
  readonly id: Prisma.Sql;
  readonly text: Prisma.Sql;
  /** Conditions on the rows; where the list is put together from several parts of the table, those of each. */
  readonly parts: readonly (readonly Prisma.Sql[])[];
}

/** Reads one page of a list in the order of a text: of its beginning, as it is indexed. */
export function readPageByText<Row>(database: Database, request: PageRequest, list: TextOrder): Promise<Page<Ordered<Row>>> {
  const { order, columns, table, id, parts } = list;
  const text = beginningOf(list.text);
  return readPage<Row>(request, {
    order,
    rows: (after, limit) => {
      const beyond = after === undefined ? [] : [Prisma.sql`(${text}, ${id}) > (${after.value}, ${after.id}::uuid)`];
      const lists = parts.map(
        (conditions) => Prisma.sql`(select ${columns}, ${text} as "orderValue" from ${table} where ${Prisma.join([...conditions, ...beyond], ' and ')}
          order by ${text}, ${id} limit ${limitOf(limit)})`,
      );
      if (lists.length === 1) return database.readRows(Prisma.join(lists));
      return database.readRows(
        Prisma.sql`select * from (${Prisma.join(lists, ' union all ')}) both_parts order by "orderValue" collate "C", id limit ${limitOf(limit)}`,
      );
    },
    count: () => countParts(database, table, parts),
  });
}

/**
 * A cursor says where in its order an entry stands (keyset paging), so that pages stay right while rows come and go.
 * `order` is in it, since a cursor of another order would point anywhere.
 */
function formatPageCursor(order: string, value: string, id: string): string {
  return Buffer.from(JSON.stringify([order, value, id])).toString('base64url');
}

/**
 * @param valueForm what a value of this order looks like; a cursor comes from the outside.
 * @throws {Problem} BAD_USER_INPUT for what is no cursor, or one of another list or order.
 */
function parsePageCursor(order: string, cursor: string, valueForm = /^[^\0]*$/): { value: string; id: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    parsed = undefined;
  }
  if (Array.isArray(parsed) && parsed.length === 3) {
    const [cursorOrder, value, id] = parsed as unknown[];
    if (cursorOrder === order && typeof value === 'string' && valueForm.test(value) && typeof id === 'string' && isUuid(id)) return { value, id };
    if (typeof cursorOrder === 'string' && cursorOrder !== order) throw badInput('after is a cursor of another list, or of one in another order.');
  }
  throw notACursor();
}

function notACursor(): Problem {
  return badInput('after is not a cursor of this list. Give back a cursor just as it was received.');
}

/** How many rows of a table (with its alias) meet the conditions of one of its parts, which have no row in common. */
export async function countParts(database: Database, table: Prisma.Sql, parts: readonly (readonly Prisma.Sql[])[]): Promise<number> {
  const counts = await Promise.all(parts.map((conditions) => countRows(database, table, conditions)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** How many rows of a table (with its alias) meet all conditions. */
async function countRows(database: Database, table: Prisma.Sql, conditions: readonly Prisma.Sql[]): Promise<number> {
  const [row] = await database.readRows<{ count: bigint }>(Prisma.sql`select count(*) as count from ${table} where ${Prisma.join([...conditions], ' and ')}`);
  return Number(row?.count ?? 0n);
}

/** Whether PostgreSQL would take it as a uuid. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
