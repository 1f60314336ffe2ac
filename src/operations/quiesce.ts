import { Prisma, type Database } from '../database/client.js';
import type { Volume } from '../generated/prisma/client.js';
import type { Leftover, Quiesce } from './records.js';

/** A running container that can write what a volume holds. */
export interface Writer {
  readonly hostId: string;
  readonly engineId: string;
  readonly name: string;
  readonly state: string;
}

/**
 * Running containers with a read-write mount of a volume's storage: of the volume, of what is shared with it, or of a
 * directory of the host that lies in it or that it lies in.
 */
export function findWriters(database: Database, volume: Pick<Volume, 'id' | 'hostId' | 'mountpoint'>): Promise<Writer[]> {
  const path = volume.mountpoint.replace(/\/_data\/?$/, '/_data');
  return database.$queryRaw<Writer[]>(Prisma.sql`
    select distinct c.host_id::text as "hostId", c.engine_id as "engineId", c.name, c.state::text as state
    from mount m join container c on c.id = m.container_id
    where not m.read_only and c.removed_at is null and c.state in ('RUNNING', 'PAUSED', 'RESTARTING') and (
      m.volume_id = ${volume.id}::uuid
      or m.id in (select other.mount_id from share_mount own join mount mine on mine.id = own.mount_id and mine.volume_id = ${volume.id}::uuid
        join share_mount other on other.share_id = own.share_id)
      or (m.type = 'BIND' and c.host_id = ${volume.hostId}::uuid and ${path} <> '' and (m.source = ${path} or m.source = '/'
        or starts_with(m.source, ${`${path}/`}) or starts_with(${path}, m.source || '/'))))
    order by 1, 2`);
}

/** What giving a writer back will take; undefined for one that does not write now. */
export function quieted(writer: Writer, quiesce: Quiesce): Leftover | undefined {
  if (quiesce === 'LIVE' || writer.state === 'PAUSED') return undefined;
  return { kind: quiesce === 'PAUSE' ? 'paused' : 'stopped', hostId: writer.hostId, containerId: writer.engineId };
}
