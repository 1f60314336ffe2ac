import DataLoader from 'dataloader';
import type { Database } from '../database/client.js';
import type { Container } from '../inventory/containers.js';
import type { Host } from '../inventory/hosts.js';
import {
  countsOfHosts,
  mountsOfContainers,
  mountsOfShares,
  mountsOfVolumes,
  sharesOfContainers,
  sharesOfVolumes,
  type HostCounts,
  type Mount,
  type Share,
} from '../inventory/lookups.js';
import type { Volume } from '../inventory/volumes.js';

/** Reads of one request, gathered so that a page costs a fixed number of statements however long it is. */
export interface Loaders {
  readonly host: DataLoader<string, Host | null>;
  readonly hostCounts: DataLoader<string, HostCounts | null>;
  readonly volume: DataLoader<string, Volume | null>;
  readonly container: DataLoader<string, Container | null>;
  readonly share: DataLoader<string, Share | null>;
  readonly mountsOfContainer: DataLoader<string, readonly Mount[]>;
  readonly mountsOfVolume: DataLoader<string, readonly Mount[]>;
  readonly mountsOfShare: DataLoader<string, readonly Mount[]>;
  readonly sharesOfVolume: DataLoader<string, readonly Share[]>;
  readonly sharesOfContainer: DataLoader<string, readonly Share[]>;
}

/** New loaders for one request, or for one event of a subscription: what they have read, they do not read again. */
export function makeLoaders(database: Database): Loaders {
  return {
    host: byKey(
      (ids) => database.host.findMany({ where: { id: { in: ids } } }),
      (row) => row.id,
    ),
    hostCounts: byKey(
      (ids) => countsOfHosts(database, ids),
      (row) => row.hostId,
    ),
    volume: byKey(
      (ids) => database.volume.findMany({ where: { id: { in: ids } } }),
      (row) => row.id,
    ),
    container: byKey(
      (ids) => database.container.findMany({ where: { id: { in: ids } } }),
      (row) => row.id,
    ),
    share: byKey(
      (ids) => database.share.findMany({ where: { id: { in: ids } } }),
      (row) => row.id,
    ),
    mountsOfContainer: listsByKey(
      (ids) => mountsOfContainers(database, ids),
      (mount) => mount.containerId,
      (mount) => mount,
    ),
    mountsOfVolume: listsByKey(
      (ids) => mountsOfVolumes(database, ids),
      (mount) => mount.volumeId,
      (mount) => mount,
    ),
    mountsOfShare: listsByKey(
      (ids) => mountsOfShares(database, ids),
      (row) => row.shareId,
      (row) => row.mount,
    ),
    sharesOfVolume: listsByKey(
      (ids) => sharesOfVolumes(database, ids),
      (row) => row.owner,
      (row) => row.share,
    ),
    sharesOfContainer: listsByKey(
      (ids) => sharesOfContainers(database, ids),
      (row) => row.owner,
      (row) => row.share,
    ),
  };
}

function byKey<Row>(read: (keys: string[]) => Promise<Row[]>, keyOf: (row: Row) => string): DataLoader<string, Row | null> {
  return new DataLoader(async (keys) => {
    const rows = new Map((await read([...keys])).map((row) => [keyOf(row), row]));
    return keys.map((key) => rows.get(key) ?? null);
  });
}

function listsByKey<Row, Item>(
  read: (keys: string[]) => Promise<Row[]>,
  keyOf: (row: Row) => string | null,
  itemOf: (row: Row) => Item,
): DataLoader<string, readonly Item[]> {
  return new DataLoader(async (keys) => {
    const lists = new Map<string | null, Item[]>(keys.map((key) => [key, []]));
    for (const row of await read([...keys])) lists.get(keyOf(row))?.push(itemOf(row));
    return keys.map((key) => lists.get(key) ?? []);
  });
}
