import { Prisma } from '../database/client.js';
import type { Container, Host, Mount, Share, Volume } from '../generated/prisma/client.js';

// Which columns a read takes. Rows of this inventory are read by the thousand: what nobody asks for is not read.

/** Columns of each table that the reads themselves need, and that are always read. */
const KEYS = {
  host: ['id'],
  volume: ['id', 'hostId'],
  container: ['id', 'hostId', 'volumesFrom'],
  mount: ['id', 'containerId', 'volumeId', 'readOnly', 'type', 'source'],
  share: ['id', 'hostId', 'kind', 'identity', 'multipleWriters', 'crossHostWriters'],
} as const;

interface Rows {
  readonly host: Omit<Host, 'credentials'>;
  readonly volume: Volume;
  readonly container: Container;
  readonly mount: Mount;
  readonly share: Share;
}
export type Table = keyof Rows;
type Key<T extends Table> = (typeof KEYS)[T][number] & keyof Rows[T];

/** A row with its keys and those of the other columns that were asked for. */
export type PartOf<T extends Table> = Pick<Rows[T], Key<T>> & Partial<Rows[T]>;

/**
 * Names of columns, as the rows have them, beside the keys; also `host` among those of volumes, and `container` among those
 * of mounts, to have that row read with them. Other names count as nothing.
 */
export type Columns = Readonly<Record<Table, ReadonlySet<string>>>;

const ALL = {
  host: Object.keys(Prisma.HostScalarFieldEnum).filter((name) => name !== 'credentials'),
  volume: Object.keys(Prisma.VolumeScalarFieldEnum),
  container: Object.keys(Prisma.ContainerScalarFieldEnum),
  mount: Object.keys(Prisma.MountScalarFieldEnum),
  share: Object.keys(Prisma.ShareScalarFieldEnum),
} as const satisfies Record<Table, string[]>;

/** Every column but a host's credentials. */
export const ALL_COLUMNS: Columns = {
  host: new Set(ALL.host),
  volume: new Set(ALL.volume),
  container: new Set(ALL.container),
  mount: new Set(ALL.mount),
  share: new Set(ALL.share),
};

/**
 * The list behind `select`: columns of a table that stands in the statement as `alias`; with `prefix`, their names begin
 * with it.
 */
export function columnList(table: Table, columns: Columns, alias: string, prefix = ''): Prisma.Sql {
  let lists = LISTS.get(columns);
  if (lists === undefined) LISTS.set(columns, (lists = new Map()));
  const key = `${table} ${alias} ${prefix}`;
  let list = lists.get(key);
  if (list === undefined) {
    const keys: readonly string[] = KEYS[table];
    const names = ALL[table].filter((name) => keys.includes(name) || columns[table].has(name));
    list = Prisma.raw(names.map((name) => `${alias}.${columnName(name)} as "${prefix}${name}"`).join(', '));
    lists.set(key, list);
  }
  return list;
}

/** Lists that were made, by what they were made from. */
const LISTS = new WeakMap<Columns, Map<string, Prisma.Sql>>();

/** The tables name their columns as the rows do, in the other spelling (schema.prisma). */
function columnName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Takes the columns with a prefix out of a row: the row that was joined to it. */
export function takePrefixed(row: Record<string, unknown>, prefix: string): Record<string, unknown> {
  const taken: Record<string, unknown> = {};
  for (const name of Object.keys(row)) if (name.startsWith(prefix)) taken[name.slice(prefix.length)] = row[name];
  return taken;
}
