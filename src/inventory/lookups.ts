import { Prisma, type Database } from '../database/client.js';
import type { Mount, Share } from '../generated/prisma/client.js';
import { shareHasRisk, type RiskQuery } from './risk-conditions.js';
import { isShared } from './volumes.js';
import { readPageByText, type Page, type PageRequest } from './pages.js';

export type { Mount, Share } from '../generated/prisma/client.js';

/** Reads of many objects in one statement each: what the loaders of a request are made from. */

export function mountsOfContainers(database: Database, containerIds: readonly string[]): Promise<Mount[]> {
  return database.mount.findMany({ where: { containerId: { in: [...containerIds] } }, orderBy: { destination: 'asc' } });
}

/** Mounts by containers that live; of a removed volume, the last that are known. */
export function mountsOfVolumes(database: Database, volumeIds: readonly string[]): Promise<Mount[]> {
  return database.mount.findMany({
    where: { volumeId: { in: [...volumeIds] }, OR: [{ container: { removedAt: null } }, { volume: { removedAt: { not: null } } }] },
    orderBy: [{ containerId: 'asc' }, { destination: 'asc' }],
  });
}

export async function mountsOfShares(database: Database, shareIds: readonly string[]): Promise<{ shareId: string; mount: Mount }[]> {
  const rows = await database.shareMount.findMany({ where: { shareId: { in: [...shareIds] } }, include: { mount: true } });
  return rows.map(({ shareId, mount }) => ({ shareId, mount }));
}

/** Shares of any kind that mounts of these volumes are in. */
export function sharesOfVolumes(database: Database, volumeIds: readonly string[]): Promise<{ owner: string; share: Share }[]> {
  return sharesBy(
    database,
    Prisma.sql`select distinct m.volume_id as owner, sm.share_id as share from share_mount sm join mount m on m.id = sm.mount_id
      where m.volume_id = any(${[...volumeIds]}::uuid[])`,
  );
}

/** Shares of any kind that mounts of these containers are in. */
export function sharesOfContainers(database: Database, containerIds: readonly string[]): Promise<{ owner: string; share: Share }[]> {
  return sharesBy(
    database,
    Prisma.sql`select distinct m.container_id as owner, sm.share_id as share from share_mount sm join mount m on m.id = sm.mount_id
      where m.container_id = any(${[...containerIds]}::uuid[])`,
  );
}

async function sharesBy(database: Database, owners: Prisma.Sql): Promise<{ owner: string; share: Share }[]> {
  const pairs = await database.$queryRaw<{ owner: string; share: string }[]>(owners);
  const rows = await database.share.findMany({
    where: { id: { in: [...new Set(pairs.map(({ share }) => share))] } },
    orderBy: [{ kind: 'asc' }, { identity: 'asc' }],
  });
  return rows.flatMap((row) => pairs.filter(({ share }) => share === row.id).map(({ owner }) => ({ owner, share: row })));
}

/** Counts of what lives on a host. */
export interface HostCounts {
  readonly hostId: string;
  readonly volumes: number;
  readonly containers: number;
  readonly mounts: number;
  readonly sharedVolumes: number;
  readonly danglingVolumes: number;
  readonly sizeBytes: bigint | null;
}

export async function countsOfHosts(database: Database, hostIds: readonly string[]): Promise<HostCounts[]> {
  return database.$queryRaw<HostCounts[]>(Prisma.sql`
    select h.id as "hostId", coalesce(v.volumes, 0)::int as volumes, coalesce(c.containers, 0)::int as containers,
      coalesce(m.mounts, 0)::int as mounts, coalesce(v.shared, 0)::int as "sharedVolumes", coalesce(v.dangling, 0)::int as "danglingVolumes",
      v.size::bigint as "sizeBytes"
    from unnest(${[...hostIds]}::uuid[]) as h(id)
    left join (select host_id, count(*) as volumes, count(*) filter (where ${isShared(Prisma.sql`volume`)}) as shared,
        count(*) filter (where state = 'DANGLING') as dangling, sum(size_bytes) as size
      from volume where removed_at is null and host_id = any(${[...hostIds]}::uuid[]) group by host_id) v on v.host_id = h.id
    left join (select host_id, count(*) as containers from container
      where removed_at is null and host_id = any(${[...hostIds]}::uuid[]) group by host_id) c on c.host_id = h.id
    left join (select k.host_id, count(*) as mounts from mount join container k on k.id = mount.container_id
      where k.removed_at is null and k.host_id = any(${[...hostIds]}::uuid[]) group by k.host_id) m on m.host_id = h.id`);
}

/** Which shares; an absent part accepts all. */
export interface ShareQuery {
  readonly hosts?: readonly string[] | undefined;
  readonly kinds?: readonly Share['kind'][] | undefined;
  readonly crossHost?: boolean | undefined;
  readonly risks?: RiskQuery | undefined;
}

const SHARE_ORDER = 'share IDENTITY';

/** One page of shares by identity. */
export function listShares(database: Database, query: ShareQuery, page: PageRequest): Promise<Page<Share>> {
  return readPageByText(database, page, {
    order: SHARE_ORDER,
    table: Prisma.sql`share s`,
    id: Prisma.sql`s.id`,
    text: Prisma.sql`s.identity`,
    conditions: shareConditions(query),
    rows: (ids) => database.share.findMany({ where: { id: { in: ids } } }),
  });
}

function shareConditions(query: ShareQuery): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [Prisma.sql`true`];
  if (query.hosts !== undefined) {
    // One that reaches over hosts belongs to none.
    const hosts = Prisma.sql`(select id from host where name = any(${[...query.hosts]}::text[]))`;
    conditions.push(Prisma.sql`(s.host_id in ${hosts} or (s.host_id is null and exists (
      select 1 from share_mount sm join mount m on m.id = sm.mount_id join container c on c.id = m.container_id
      where sm.share_id = s.id and c.host_id in ${hosts})))`);
  }
  if (query.crossHost !== undefined) conditions.push(query.crossHost ? Prisma.sql`s.host_id is null` : Prisma.sql`s.host_id is not null`);
  if (query.risks !== undefined) conditions.push(shareHasRisk(query.risks));
  if (query.kinds !== undefined) conditions.push(Prisma.sql`s.kind = any(${[...query.kinds]}::"ShareKind"[])`);
  return conditions;
}
