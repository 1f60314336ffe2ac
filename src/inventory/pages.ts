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

/** Where in its order a cursor stands. */
export interface Place {
  readonly value: string;
  readonly id: string;
}

/** What the cursors of a list are made of. */
interface CursorForm {
  /** Names list and order in its cursors. */
  readonly order: string;
  /** What the value of a cursor looks like; anything without null bytes when undefined. */
  readonly valueForm?: RegExp;
}

/** How one list is read. */
export interface PageSource<Row> extends CursorForm {
  /** Rows in order, from behind `after` on. */
  readonly rows: (after: Place | undefined, limit: number) => Promise<Ordered<Row>[]>;
  readonly count: () => Promise<number>;
}

/** A row of a list that each of several objects has one of, with the id of its own. */
export type Owned<Row> = Ordered<Row> & { readonly owner: string };

/** How the lists of several objects are read together, such as the volumes of each host. */
export interface OwnedSource<Row> extends CursorForm {
  /** Rows of each list in order, from behind `after` on, so many at most of each. */
  readonly rows: (after: Place | undefined, limit: number) => Promise<Owned<Row>[]>;
  /** How long each list is; those that are not among them are empty. */
  readonly counts: () => Promise<readonly OwnedCount[]>;
}

export interface OwnedCount {
  readonly owner: string;
  readonly count: bigint;
}

/** Statements that read the lists of several objects name their ids so, in {@link ownersOf}. */
export const OWNER_ID = Prisma.sql`owner.id`;

/** What such a statement reads from first: the ids of the objects. */
export function ownersOf(ids: readonly string[]): Prisma.Sql {
  return Prisma.sql`unnest(${[...ids]}::uuid[]) as owner(id)`;
}

/** SQLSTATEs of a value that is right in form and still no time or number (PostgreSQL, appendix A). */
const NO_SUCH_VALUE = new Set(['22003', '22007', '22008', '22009']);

/** Reads one page. */
export async function readPage<Row>(request: PageRequest, source: PageSource<Row>): Promise<Page<Ordered<Row>>> {
  const { found, after } = await readBehind(request, source);
  return cutPage(found, request.first, after, source.order, source.count);
}

/** Reads one page of the list of each of these objects. */
export async function readPages<Row>(owners: readonly string[], request: PageRequest, source: OwnedSource<Row>): Promise<Map<string, Page<Ordered<Row>>>> {
  const { found, after } = await readBehind(request, source);
  const lists = new Map<string, Owned<Row>[]>(owners.map((owner) => [owner, []]));
  for (const row of found) lists.get(row.owner)?.push(row);
  // Counted once for all of them, when the first is asked for.
  let counting: Promise<Map<string, bigint>> | undefined;
  const countOf = async (owner: string) => {
    counting ??= source.counts().then((counts) => new Map(counts.map(({ owner: id, count }) => [id, count])));
    return Number((await counting).get(owner) ?? 0n);
  };
  return new Map([...lists].map(([owner, rows]) => [owner, cutPage(rows, request.first, after, source.order, () => countOf(owner))]));
}

/** Rows from behind the cursor on, one more than the page holds. @throws {Problem} BAD_USER_INPUT for what is no cursor of the list. */
async function readBehind<Row>(
  { first, after: given }: PageRequest,
  { order, valueForm, rows }: CursorForm & { readonly rows: (after: Place | undefined, limit: number) => Promise<Row[]> },
): Promise<{ found: Row[]; after: Place | undefined }> {
  const after = given === null || given === undefined ? undefined : parsePageCursor(order, given, valueForm);
  const found = await rows(after, first + 1).catch((error: unknown) => {
    if (after !== undefined && NO_SUCH_VALUE.has(String((error as { code?: unknown }).code))) throw notACursor();
    throw error;
  });
  return { found, after };
}

function cutPage<Row>(
  found: readonly Ordered<Row>[],
  first: number,
  after: Place | undefined,
  order: string,
  count: () => Promise<number>,
): Page<Ordered<Row>> {
  const rows = found.slice(0, first);
  return {
    rows,
    cursorOf: (index) => {
      const row = rows[index];
      if (row?.orderValue === undefined) throw new RangeError(`row ${String(index)} of a page of ${String(rows.length)} was not read for cursors`);
      return formatPageCursor(order, row.orderValue, row.id);
    },
    hasNextPage: found.length > first,
    hasPreviousPage: after !== undefined,
    count,
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
  return readPage<Row>(request, {
    order: list.order,
    rows: (after, limit) => database.readRows(pageByText(list, after, limit)),
    count: () => countParts(database, list.table, list.parts),
  });
}

/** The same of the lists of several objects, whose id the conditions of the parts compare as {@link OWNER_ID}. */
export function readPagesByText<Row>(
  database: Database,
  owners: readonly string[],
  request: PageRequest,
  list: TextOrder,
): Promise<Map<string, Page<Ordered<Row>>>> {
  return readPages<Row>(owners, request, {
    order: list.order,
    rows: (after, limit) =>
      database.readRows(Prisma.sql`
        select owner.id as owner, page.* from ${ownersOf(owners)} cross join lateral (${pageByText(list, after, limit)}) page
        order by owner.id, page."orderValue" collate "C", page.id`),
    counts: () => countOwned(database, owners, list.table, list.parts),
  });
}

function pageByText({ columns, table, id, text: whole, parts }: TextOrder, after: Place | undefined, limit: number): Prisma.Sql {
  const text = beginningOf(whole);
  const beyond = after === undefined ? [] : [Prisma.sql`(${text}, ${id}) > (${after.value}, ${after.id}::uuid)`];
  const lists = parts.map(
    (conditions) => Prisma.sql`(select ${columns}, ${text} as "orderValue" from ${table} where ${Prisma.join([...conditions, ...beyond], ' and ')}
      order by ${text}, ${id} limit ${limitOf(limit)})`,
  );
  if (lists.length === 1) return Prisma.join(lists);
  return Prisma.sql`select * from (${Prisma.join(lists, ' union all ')}) all_parts order by "orderValue" collate "C", id limit ${limitOf(limit)}`;
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

/** The same for the lists of several objects, whose id the conditions compare as {@link OWNER_ID}. */
export function countOwned(database: Database, owners: readonly string[], table: Prisma.Sql, parts: readonly (readonly Prisma.Sql[])[]): Promise<OwnedCount[]> {
  const counts = parts.map((conditions) => Prisma.sql`(select count(*) from ${table} where ${Prisma.join([...conditions], ' and ')})`);
  return database.readRows(Prisma.sql`select owner.id as owner, ${Prisma.join(counts, ' + ')} as count from ${ownersOf(owners)}`);
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
