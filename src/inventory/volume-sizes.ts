import { Prisma, type Database, type Transaction } from '../database/client.js';
import { limitOf, OWNER_ID, ownersOf, readPages, type Owned, type Ordered, type Page, type PageRequest } from './pages.js';

// What volumes held each time that they were measured.

/** One measurement of a volume. */
export interface SizeThen {
  readonly measuredAt: Date;
  readonly sizeBytes: bigint;
}

/** Which measurements of a volume, and from which end. */
export interface SizesRequest extends PageRequest {
  readonly newestFirst: boolean;
}

/**
 * Keeps what the volumes of a host were just measured to hold, in the transaction that writes it, and thins out what was
 * kept before: of what is older than an hour the last of each hour stays, of what is older than a day the last of each day
 * (of UTC), so that who measures all the time keeps about a hundred, and who does so once a day one a day.
 * @param at when they were measured, as it stands in their rows.
 * @param keepMs milliseconds after which nothing is kept.
 */
export async function keepSizes(transaction: Transaction, hostId: string, at: Date, keepMs: number): Promise<void> {
  await transaction.$executeRaw(Prisma.sql`
    insert into volume_size (volume_id, measured_at, size_bytes)
    select id, size_measured_at, size_bytes from volume
    where host_id = ${hostId}::uuid and removed_at is null and size_measured_at = ${at}::timestamptz and size_bytes is not null
    on conflict (volume_id, measured_at) do update set size_bytes = excluded.size_bytes`);
  const oneOf = Prisma.sql`case when z.measured_at < ${at}::timestamptz - interval '1 day' then 'day' else 'hour' end`;
  await transaction.$executeRaw(Prisma.sql`
    delete from volume_size z using volume v
    where v.host_id = ${hostId}::uuid and z.volume_id = v.id and z.measured_at < ${at}::timestamptz - interval '1 hour'
      and (z.measured_at < ${at}::timestamptz - ${keepMs} * interval '1 ms' or exists (
        select 1 from volume_size later where later.volume_id = z.volume_id and later.measured_at > z.measured_at
          and date_trunc(${oneOf}, later.measured_at, 'UTC') = date_trunc(${oneOf}, z.measured_at, 'UTC')))`);
}

/** Milliseconds since 1970, of which cursors of this list are made. */
const TIME = /^\d{1,15}$/;
const EPOCH = Prisma.sql`timestamptz 'epoch'`;

/** One page of what each of these volumes held over time, in one statement. */
export function listSizesOfVolumes(
  database: Database,
  volumeIds: readonly string[],
  { newestFirst, ...page }: SizesRequest,
): Promise<Map<string, Page<Ordered<SizeThen>>>> {
  const [direction, beyond] = newestFirst ? [Prisma.sql`desc`, Prisma.sql`<`] : [Prisma.sql`asc`, Prisma.sql`>`];
  return readPages<SizeThen>(volumeIds, page, {
    order: newestFirst ? 'size NEWEST' : 'size OLDEST',
    valueForm: TIME,
    rows: (after, limit): Promise<Owned<SizeThen>[]> => {
      const behind = after === undefined ? Prisma.empty : Prisma.sql`and z.measured_at ${beyond} ${EPOCH} + ${after.value}::bigint * interval '1 ms'`;
      return database.readRows(Prisma.sql`
        select owner.id as owner, owner.id as id, page.* from ${ownersOf(volumeIds)} cross join lateral (
          select z.measured_at as "measuredAt", z.size_bytes as "sizeBytes", (extract(epoch from z.measured_at) * 1000)::bigint::text as "orderValue"
          from volume_size z where z.volume_id = ${OWNER_ID} ${behind} order by z.measured_at ${direction} limit ${limitOf(limit)}
        ) page order by owner.id, page."measuredAt" ${direction}`);
    },
    counts: () => Promise.reject(new Error('sizes are not counted')),
  });
}
