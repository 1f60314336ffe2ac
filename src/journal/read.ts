import { Prisma, type Database } from '../database/client.js';
import { isText } from '../database/text-index.js';
import { badInput, Problem } from '../problems.js';
import { AUDIT_TYPES, matches, type Entry, type EntryFilter } from './entry.js';

/** A cursor is the position in the journal, marked so that a cursor of another list is not taken for one. */
const CURSOR = /^j(\d{1,18})$/;

export function formatCursor(position: bigint): string {
  return `j${String(position)}`;
}

/** @throws {Problem} BAD_USER_INPUT for anything that {@link formatCursor} did not make. */
export function parseCursor(cursor: string): bigint {
  const position = CURSOR.exec(cursor)?.[1];
  if (position === undefined) throw badInput('after is not a cursor of an event. Give back a cursor just as it was received.');
  return BigInt(position);
}

const COLUMNS = Prisma.sql`position, type, source::text as source, occurred_at as "occurredAt", recorded_at as "recordedAt",
  host_id as "hostId", host_name as "hostName", volume_id as "volumeId", volume_name as "volumeName", container_id as "containerId",
  container_name as "containerName", share_id as "shareId", operation_id as "operationId", actor, address, other_host_ids::text[] as "otherHostIds", attributes`;

/** Up to `limit` entries after a position, up to and with position `upTo`, oldest first. */
export async function readEntries(database: Database, after: bigint, limit: number, filter: EntryFilter = {}, upTo?: bigint): Promise<Entry[]> {
  const conditions = [Prisma.sql`position > ${after}`];
  if (upTo !== undefined) conditions.push(Prisma.sql`position <= ${upTo}`);
  if (filter.volume !== undefined) conditions.push(isText(Prisma.sql`volume_name`, filter.volume));
  if (filter.container !== undefined) conditions.push(isText(Prisma.sql`container_name`, filter.container));
  if (filter.volumeId !== undefined) conditions.push(Prisma.sql`volume_id = ${filter.volumeId}::uuid`);
  const further: Prisma.Sql[] = [Prisma.sql`true`];
  if (filter.withoutAudit === true) further.push(Prisma.sql`type <> all(${[...AUDIT_TYPES]}::text[])`);
  if (filter.hostIds !== undefined) {
    const ids = [...filter.hostIds];
    further.push(Prisma.sql`host_id = any(${ids}::uuid[]) and coalesce(other_host_ids, '{}') <@ ${ids}::uuid[]`);
  }
  // Hosts by their ids have an index without types.
  const byId = filter.hostIds !== undefined && filter.hosts === undefined;
  if (byId && filter.types !== undefined) further.push(Prisma.sql`type = any(${[...filter.types]}::text[])`);
  const lists = [
    ...(filter.hosts === undefined ? [] : [{ column: 'host_name', values: textList(filter.hosts) }]),
    ...(byId ? [{ column: 'host_id', values: Prisma.sql`${[...new Set(filter.hostIds)]}::uuid[]` }] : []),
    ...(byId || filter.types === undefined ? [] : [{ column: 'type', values: textList(filter.types) }]),
  ];
  const rest = Prisma.join(further, ' and ');
  // The few entries of one volume or container are soon looked through; so is everything where nothing else is asked.
  const few = filter.volume !== undefined || filter.container !== undefined || filter.volumeId !== undefined;
  if (few || lists.length === 0) {
    const all = [...conditions, rest, ...lists.map(({ column, values }) => Prisma.sql`${Prisma.raw(column)} = any(${values})`)];
    return database.readRows<Entry>(Prisma.sql`select ${COLUMNS} from journal where ${Prisma.join(all, ' and ')} order by position limit ${limit}`);
  }
  // A way of its own through the index for each host and type, put together in order, finds at once what is rare or long
  // past. That it is compared as a whole keeps the planner from going through all entries in order instead.
  const columns = Prisma.raw(lists.map(({ column }) => column).join(', '));
  const wanted = Prisma.raw(lists.map(({ column }) => `wanted_${column}`).join(', '));
  const sources = lists.map(({ column, values }) => Prisma.sql`unnest(${values}) as ${Prisma.raw(`wanted_${column}`)}`);
  return database.readRows<Entry>(Prisma.sql`
    select found.* from ${Prisma.join(sources, ' cross join ')} cross join lateral (
      select ${COLUMNS} from journal
      where (${columns}, position) > (${wanted}, ${after}) and (${columns}, position) <= (${wanted}, ${upTo ?? LAST_POSITION}) and ${rest}
      order by ${columns}, position limit ${limit}) found
    order by position limit ${limit}`);
}

function textList(values: readonly string[]): Prisma.Sql {
  return Prisma.sql`${[...new Set(values)]}::text[]`;
}

/** Beyond every position. */
const LAST_POSITION = 9_223_372_036_854_775_807n;

/** The newest entries, oldest first. */
export async function readNewest(database: Database, limit: number): Promise<Entry[]> {
  const newest = await database.readRows<Entry>(Prisma.sql`select ${COLUMNS} from journal order by position desc limit ${limit}`);
  return newest.reverse();
}

/** One entry, if the filter takes it. */
export async function readEntry(database: Database, position: bigint, filter: EntryFilter): Promise<Entry | undefined> {
  const [entry] = await database.readRows<Entry>(Prisma.sql`select ${COLUMNS} from journal where position = ${position}`);
  return entry !== undefined && matches(entry, filter) ? entry : undefined;
}

/** Position of the newest entry, kept or trimmed; 0 when there never was one. Everything up to it is visible. */
export async function readHead(database: Database): Promise<bigint> {
  const [row] = await database.readRows<{ head: bigint | null }>(
    Prisma.sql`select greatest((select max(position) from journal), (select position from journal_trim)) as head`,
  );
  return row?.head ?? 0n;
}

/** Whether entries after a position are not kept any more. To be asked after reading from there, never before. */
export async function isTrimmedAfter(database: Database, position: bigint): Promise<boolean> {
  const trim = await database.journalTrim.findUnique({ where: { id: 1 } });
  return trim !== null && trim.position > position;
}

/**
 * Makes sure that everything after a position is kept. To be called after reading from there, never before: entries may
 * be trimmed in between.
 * @throws {Problem} CURSOR_EXPIRED.
 */
export async function refuseExpired(database: Database, after: bigint): Promise<void> {
  if (await isTrimmedAfter(database, after)) {
    throw new Problem('CURSOR_EXPIRED', 'Events after that cursor are not kept any more. Query the inventory anew and subscribe without a cursor.');
  }
}
