import DataLoader from 'dataloader';
import type { Database } from '../database/client.js';
import { wasRead, type Columns, type PartOf, type Table } from '../inventory/columns.js';
import {
  countsOfHosts,
  mountsOfContainers,
  mountsOfShares,
  mountsOfVolumes,
  rowsById,
  sharesOfContainers,
  sharesOfVolumes,
  type HostCounts,
} from '../inventory/lookups.js';
import type { MountPart } from '../inventory/volumes.js';
import type { Entry } from '../journal/entry.js';
import { entriesAt } from '../journal/read.js';
import { backupsById, operationsById, policiesOfVolumes, type ShownBackup, type ShownOperation, type ShownPolicy } from '../operations/lists.js';

/** Reads of one request, gathered so that a page costs a fixed number of statements however long it is. */
export interface Loaders {
  readonly host: DataLoader<string, PartOf<'host'> | null>;
  readonly hostCounts: DataLoader<string, HostCounts | null>;
  readonly volume: DataLoader<string, PartOf<'volume'> | null>;
  readonly container: DataLoader<string, PartOf<'container'> | null>;
  readonly mount: DataLoader<string, PartOf<'mount'> | null>;
  readonly share: DataLoader<string, PartOf<'share'> | null>;
  readonly mountsOfContainer: DataLoader<string, readonly MountPart[]>;
  readonly mountsOfVolume: DataLoader<string, readonly MountPart[]>;
  readonly mountsOfShare: DataLoader<string, readonly MountPart[]>;
  readonly sharesOfVolume: DataLoader<string, readonly PartOf<'share'>[]>;
  readonly sharesOfContainer: DataLoader<string, readonly PartOf<'share'>[]>;
  readonly event: DataLoader<bigint, Entry | null>;
  readonly operation: DataLoader<string, ShownOperation | null>;
  readonly backup: DataLoader<string, ShownBackup | null>;
  readonly policyOfVolume: DataLoader<string, ShownPolicy | null>;
  /**
   * The pages that a field shows of each of its objects, by their ids. What is asked of a page stands in `asked`: objects
   * that are asked for the same are read together, by the `read` that came first.
   */
  readonly pages: <P>(field: string, asked: unknown, read: (ids: readonly string[]) => Promise<ReadonlyMap<string, P>>) => DataLoader<string, P>;
}

/**
 * New loaders for one request, or for one event of a subscription: what they have read, they do not read again.
 * They read the columns that the operation asks for.
 */
export function makeLoaders(database: Database, columns: Columns): Loaders {
  const pages = new Map<string, DataLoader<string, unknown>>();
  const rows = <T extends Table>(table: T) =>
    byKey<PartOf<T>>(
      (ids) => rowsById(database, table, ids, columns),
      (row) => row.id,
    );
  return {
    host: rows('host'),
    volume: rows('volume'),
    container: rows('container'),
    mount: rows('mount'),
    share: rows('share'),
    hostCounts: byKey(
      (ids) => countsOfHosts(database, ids),
      (row) => row.hostId,
    ),
    mountsOfContainer: listsByKey(
      (ids) => mountsOfContainers(database, ids, columns),
      (mount) => wasRead(mount.containerId),
      (mount) => mount,
    ),
    mountsOfVolume: listsByKey(
      (ids) => mountsOfVolumes(database, ids, columns),
      (mount) => wasRead(mount.volumeId),
      (mount) => mount,
    ),
    mountsOfShare: listsByKey(
      (ids) => mountsOfShares(database, ids, columns),
      (row) => row.shareId,
      (row) => row.mount,
    ),
    sharesOfVolume: listsByKey(
      (ids) => sharesOfVolumes(database, ids, columns),
      (share) => share.owner,
      (share) => share,
    ),
    sharesOfContainer: listsByKey(
      (ids) => sharesOfContainers(database, ids, columns),
      (share) => share.owner,
      (share) => share,
    ),
    event: byKey(
      (positions) => entriesAt(database.readRows, positions),
      (entry) => entry.position,
    ),
    operation: byKey(
      (ids) => operationsById(database, ids),
      (row) => row.id,
    ),
    backup: byKey(
      (ids) => backupsById(database, ids),
      (row) => row.id,
    ),
    policyOfVolume: byKey(
      (ids) => policiesOfVolumes(database, ids),
      (row) => row.volumeId,
    ),
    pages: <P>(field: string, asked: unknown, read: (ids: readonly string[]) => Promise<ReadonlyMap<string, P>>) => {
      const key = `${field} ${JSON.stringify(asked, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`;
      const known = pages.get(key);
      // A field's pages are of one kind.
      if (known !== undefined) return known as DataLoader<string, P>;
      const loader = new DataLoader<string, P>(async (ids) => {
        const found = await read(ids);
        return ids.map((id) => found.get(id) ?? new Error(`${field} was not read`));
      });
      pages.set(key, loader);
      return loader;
    },
  };
}

function byKey<Row, Key = string>(read: (keys: Key[]) => Promise<Row[]>, keyOf: (row: Row) => Key): DataLoader<Key, Row | null> {
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
