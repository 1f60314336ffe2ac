import { Prisma } from '../database/client.js';
import type { ReadRows } from '../database/read-rows.js';
import { isText } from '../database/text-index.js';
import { badInput, Problem } from '../problems.js';
import { AUDIT_TYPES, type Entry, type EntryFilter } from './entry.js';

// Each function takes the way to read: answers have a pool of their own, and the feed, which serves all subscribers, must
// not wait behind them.

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
export function readEntries(read: ReadRows, after: bigint, limit: number, filter: EntryFilter = {}, upTo?: bigint): Promise<Entry[]> {
  return readRange(read, { after, upTo, direction: Prisma.sql`asc` }, limit, filter);
}

/** Up to `limit` entries before a position, newest first; the newest of all without one. */
export function readEntriesBack(read: ReadRows, before: bigint | undefined, limit: number, filter: EntryFilter = {}): Promise<Entry[]> {
  return readRange(read, { after: 0n, upTo: before === undefined ? undefined : before - 1n, direction: Prisma.sql`desc` }, limit, filter);
}

/** A part of the journal, and from which end it is read. */
interface Range {
  readonly after: bigint;
  readonly upTo: bigint | undefined;
  readonly direction: Prisma.Sql;
}

function readRange(read: ReadRows, { after, upTo, direction }: Range, limit: number, filter: EntryFilter): Promise<Entry[]> {
  const conditions = [Prisma.sql`position > ${after}`];
  if (upTo !== undefined) conditions.push(Prisma.sql`position <= ${upTo}`);
  if (filter.volume !== undefined) conditions.push(isText(Prisma.sql`volume_name`, filter.volume));
  if (filter.container !== undefined) conditions.push(isText(Prisma.sql`container_name`, filter.container));
  // Hosts by their ids have an index without types.
  const byId = filter.hostIds !== undefined && filter.hosts === undefined;
  const lists = [
    ...(filter.hosts === undefined ? [] : [{ column: 'host_name', values: textList(filter.hosts) }]),
    ...(byId ? [{ column: 'host_id', values: Prisma.sql`${[...new Set(filter.hostIds)]}::uuid[]` }] : []),
    ...(byId || filter.types === undefined ? [] : [{ column: 'type', values: textList(filter.types) }]),
  ];
  const typesOfIds = byId && filter.types !== undefined ? [Prisma.sql`type = any(${textList(filter.types)})`] : [];
  const rest = Prisma.join([...seenBy(filter), ...typesOfIds], ' and ');
  // The few entries of one volume or container are soon looked through; so is everything where nothing else is asked.
  const few = filter.volume !== undefined || filter.container !== undefined;
  if (few || lists.length === 0) {
    const all = [...conditions, rest, ...lists.map(({ column, values }) => Prisma.sql`${Prisma.raw(column)} = any(${values})`)];
    return read<Entry>(Prisma.sql`select ${COLUMNS} from journal where ${Prisma.join(all, ' and ')} order by position ${direction} limit ${limit}`);
  }
  // A way of its own through the index for each host and type, put together in order, finds at once what is rare or long
  // past. That it is compared as a whole keeps the planner from going through all entries in order instead.
  const columns = Prisma.raw(lists.map(({ column }) => column).join(', '));
  const inDirection = Prisma.join(lists.map(({ column }) => Prisma.sql`${Prisma.raw(column)} ${direction}`));
  const wanted = Prisma.raw(lists.map(({ column }) => `wanted_${column}`).join(', '));
  const sources = lists.map(({ column, values }) => Prisma.sql`unnest(${values}) as ${Prisma.raw(`wanted_${column}`)}`);
  return read<Entry>(Prisma.sql`
    select found.* from ${Prisma.join(sources, ' cross join ')} cross join lateral (
      select ${COLUMNS} from journal
      where (${columns}, position) > (${wanted}, ${after}) and (${columns}, position) <= (${wanted}, ${upTo ?? LAST_POSITION}) and ${rest}
      order by ${inDirection}, position ${direction} limit ${limit}) found
    order by position ${direction} limit ${limit}`);
}

/** Conditions of those who may not see all of the journal. */
function seenBy({ hostIds, withoutAudit }: Pick<EntryFilter, 'hostIds' | 'withoutAudit'>): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [Prisma.sql`true`];
  if (withoutAudit === true) conditions.push(Prisma.sql`type <> all(${[...AUDIT_TYPES]}::text[])`);
  if (hostIds !== undefined) {
    const ids = Prisma.sql`${[...hostIds]}::uuid[]`;
    conditions.push(Prisma.sql`host_id = any(${ids}) and coalesce(other_host_ids, '{}') <@ ${ids}`);
  }
  return conditions;
}

function textList(values: readonly string[]): Prisma.Sql {
  return Prisma.sql`${[...new Set(values)]}::text[]`;
}

/** Beyond every position. */
const LAST_POSITION = 9_223_372_036_854_775_807n;

/** Up to `limit` entries after a position of each of these volumes, oldest first. */
export function readEntriesOfVolumes(
  read: ReadRows,
  volumeIds: readonly string[],
  after: bigint,
  limit: number,
  seen: Pick<EntryFilter, 'hostIds' | 'withoutAudit'>,
): Promise<Entry[]> {
  return read<Entry>(Prisma.sql`
    select found.* from unnest(${[...volumeIds]}::uuid[]) as owner(id) cross join lateral (
      select ${COLUMNS} from journal where volume_id = owner.id and position > ${after} and ${Prisma.join(seenBy(seen), ' and ')} order by position limit ${limit}) found
    order by position`);
}

/** The newest entries, oldest first. */
export async function readNewest(read: ReadRows, limit: number): Promise<Entry[]> {
  const newest = await read<Entry>(Prisma.sql`select ${COLUMNS} from journal order by position desc limit ${limit}`);
  return newest.reverse();
}

/** Entries by their positions, in no order. */
export function entriesAt(read: ReadRows, positions: readonly bigint[]): Promise<Entry[]> {
  return read<Entry>(Prisma.sql`select ${COLUMNS} from journal where position = any(${[...positions]}::bigint[])`);
}

/** Position of the newest entry, kept or trimmed; 0 when there never was one. Everything up to it is visible. */
export async function readHead(read: ReadRows): Promise<bigint> {
  const [row] = await read<{ head: bigint | null }>(
    Prisma.sql`select greatest((select max(position) from journal), (select position from journal_trim)) as head`,
  );
  return row?.head ?? 0n;
}

/** Whether entries after a position are not kept any more. To be asked after reading from there, never before. */
export async function isTrimmedAfter(read: ReadRows, position: bigint): Promise<boolean> {
  return (await readTrimmed(read)) > position;
}

/** Position up to which the journal was trimmed; 0 when it never was. */
export async function readTrimmed(read: ReadRows): Promise<bigint> {
  const [trim] = await read<{ position: bigint }>(Prisma.sql`select position from journal_trim`);
  return trim?.position ?? 0n;
}

/**
 * Makes sure that everything after a position is kept. To be called after reading from there, never before: entries may
 * be trimmed in between.
 * @throws {Problem} CURSOR_EXPIRED.
 */
export async function refuseExpired(read: ReadRows, after: bigint): Promise<void> {
  if (await isTrimmedAfter(read, after)) {
    throw new Problem('CURSOR_EXPIRED', 'Events after that cursor are not kept any more. Query the inventory anew and subscribe without a cursor.');
  }
}
