import { Prisma, type Database } from '../database/client.js';
import { Problem } from '../problems.js';
import { columnList, type Columns, type PartOf } from './columns.js';
import { unknownHost } from './hosts.js';
import type { TextRecord } from './picture.js';
import { liesAround } from './risk-conditions.js';
import { hostPlace, isWithin, pathText, serverName, storageBehind, type StoragePlace } from './storage-place.js';

/** What stands still when a host, or a piece of storage or its server, goes away. Only what lives. */
export interface Impact {
  readonly containers: readonly PartOf<'container'>[];
  readonly volumes: readonly PartOf<'volume'>[];
  readonly shares: readonly PartOf<'share'>[];
  /** Names of compose projects, in order. */
  readonly composeProjects: readonly string[];
}

/** What stands still when a host goes away. @throws {Problem} NOT_FOUND. */
export async function impactOfHost(database: Database, name: string, columns: Columns): Promise<Impact> {
  const [host] = await database.readRows<{ id: string }>(Prisma.sql`select id from host where name = ${name}`);
  if (host === undefined) throw unknownHost(name);
  return gather(
    database,
    Prisma.sql`v.host_id = ${host.id}::uuid`,
    Prisma.sql`c.host_id = ${host.id}::uuid`,
    Prisma.sql`c.host_id = ${host.id}::uuid`,
    columns,
  );
}

/**
 * What stands still when a piece of storage goes away, or the server that it is on: volumes that lie on it, around it or
 * in it, and containers that mount it. `storage` is what {@link readStorage} understands.
 * @throws {Problem} NOT_FOUND when nothing that is known lies there: a typing error must not look like a harmless removal.
 */
export async function impactOfStorage(database: Database, storage: string, columns: Columns): Promise<Impact> {
  const meant = readStorage(storage);
  const volumeIds = await volumesOn(database, meant);
  const bound =
    meant.place?.space.kind === 'host'
      ? Prisma.sql`(m.type = 'BIND' and ${liesAround(Prisma.sql`m.source`, [pathText(meant.place.path)])})`
      : Prisma.sql`false`;
  const mounts = await database.readRows<MountRow>(Prisma.sql`
    select m.id, m.container_id as "containerId" from mount m join container c on c.id = m.container_id
    where c.removed_at is null and (m.volume_id = any(${volumeIds}::uuid[]) or ${bound})`);
  if (volumeIds.length === 0 && mounts.length === 0) {
    throw new Problem(
      'NOT_FOUND',
      `Nothing that is known lies on ${JSON.stringify(storage.slice(0, 200))}. Give the identity of a share, a directory of a host, an export such as nas:/media or //nas/media, the name of its server, or the name of a volume.`,
    );
  }
  const containerIds = [...new Set(mounts.map(({ containerId }) => containerId))];
  const mountIds = mounts.map(({ id }) => id);
  const amongIds = (column: Prisma.Sql, ids: readonly string[]) => Prisma.sql`${column} = any(${[...ids]}::uuid[])`;
  const [ofVolumes, ofContainers, ofMounts] = [
    amongIds(Prisma.sql`v.id`, volumeIds),
    amongIds(Prisma.sql`c.id`, containerIds),
    amongIds(Prisma.sql`m.id`, mountIds),
  ];
  return gather(database, ofVolumes, ofContainers, ofMounts, columns);
}

/** A piece of storage, as people name it. */
export interface NamedStorage {
  /** A directory of any host, or an export. */
  readonly place: StoragePlace | undefined;
  /** A server, in its one spelling; only where no place is meant. */
  readonly server: string | undefined;
  /** A volume, by its name; only where no place is meant. */
  readonly name: string | undefined;
}

/** Understands the identity of a share of any kind, an export in any spelling, and the bare name of a server. */
export function readStorage(text: string): NamedStorage {
  const given = text.trim();
  const device = (type: string) => storageBehind({ name: '', driver: 'local', scope: 'local', mountpoint: '', options: { type, device: given } }, '');
  const place = /^(\/\/|\\\\)/.test(given) ? device('cifs') : (hostPlace(given, '') ?? device('nfs'));
  if (place !== undefined) return { place, server: undefined, name: undefined };
  return { place, server: serverName(given), name: given };
}

/** Whether a volume that has this storage behind it stands still with what is meant. */
export function liesOn(meant: NamedStorage, volume: { readonly name: string; readonly place: StoragePlace | undefined }): boolean {
  const { place } = volume;
  if (meant.name !== undefined && meant.name === volume.name) return true;
  if (place === undefined) return false;
  if (place.space.kind === 'nfs' || place.space.kind === 'cifs') {
    if (meant.server === place.space.server) return true;
    const space = meant.place?.space;
    if (space?.kind !== place.space.kind || space.server !== place.space.server) return false;
  } else if (meant.place?.space.kind !== 'host' || place.space.kind !== 'host') {
    return false;
  }
  const path = meant.place?.path ?? [];
  return isWithin(place.path, path) || isWithin(path, place.path);
}

interface MountRow {
  readonly id: string;
  readonly containerId: string;
}

interface VolumeRow {
  readonly id: string;
  readonly hostId: string;
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly mountpoint: string;
  readonly options: TextRecord;
}

async function volumesOn(database: Database, meant: NamedStorage): Promise<string[]> {
  // Only those with options, and those of drivers that reach over hosts, have other storage behind them.
  const rows = await database.readRows<VolumeRow>(Prisma.sql`
    select id, host_id as "hostId", name, driver, scope, mountpoint, options from volume
    where removed_at is null and (options <> '{}'::jsonb or scope = 'global' or name collate "C" = ${meant.name ?? ''})`);
  const found = rows.filter((row) => liesOn(meant, { name: row.name, place: storageBehind(row, row.hostId) })).map(({ id }) => id);
  if (meant.place?.space.kind !== 'host') return found;
  const inside = await database.readRows<{ id: string }>(
    Prisma.sql`select id from volume where removed_at is null and ${liesAround(Prisma.sql`mountpoint`, [pathText(meant.place.path)])}`,
  );
  return [...new Set([...found, ...inside.map(({ id }) => id)])];
}

/** Volumes `v`, containers `c`, and the shares that mounts `m` of containers `c` are in, that live and meet these conditions. */
async function gather(database: Database, ofVolumes: Prisma.Sql, ofContainers: Prisma.Sql, ofMounts: Prisma.Sql, columns: Columns): Promise<Impact> {
  const [volumes, containers, shares] = await Promise.all([
    database.readRows<PartOf<'volume'>>(
      Prisma.sql`select ${columnList('volume', columns, 'v')} from volume v where v.removed_at is null and ${ofVolumes} order by v.name collate "C", v.id`,
    ),
    database.readRows<PartOf<'container'>>(
      Prisma.sql`select ${columnList('container', columns, 'c')} from container c where c.removed_at is null and ${ofContainers} order by c.name collate "C", c.id`,
    ),
    database.readRows<PartOf<'share'>>(Prisma.sql`
      select ${columnList('share', columns, 's')} from share s where s.id in (
        select sm.share_id from share_mount sm join mount m on m.id = sm.mount_id join container c on c.id = m.container_id
        where c.removed_at is null and ${ofMounts})
      order by s.identity collate "C", s.id`),
  ]);
  const projects = [...volumes, ...containers].flatMap(({ composeProject }) => composeProject ?? []);
  return { volumes, containers, shares, composeProjects: [...new Set(projects)].sort() };
}
