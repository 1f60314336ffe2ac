import { Prisma, type Database } from '../database/client.js';
import type { Volume } from '../generated/prisma/client.js';

/** A volume of a driver with scope global, as all hosts know it: one piece of data with one name. */
export function sameVolumes(database: Database, { driver, name }: Pick<Volume, 'driver' | 'name'>): Promise<Volume[]> {
  return database.volume.findMany({ where: { driver, name, scope: 'global', removedAt: null } });
}

/** Names of the living containers that refer to one of these volumes. */
export async function containersOfVolumes(database: Database, volumeIds: readonly string[]): Promise<string[]> {
  if (volumeIds.length === 0) return [];
  const rows = await database.$queryRaw<{ name: string }[]>(Prisma.sql`
    select distinct c.name from mount m join container c on c.id = m.container_id
    where m.volume_id = any(${[...volumeIds]}::uuid[]) and c.removed_at is null order by c.name`);
  return rows.map(({ name }) => name);
}

/**
 * Rows of these volumes as `known`: each (`id`, `host_id`, `scope`) with its own id as `same_id`, and one of scope global with those
 * by which other hosts know it, too.
 */
function everyHostsRow(volumeIds: readonly string[]): Prisma.Sql {
  const chosen = Prisma.sql`v.id = any(${[...volumeIds]}::uuid[])`;
  // Each half has its index; a join on the one or the other would compare each volume with all.
  return Prisma.sql`(
    select v.id, v.host_id, v.scope, v.id as same_id from volume v where ${chosen}
    union all
    select v.id, v.host_id, v.scope, same.id from volume v
    join volume same on same.name collate "C" = v.name collate "C" and same.driver = v.driver and same.scope = 'global' and same.removed_at is null
    where ${chosen} and v.scope = 'global' and same.id <> v.id
  ) known`;
}

/** Who uses a volume. */
export interface VolumeUse {
  readonly volumeId: string;
  readonly name: string;
  readonly active: boolean;
  /** Our id of its host. */
  readonly hostId: string;
  /** That host's name, when it is another one than the volume's own: it is of a driver with scope global. */
  readonly host: string | null;
}

/** Living containers that refer to these volumes, also by another host's name of the same volume of scope global. */
export function usesOfVolumes(database: Database, volumeIds: readonly string[]): Promise<VolumeUse[]> {
  return database.$queryRaw<VolumeUse[]>(Prisma.sql`
    select distinct known.id::text as "volumeId", c.name, c.host_id::text as "hostId", c.state in ('RUNNING', 'PAUSED', 'RESTARTING') as active,
      case when c.host_id <> known.host_id then h.name end as host
    from ${everyHostsRow(volumeIds)}
    join mount m on m.volume_id = known.same_id
    join container c on c.id = m.container_id and c.removed_at is null
    join host h on h.id = c.host_id`);
}

/** What is known of when a volume was used. */
export interface TimesOfVolume {
  readonly volumeId: string;
  readonly lastUsedAt: Date | null;
  /** Since when every host that could know of a use was watched; null: one was not. */
  readonly watchedSince: Date | null;
}

/** When these volumes were last in use, as far as is known, and since when that is known; those of scope global on all hosts. */
export function timesOfVolumes(database: Database, volumeIds: readonly string[]): Promise<TimesOfVolume[]> {
  return database.$queryRaw<TimesOfVolume[]>(Prisma.sql`
    select known.id::text as "volumeId", max(greatest(v.last_in_use_at, v.last_mounted_at)) as "lastUsedAt",
      case when known.scope = 'global' then everywhere.since else h.watched_since end as "watchedSince"
    from ${everyHostsRow(volumeIds)}
    join volume v on v.id = known.same_id
    join host h on h.id = known.host_id
    cross join (select case when bool_and(watched_since is not null) then max(watched_since) end as since from host) everywhere
    group by known.id, known.scope, h.watched_since, everywhere.since`);
}

/** Ids of those of these volumes that are protected, also as another host's name of the same volume of scope global. */
export async function protectedAmong(database: Database, volumeIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await database.$queryRaw<{ id: string }[]>(Prisma.sql`
    select distinct known.id::text as id from ${everyHostsRow(volumeIds)} join volume v on v.id = known.same_id where v.protected`);
  return new Set(rows.map(({ id }) => id));
}
