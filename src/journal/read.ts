import { Prisma, type Database } from '../database/client.js';
import { badInput, Problem } from '../problems.js';
import type { Entry, EntryFilter } from './entry.js';

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
  container_name as "containerName", share_id as "shareId", operation_id as "operationId", actor, attributes`;

/** Up to `limit` entries after a position, up to and with position `upTo`, oldest first. */
export async function readEntries(database: Database, after: bigint, limit: number, filter: EntryFilter = {}, upTo?: bigint): Promise<Entry[]> {
  const conditions = [Prisma.sql`position > ${after}`];
  if (upTo !== undefined) conditions.push(Prisma.sql`position <= ${upTo}`);
  if (filter.hosts !== undefined) conditions.push(Prisma.sql`host_name = any(${[...filter.hosts]}::text[])`);
  if (filter.types !== undefined) conditions.push(Prisma.sql`type = any(${[...filter.types]}::text[])`);
  if (filter.volume !== undefined) conditions.push(Prisma.sql`volume_name = ${filter.volume}`);
  if (filter.container !== undefined) conditions.push(Prisma.sql`container_name = ${filter.container}`);
  if (filter.volumeId !== undefined) conditions.push(Prisma.sql`volume_id = ${filter.volumeId}::uuid`);
  return database.$queryRaw<Entry[]>(Prisma.sql`select ${COLUMNS} from journal where ${Prisma.join(conditions, ' and ')} order by position limit ${limit}`);
}

/** The newest entries, oldest first. */
export async function readNewest(database: Database, limit: number): Promise<Entry[]> {
  const newest = await database.$queryRaw<Entry[]>(Prisma.sql`select ${COLUMNS} from journal order by position desc limit ${limit}`);
  return newest.reverse();
}

/** One entry, for `node(id:)`. */
export async function readEntry(database: Database, position: bigint): Promise<Entry | undefined> {
  const [entry] = await database.$queryRaw<Entry[]>(Prisma.sql`select ${COLUMNS} from journal where position = ${position}`);
  return entry;
}

/** Position of the newest entry, kept or trimmed; 0 when there never was one. Everything up to it is visible. */
export async function readHead(database: Database): Promise<bigint> {
  const [row] = await database.$queryRaw<{ head: bigint | null }[]>(
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
