import { Prisma, type Database } from '../database/client.js';
import { badInput, Problem } from '../problems.js';

/** Largest page of any list. */
export const MAX_PAGE_SIZE = 500;

/** What is asked of a list. */
export interface PageRequest {
  readonly first: number;
  readonly after?: string | null | undefined;
}

/** One page, with what it takes to go on. */
export interface Page<Row> {
  readonly items: readonly { readonly row: Row; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly count: () => Promise<number>;
}

/** @throws {Problem} BAD_USER_INPUT below 0, LIMIT_EXCEEDED above {@link MAX_PAGE_SIZE}. */
export function checkPageSize(first: number): number {
  if (first < 0) throw badInput(`first is ${String(first)}; it must be 0 or more.`);
  if (first > MAX_PAGE_SIZE) {
    throw new Problem('LIMIT_EXCEEDED', `first is ${String(first)}; a page has at most ${String(MAX_PAGE_SIZE)} entries. Go on with after.`);
  }
  return first;
}

/** How one list is read. */
export interface PageSource<Row> {
  /** Names list and order in its cursors. */
  readonly order: string;
  /** What the value of a cursor looks like; anything without null bytes when undefined. */
  readonly valueForm?: RegExp;
  /** Ids in order, each with the value that it is ordered by, from behind `after` on. */
  readonly keys: (after: { value: string; id: string } | undefined, limit: number) => Promise<{ id: string; value: string }[]>;
  readonly rows: (ids: string[]) => Promise<Row[]>;
  readonly count: () => Promise<number>;
}

/** Reads one page in two statements: its keys in order, then its rows. A row that goes in between is left out. */
export async function readPage<Row extends { readonly id: string }>(request: PageRequest, source: PageSource<Row>): Promise<Page<Row>> {
  const first = checkPageSize(request.first);
  const given = request.after ?? undefined;
  const after = given === undefined ? undefined : parsePageCursor(source.order, given, source.valueForm);
  const keys = await source.keys(after, first + 1).catch((error: unknown) => {
    // Right in form and still no time or number: PostgreSQL's data exceptions (22007 to 22009, 22003).
    if (after !== undefined && error instanceof Error && /\b220(03|07|08|09)\b/.test(error.message)) throw notACursor();
    throw error;
  });
  const shown = keys.slice(0, first);
  const rows = new Map((await source.rows(shown.map((key) => key.id))).map((row) => [row.id, row]));
  return {
    items: shown.flatMap(({ id, value }) => {
      const row = rows.get(id);
      return row === undefined ? [] : [{ row, cursor: formatPageCursor(source.order, value, id) }];
    }),
    hasNextPage: keys.length > first,
    hasPreviousPage: after !== undefined,
    count: source.count,
  };
}

/** A list that is ordered by a text and then by id. */
export interface TextOrder<Row> {
  /** Names list and order in its cursors. */
  readonly order: string;
  /** The table with its alias. */
  readonly table: Prisma.Sql;
  readonly id: Prisma.Sql;
  readonly text: Prisma.Sql;
  readonly conditions: readonly Prisma.Sql[];
  readonly rows: (ids: string[]) => Promise<Row[]>;
}

/** Reads one page of a list in the order of a text, by its bytes: the same on every machine. */
export function readPageByText<Row extends { readonly id: string }>(database: Database, request: PageRequest, list: TextOrder<Row>): Promise<Page<Row>> {
  const { order, table, id, text, conditions, rows } = list;
  return readPage(request, {
    order,
    keys: (after, limit) => {
      const beyond = after === undefined ? [] : [Prisma.sql`(${text} collate "C", ${id}) > (${after.value}, ${after.id}::uuid)`];
      return database.$queryRaw(Prisma.sql`
        select ${id} as id, ${text} as value from ${table} where ${Prisma.join([...conditions, ...beyond], ' and ')}
        order by ${text} collate "C", ${id} limit ${limit}`);
    },
    rows,
    count: () => countRows(database, table, conditions),
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

/** How many rows of a table (with its alias) meet all conditions. */
export async function countRows(database: Database, table: Prisma.Sql, conditions: readonly Prisma.Sql[]): Promise<number> {
  const [row] = await database.$queryRaw<{ count: bigint }[]>(
    Prisma.sql`select count(*) as count from ${table} where ${Prisma.join([...conditions], ' and ')}`,
  );
  return Number(row?.count ?? 0n);
}

/** Whether PostgreSQL would take it as a uuid. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
