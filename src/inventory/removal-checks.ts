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
    select distinct v.id::text as "volumeId", c.name, c.host_id::text as "hostId", c.state in ('RUNNING', 'PAUSED', 'RESTARTING') as active,
      case when c.host_id <> v.host_id then h.name end as host
    from volume v
    join volume same on same.id = v.id
      or (v.scope = 'global' and same.scope = 'global' and same.driver = v.driver and same.name = v.name and same.removed_at is null)
    join mount m on m.volume_id = same.id
    join container c on c.id = m.container_id and c.removed_at is null
    join host h on h.id = c.host_id
    where v.id = any(${[...volumeIds]}::uuid[])`);
}

/** Living containers that bind the directory of one of these volumes, or one in it, on its host. */
export function bindersOfVolumes(database: Database, volumeIds: readonly string[]): Promise<{ volumeId: string; name: string }[]> {
  return database.$queryRaw<{ volumeId: string; name: string }[]>(Prisma.sql`
    select distinct v.id::text as "volumeId", c.name
    from volume v
    join container c on c.host_id = v.host_id and c.removed_at is null
    join mount m on m.container_id = c.id and m.type = 'BIND'
      and (m.source = v.mountpoint or starts_with(m.source, v.mountpoint || '/'))
    where v.id = any(${[...volumeIds]}::uuid[]) and v.mountpoint <> ''`);
}

/** Ids of those of these volumes that are protected, also as another host's name of the same volume of scope global. */
export async function protectedAmong(database: Database, volumeIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await database.$queryRaw<{ id: string }[]>(Prisma.sql`
    select v.id::text as id from volume v where v.id = any(${[...volumeIds]}::uuid[]) and (v.protected
      or (v.scope = 'global' and exists (select 1 from volume same
        where same.scope = 'global' and same.driver = v.driver and same.name = v.name and same.removed_at is null and same.protected)))`);
  return new Set(rows.map(({ id }) => id));
}
