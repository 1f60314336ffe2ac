import { Prisma } from '../database/client.js';
import type { Container, Host, Mount, Share, Volume } from '../generated/prisma/client.js';

// Which columns a read takes. Rows of the inventory are read by the thousand, and each value has its price: what nobody
// asks for is not read.

interface Rows {
  readonly host: Omit<Host, 'credentials'>;
  readonly volume: Volume;
  readonly container: Container;
  readonly mount: Mount;
  readonly share: Share;
}
export type Table = keyof Rows;

/** A row with its id, and those of the other columns that were asked for. */
export type PartOf<T extends Table> = Pick<Rows[T], 'id' & keyof Rows[T]> & Partial<Rows[T]>;

/** The value of a column that must have been read. @throws {Error} when it was not asked for, which is a defect. */
export function wasRead<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a column that is needed was not read');
  return value;
}

/** What a read takes. */
export interface Columns extends Readonly<Record<Table, ReadonlySet<string>>> {
  /**
   * Names of columns, as the rows have them, beside the id; also `host` and `mounts` to have those of volumes read with
   * them, and `container` among those of mounts. Other names count as nothing.
   */
  readonly volume: ReadonlySet<string>;
  /** Names of columns that are needed only where the rows that they refer to are not read in the same statement. */
  readonly keys: { readonly volume: ReadonlySet<string>; readonly mount: ReadonlySet<string> };
  /** Whether pages are read with what their cursors are made from. */
  readonly cursors: boolean;
}

const NAMES = {
  host: Object.keys(Prisma.HostScalarFieldEnum).filter((name) => name !== 'credentials'),
  volume: Object.keys(Prisma.VolumeScalarFieldEnum),
  container: Object.keys(Prisma.ContainerScalarFieldEnum),
  mount: Object.keys(Prisma.MountScalarFieldEnum),
  share: Object.keys(Prisma.ShareScalarFieldEnum),
} as const satisfies Record<Table, string[]>;

/** Every column but a host's credentials. */
export const ALL_COLUMNS: Columns = {
  host: new Set(NAMES.host),
  volume: new Set(NAMES.volume),
  container: new Set(NAMES.container),
  mount: new Set(NAMES.mount),
  share: new Set(NAMES.share),
  keys: { volume: new Set(), mount: new Set() },
  cursors: true,
};

/**
 * The list behind `select`: the id and the columns of a table that stands in the statement as `alias`. With `within`, they
 * make an object of that name inside the row, and the id is among them only when it was asked for. `whole` says that what
 * the rows refer to is read with them.
 */
export function columnList(table: Table, columns: Columns, alias: string, { within, whole = false }: { within?: string; whole?: boolean } = {}): Prisma.Sql {
  let lists = LISTS.get(columns);
  if (lists === undefined) LISTS.set(columns, (lists = new Map<string, Prisma.Sql>()));
  const key = `${table} ${alias} ${within ?? ''} ${String(whole)}`;
  let list = lists.get(key);
  if (list === undefined) {
    const asked = columns[table];
    const keys = whole || (table !== 'volume' && table !== 'mount') ? NONE : columns.keys[table];
    const names = NAMES[table].filter((name) => (within === undefined && name === 'id') || asked.has(name) || keys.has(name));
    if (names.length === 0) names.push('id');
    list = namedColumns(firstThere(names), alias, within);
    lists.set(key, list);
  }
  return list;
}

const NONE: ReadonlySet<string> = new Set();

/** An object that may be missing is taken for missing when its first column is null: one comes first that never is. */
function firstThere(names: readonly string[]): readonly string[] {
  const never = names.find((name) => NEVER_NULL.has(name));
  return never === undefined ? ['id', ...names] : [never, ...names.filter((name) => name !== never)];
}

/** Columns of those tables that have them, of which only mounts are ever missing. */
const NEVER_NULL = new Set(['id', 'name', 'destination', 'readOnly', 'type']);

/** Lists that were made, by what they were made from. */
const LISTS = new WeakMap<Columns, Map<string, Prisma.Sql>>();

/** The list behind `select` for columns of any table, by the names that its rows have for them. */
export function namedColumns(names: readonly string[], alias: string, within?: string): Prisma.Sql {
  return Prisma.raw(names.map((name) => `${alias}.${columnName(name)} as "${within === undefined ? '' : `${within}.`}${name}"`).join(', '));
}

/** The tables name their columns as the rows do, in the other spelling (schema.prisma). */
export function columnName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
