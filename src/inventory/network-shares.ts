import { v7 as newId } from 'uuid';
import { Prisma, type Transaction } from '../database/client.js';
import type { EventSource, NewEntry } from '../journal/entry.js';
import type { Changes } from './changes.js';
import { membersAt, PlaceIndex, type Spot } from './place-index.js';
import type { NetworkSpot } from './picture.js';
import { shareAttributes } from './share-attributes.js';
import { risksOfWriters } from './share-risks.js';
import { formatPlace, parseSpaceKey, pathComponents, pathsAbove, pathText } from './storage-place.js';

/** Stands for hosts that are not known: whoever may see some hosts only is not told. */
const UNKNOWN_HOST = '00000000-0000-0000-0000-000000000000';

/** The host whose change it is that made or ended shares, and how that change came to be known. */
interface Cause {
  readonly id: string;
  readonly name: string;
  readonly source: EventSource;
}

/**
 * Writes what changed in the network mounts of a host, and what follows for the shares of all hosts. Shares of one server
 * are worked out by one transaction at a time, in whichever gateway: each sees all that the one before has written.
 * @returns what is to be journalled.
 */
export async function writeNetworkSpots(transaction: Transaction, host: { readonly id: string; readonly name: string }, changes: Changes): Promise<NewEntry[]> {
  const { networkSpots, leftNetworkSpots, entries } = changes;
  if (networkSpots.length === 0 && leftNetworkSpots.length === 0) return [];
  const touched = await lockSpaces(transaction, [...networkSpots, ...leftNetworkSpots]);
  await transaction.networkSpot.deleteMany({ where: { mountId: { in: leftNetworkSpots.map(({ mountId }) => mountId) } } });
  await transaction.networkSpot.createMany({ data: networkSpots.map((spot) => ({ ...spot, hostId: host.id })) });
  return settle(transaction, { ...host, source: entries[0]?.source ?? 'RECONCILED' }, touched);
}

/** Works out what remains of shares when a host goes with all that is known of it. Call it with `forget` removing the host. */
export async function leaveNetwork(
  transaction: Transaction,
  host: { readonly id: string; readonly name: string },
  forget: () => Promise<void>,
): Promise<NewEntry[]> {
  const spots = await transaction.networkSpot.findMany({ where: { hostId: host.id } });
  const touched = await lockSpaces(transaction, spots);
  // Shares that lie on this host alone go with its row; who follows the journal is told of each.
  const own = await transaction.share.findMany({ where: { hostId: host.id }, select: { id: true, kind: true, identity: true } });
  await forget();
  const ended = own.map(({ id, ...share }): NewEntry => ({
    type: 'SHARE_DISSOLVED',
    source: 'GATEWAY',
    occurredAt: Date.now(),
    host: { id: host.id, name: host.name },
    shareId: id,
    attributes: shareAttributes(share, [], new Map()),
  }));
  return [...ended, ...(await settle(transaction, { id: host.id, name: host.name, source: 'GATEWAY' }, touched))];
}

/** Paths that are touched, by space; the spaces are locked until the transaction ends, always in the same order. */
async function lockSpaces(transaction: Transaction, spots: readonly Pick<NetworkSpot, 'space' | 'path'>[]): Promise<Map<string, Set<string>>> {
  const touched = new Map<string, Set<string>>();
  for (const space of [...new Set(spots.map((spot) => spot.space))].sort()) {
    touched.set(space, new Set(spots.filter((spot) => spot.space === space).map(({ path }) => path)));
    await transaction.$executeRaw(Prisma.sql`select pg_advisory_xact_lock(hashtextextended(${`network ${space}`}, 0))`);
  }
  return touched;
}

interface SpotRow {
  readonly mountId: string;
  readonly containerId: string;
  readonly containerName: string;
  readonly hostId: string;
  readonly volumeId: string;
  readonly readOnly: boolean;
  readonly path: string;
}

async function settle(transaction: Transaction, cause: Cause, touched: ReadonlyMap<string, ReadonlySet<string>>): Promise<NewEntry[]> {
  const entries: NewEntry[] = [];
  for (const [space, paths] of touched) entries.push(...(await settleSpace(transaction, cause, space, [...paths].map(componentsOf))));
  return entries;
}

async function settleSpace(transaction: Transaction, cause: Cause, space: string, touched: readonly (readonly string[])[]): Promise<NewEntry[]> {
  const rows = await spotsAround(transaction, space, touched);
  const index = new PlaceIndex();
  const names = new Map<string, string>();
  for (const { containerName, path, ...row } of rows) {
    index.add({ ...row, path: componentsOf(path), anchor: true });
    names.set(row.containerId, containerName);
  }
  const candidates = new Map(touched.flatMap((path) => [path, ...index.anchorsAbove(path)]).map((path) => [pathText(path), path]));
  const known = new Map(
    (await transaction.share.findMany({ where: { kind: 'NETWORK', space, path: { in: [...candidates.keys()] } }, include: { mounts: true } })).map((row) => [
      row.path,
      row,
    ]),
  );
  const entries: NewEntry[] = [];
  for (const [path, components] of candidates) {
    const old = known.get(path);
    const members = membersAt(index, components);
    const identity = formatPlace({ space: parseSpaceKey(space), path: components });
    // Of one that is dissolved it is not known any more whose it was.
    const otherHosts = members === null ? [UNKNOWN_HOST] : [...new Set(members.map(({ hostId }) => hostId))];
    const journal = (type: 'SHARE_FORMED' | 'SHARE_CHANGED' | 'SHARE_DISSOLVED', shareId: string) => {
      const attributes = shareAttributes({ kind: 'NETWORK', identity }, members ?? [], names);
      entries.push({ type, source: cause.source, occurredAt: Date.now(), host: { id: cause.id, name: cause.name }, otherHosts, shareId, attributes });
    };
    if (members === null) {
      if (old === undefined) continue;
      await transaction.share.delete({ where: { id: old.id } });
      journal('SHARE_DISSOLVED', old.id);
      continue;
    }
    const row = rowOf(members, components.length);
    // Only what differs is written: thousands of mounts may reach one export.
    const before = new Set(old?.mounts.map(({ mountId }) => mountId));
    const now = new Set(members.map(({ mountId }) => mountId));
    const left = [...before].filter((mountId) => !now.has(mountId));
    const joined = [...now].filter((mountId) => !before.has(mountId));
    const same = left.length === 0 && joined.length === 0;
    if (old !== undefined && same && old.hostId === row.hostId && old.multipleWriters === row.multipleWriters) continue;
    const id = old?.id ?? newId();
    if (old === undefined) await transaction.share.create({ data: { id, kind: 'NETWORK', identity, space, path, formedAt: new Date(), ...row } });
    else await transaction.share.update({ where: { id }, data: row });
    if (left.length > 0) await transaction.shareMount.deleteMany({ where: { shareId: id, mountId: { in: left } } });
    if (joined.length > 0) await transaction.shareMount.createMany({ data: joined.map((mountId) => ({ shareId: id, mountId })), skipDuplicates: true });
    journal(old === undefined ? 'SHARE_FORMED' : 'SHARE_CHANGED', id);
  }
  return entries;
}

/**
 * All spots that a change at these paths can concern: those at and below the uppermost path that is mounted above each.
 */
async function spotsAround(transaction: Transaction, space: string, touched: readonly (readonly string[])[]): Promise<SpotRow[]> {
  const above = [...new Set(touched.flatMap(pathsAbove))];
  // The index holds the hash of the space and the beginning of the path.
  const mounted = await transaction.$queryRaw<{ path: string }[]>(Prisma.sql`
    select distinct s.path from unnest(${above}::text[]) as a(path) join network_spot s
      on md5(s.space) = md5(${space}) and left(s.path, 128) collate "C" = left(a.path, 128) collate "C" and s.path = a.path and s.space = ${space}`);
  const anchors = new Set(mounted.map(({ path }) => path));
  const tops = new Set(touched.map((path) => pathsAbove(path).find((above) => anchors.has(above)) ?? pathText(path)));
  return transaction.$queryRaw<SpotRow[]>(Prisma.sql`
    select s.mount_id as "mountId", s.container_id as "containerId", c.name as "containerName", s.host_id as "hostId", s.volume_id as "volumeId",
      s.read_only as "readOnly", s.path
    from unnest(${[...tops]}::text[]) as t(path) join network_spot s
      on md5(s.space) = md5(${space}) and s.space = ${space}
      and left(s.path, 128) collate "C" >= left(t.path, 128) collate "C"
      and left(s.path, 128) collate "C" <= (left(t.path, 128) || repeat(chr(1114111), 2)) collate "C"
      and (t.path = '/' or s.path = t.path or starts_with(s.path, t.path || '/'))
    join container c on c.id = s.container_id`);
}

/** What follows from the members: its host when it lies within one, and who writes. */
function rowOf(members: readonly Spot[], depth: number) {
  const hosts = [...new Set(members.map(({ hostId }) => hostId))];
  const risks = risksOfWriters(members, depth);
  return {
    hostId: hosts.length === 1 ? (hosts[0] ?? null) : null,
    multipleWriters: risks.includes('MULTIPLE_WRITERS'),
    crossHostWriters: risks.includes('CROSS_HOST_WRITERS'),
  };
}

function componentsOf(path: string): readonly string[] {
  return pathComponents(path) ?? [];
}
