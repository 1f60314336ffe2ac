import { Prisma, type Database } from '../database/client.js';
import type { Share } from '../generated/prisma/client.js';
import { ALL_COLUMNS, columnList, type Columns, type PartOf, type Table } from './columns.js';
import { shareHasRisk, type RiskQuery } from './risk-conditions.js';
import { hostIdsOf, isAmong } from './list-conditions.js';
import { readPageByText, type Ordered, type Page, type PageRequest } from './pages.js';
import { isShared, SHOWN_MOUNT, type MountPart } from './volumes.js';

// Reads of many objects in one statement each: what the loaders of a request are made from.

const PREPARED = { prepared: true };

/** Rows of a table by their ids, in no order. */
export function rowsById<T extends Table>(database: Database, table: T, ids: readonly string[], columns: Columns): Promise<PartOf<T>[]> {
  return database.readRows(Prisma.sql`select ${columnList(table, columns, 't')} from ${Prisma.raw(table)} t where t.id = any(${[...ids]}::uuid[])`, PREPARED);
}

/** All hosts, by name. */
export function listHostParts(database: Database, columns: Columns): Promise<PartOf<'host'>[]> {
  return database.readRows(Prisma.sql`select ${columnList('host', columns, 't')} from host t order by t.name collate "C"`, PREPARED);
}

/** The host of that name. */
export async function findHostPart(database: Database, name: string, columns: Columns): Promise<PartOf<'host'> | undefined> {
  const [host] = await database.readRows<PartOf<'host'>>(Prisma.sql`select ${columnList('host', columns, 't')} from host t where t.name = ${name}`, PREPARED);
  return host;
}

export function mountsOfContainers(database: Database, containerIds: readonly string[], columns: Columns): Promise<MountPart[]> {
  return database.readRows(
    Prisma.sql`select ${columnList('mount', columns, 'm')} from mount m where m.container_id = any(${[...containerIds]}::uuid[]) order by m.destination`,
    PREPARED,
  );
}

/** Mounts by containers that live; of a removed volume, the last that are known. */
export function mountsOfVolumes(database: Database, volumeIds: readonly string[], columns: Columns): Promise<MountPart[]> {
  return readMounts(
    database,
    Prisma.empty,
    Prisma.sql`from mount m join container c on c.id = m.container_id join volume v on v.id = m.volume_id
      where m.volume_id = any(${[...volumeIds]}::uuid[]) and ${SHOWN_MOUNT}
      order by m.container_id, m.destination`,
    columns,
  );
}

export async function mountsOfShares(
  database: Database,
  shareIds: readonly string[],
  columns: Columns = ALL_COLUMNS,
): Promise<{ shareId: string; mount: MountPart }[]> {
  const rows = await readMounts<MountPart & { readonly shareId: string }>(
    database,
    Prisma.sql`, sm.share_id as "shareId"`,
    Prisma.sql`from share_mount sm join mount m on m.id = sm.mount_id join container c on c.id = m.container_id
      where sm.share_id = any(${[...shareIds]}::uuid[]) order by m.id`,
    columns,
  );
  return rows.map((mount) => ({ shareId: mount.shareId, mount }));
}

/** Reads mounts `m`, with their containers `c` where the columns say so. */
function readMounts<Row extends MountPart = MountPart>(database: Database, further: Prisma.Sql, from: Prisma.Sql, columns: Columns): Promise<Row[]> {
  const withContainer = columns.mount.has('container');
  const containerColumns = withContainer ? Prisma.sql`, ${columnList('container', columns, 'c', { within: 'container' })}` : Prisma.empty;
  return database.readRows<Row>(Prisma.sql`select ${columnList('mount', columns, 'm')}${further}${containerColumns} ${from}`, PREPARED);
}

/** Shares of any kind that mounts of these volumes are in. */
export function sharesOfVolumes(database: Database, volumeIds: readonly string[], columns: Columns): Promise<OwnedShare[]> {
  return sharesBy(database, Prisma.sql`m.volume_id`, volumeIds, columns);
}

/** Shares of any kind that mounts of these containers are in. */
export function sharesOfContainers(database: Database, containerIds: readonly string[], columns: Columns): Promise<OwnedShare[]> {
  return sharesBy(database, Prisma.sql`m.container_id`, containerIds, columns);
}

/** A share, with the id of a volume or container that is in it. */
type OwnedShare = PartOf<'share'> & { readonly owner: string };

function sharesBy(database: Database, owner: Prisma.Sql, ids: readonly string[], columns: Columns): Promise<OwnedShare[]> {
  return database.readRows(
    Prisma.sql`select o.owner, ${columnList('share', columns, 's')}
      from (select distinct ${owner} as owner, sm.share_id from share_mount sm join mount m on m.id = sm.mount_id where ${owner} = any(${[...ids]}::uuid[])) o
      join share s on s.id = o.share_id order by s.kind, s.identity, s.id`,
    PREPARED,
  );
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
  return database.readRows<HostCounts>(Prisma.sql`
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
  /** Names. */
  readonly hosts?: readonly string[] | undefined;
  readonly kinds?: readonly Share['kind'][] | undefined;
  readonly crossHost?: boolean | undefined;
  readonly risks?: RiskQuery | undefined;
}

const SHARE_ORDER = 'share IDENTITY';

/** One page of shares by identity. */
export async function listShares(database: Database, query: ShareQuery, page: PageRequest, columns: Columns): Promise<Page<Ordered<PartOf<'share'>>>> {
  const hostIds = await hostIdsOf(database, query);
  return readPageByText(database, page, {
    order: SHARE_ORDER,
    columns: columnList('share', columns, 's'),
    table: Prisma.sql`share s`,
    id: Prisma.sql`s.id`,
    text: Prisma.sql`s.identity`,
    parts: ofHosts(hostIds).map((host) => [...host, ...shareConditions(query)]),
  });
}

/** Conditions on shares of some hosts: those that belong to them, and those that reach over hosts, which belong to none. */
function ofHosts(hostIds: readonly string[] | undefined): readonly (readonly Prisma.Sql[])[] {
  if (hostIds === undefined) return [[]];
  const reached = Prisma.sql`exists (select 1 from share_mount sm join mount m on m.id = sm.mount_id join container c on c.id = m.container_id
    where sm.share_id = s.id and ${isAmong(Prisma.sql`c.host_id`, hostIds)})`;
  return [[isAmong(Prisma.sql`s.host_id`, hostIds)], [Prisma.sql`s.host_id is null`, reached]];
}

function shareConditions(query: ShareQuery): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [Prisma.sql`true`];
  if (query.crossHost !== undefined) conditions.push(query.crossHost ? Prisma.sql`s.host_id is null` : Prisma.sql`s.host_id is not null`);
  if (query.risks !== undefined) conditions.push(shareHasRisk(query.risks));
  if (query.kinds !== undefined) conditions.push(Prisma.sql`s.kind = any(${[...query.kinds]}::"ShareKind"[])`);
  return conditions;
}
