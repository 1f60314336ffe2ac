import { Prisma, type Database } from '../database/client.js';
import type { Volume } from '../generated/prisma/client.js';
import { isAnyText, isText } from '../database/text-index.js';
import { badInput } from '../problems.js';
import { ALL_COLUMNS, columnList, type Columns, type PartOf } from './columns.js';
import { IS_KNOWN_NOW } from './hosts.js';
import { hasPart, hostIdsOf, isAmong, labelConditions, ownerIsAmong, partsOfStates, type HostChoice, type LabelMatch } from './list-conditions.js';
import { countOwned, countParts, limitOf, OWNER_ID, ownersOf, readPage, readPages, type Ordered, type Page, type PageRequest, type Place } from './pages.js';
import type { VolumeState } from './picture.js';

export type { Volume } from '../generated/prisma/client.js';

/** A volume as it is read for an answer. */
export type VolumePart = PartOf<'volume'> & {
  /** Its host, where that was read with it. */
  readonly host?: PartOf<'host'>;
  /** Its mounts by containers that live, or the last that are known of a removed one, where they were read with it. */
  readonly mounts?: readonly MountPart[];
};

/** A mount as it is read for an answer. */
export type MountPart = PartOf<'mount'> & {
  /** Its container, where that was read with it. */
  readonly container?: PartOf<'container'>;
};

/** Which volumes; an absent part accepts all. Without `states`, all that live. */
export interface VolumeQuery extends HostChoice {
  readonly names?: readonly string[] | undefined;
  readonly search?: string | undefined;
  readonly drivers?: readonly string[] | undefined;
  readonly states?: readonly VolumeState[] | undefined;
  readonly labels?: readonly LabelMatch[] | undefined;
  readonly annotations?: readonly LabelMatch[] | undefined;
  readonly anonymous?: boolean | undefined;
  readonly shared?: boolean | undefined;
  readonly protected?: boolean | undefined;
  readonly composeProject?: string | undefined;
  readonly minSizeBytes?: bigint | undefined;
  /** Not in use now, and not since then. */
  readonly unusedSince?: Date | undefined;
}

export type VolumeOrderField = 'NAME' | 'CREATED_AT' | 'SIZE' | 'LAST_MOUNTED_AT' | 'SHARE_COUNT';
export interface VolumeOrder {
  readonly field: VolumeOrderField;
  readonly direction: 'ASC' | 'DESC';
}

/** Largest bigint of PostgreSQL. */
const MAX_BIGINT = 9_223_372_036_854_775_807n;
/** A time as PostgreSQL writes it. */
const TIME = /^(-infinity|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?)$/;

/** What each order sorts by: an expression without nulls, indexed, and how its value comes back from a cursor. */
const ORDERS: Readonly<Record<VolumeOrderField, { expression: Prisma.Sql; type: Prisma.Sql; value: RegExp }>> = {
  NAME: { expression: Prisma.sql`v.name collate "C"`, type: Prisma.sql`text`, value: /^[^\0]*$/ },
  CREATED_AT: { expression: Prisma.sql`coalesce(v.created_at, '-infinity'::timestamptz)`, type: Prisma.sql`timestamptz`, value: TIME },
  SIZE: { expression: Prisma.sql`coalesce(v.size_bytes, -1)`, type: Prisma.sql`bigint`, value: /^-?\d{1,18}$/ },
  LAST_MOUNTED_AT: { expression: Prisma.sql`coalesce(v.last_mounted_at, '-infinity'::timestamptz)`, type: Prisma.sql`timestamptz`, value: TIME },
  SHARE_COUNT: { expression: Prisma.sql`v.share_count`, type: Prisma.sql`integer`, value: /^\d{1,9}$/ },
};

/** One page of volumes. Nulls come first in ascending order: what was never counts as longest ago. */
export async function listVolumes(
  database: Database,
  query: VolumeQuery,
  order: VolumeOrder,
  page: PageRequest,
  columns: Columns,
): Promise<Page<Ordered<VolumePart>>> {
  const hostIds = await hostIdsOf(database, query);
  const list = volumeList(query, hostIds === undefined ? [] : [isAmong(Prisma.sql`v.host_id`, hostIds)], order);
  return readPage(page, {
    ...list.cursors,
    rows: (after, limit) => {
      const orderValue = columns.cursors ? Prisma.sql`, (${list.expression})::text as "orderValue"` : Prisma.empty;
      return readVolumes(database, { from: Prisma.sql`${list.rows(after, limit)} v`, further: orderValue, sorted: list.sorted }, columns, list);
    },
    count: () => countParts(database, Prisma.sql`volume v`, list.parts),
  });
}

/** One page of the volumes of each of these hosts, in one statement. The query's own hosts choose among them. */
export async function listVolumesOfHosts(
  database: Database,
  hostIds: readonly string[],
  query: VolumeQuery,
  order: VolumeOrder,
  page: PageRequest,
  columns: Columns,
): Promise<Map<string, Page<Ordered<VolumePart>>>> {
  const list = volumeList(query, [Prisma.sql`v.host_id = ${OWNER_ID}`, ...ownerIsAmong(query.hosts)], order);
  return readPages(hostIds, page, {
    ...list.cursors,
    rows: (after, limit) =>
      readVolumes(
        database,
        {
          from: Prisma.sql`${ownersOf(hostIds)} cross join lateral ${list.rows(after, limit)} v`,
          further: Prisma.sql`, v.host_id as owner, (${list.expression})::text as "orderValue"`,
          sorted: Prisma.sql`order by v.host_id, ${list.sorting}`,
        },
        columns,
        list,
      ),
    counts: () => countOwned(database, hostIds, Prisma.sql`volume v`, list.parts),
  });
}

/** How a list of volumes is read, of those that also meet `hosts`. */
function volumeList(query: VolumeQuery, hosts: readonly Prisma.Sql[], { field, direction }: VolumeOrder) {
  const { expression, type, value: valueForm } = ORDERS[field];
  const ascending = direction === 'ASC';
  const way = ascending ? Prisma.sql`asc` : Prisma.sql`desc`;
  const beyond = ascending ? Prisma.sql`>` : Prisma.sql`<`;
  const sorting = Prisma.sql`${expression} ${way}, v.id ${way}`;
  const sorted = Prisma.sql`order by ${sorting}`;
  const conditions = [...hosts, ...volumeConditions(query)];
  const parts = partsOfStates(Prisma.sql`v`, query.states, Prisma.sql`"VolumeState"`).flatMap((state) =>
    waysOfSharing(query.shared).flatMap((sharing) => waysOfNaming(query).map((naming) => [state, ...sharing, ...naming, ...conditions])),
  );
  const unmounted = field === 'LAST_MOUNTED_AT' && query.unusedSince !== undefined ? [Prisma.sql`${expression} <= ${query.unusedSince}`] : [];
  // By name, what is searched for stands in the index of the order itself: rows are read of those alone that have it.
  const readsNamesFirst = field === 'NAME' && query.search !== undefined;
  return {
    cursors: { order: `volume ${field} ${direction}`, valueForm },
    expression,
    sorting,
    sorted,
    parts,
    // Filters differ in how much they leave; without any, one plan is right for every page.
    prepared: Object.values(query).every((part) => part === undefined),
    /** Whole rows, as something to select from: the first in the order, not yet in that order themselves. */
    rows: (after: Place | undefined, limit: number): Prisma.Sql => {
      const position = after === undefined ? [] : [Prisma.sql`(${expression}, v.id) ${beyond} (${after.value}::${type}, ${after.id}::uuid)`];
      const end = Prisma.sql`${sorted} limit ${limitOf(limit)}`;
      const columns = readsNamesFirst ? Prisma.sql`v.id, v.name` : Prisma.sql`*`;
      const lists = parts.map(
        (part) => Prisma.sql`(select ${columns} from volume v where ${Prisma.join([...part, ...unmounted, ...position], ' and ')} ${end})`,
      );
      const list = lists.length === 1 ? Prisma.join(lists) : Prisma.sql`(select * from (${Prisma.join(lists, ' union all ')}) v ${end})`;
      return readsNamesFirst ? Prisma.sql`(select v.* from ${list} found join volume v on v.id = found.id)` : list;
    },
  };
}

/** The volume that has this name on that host now, else the newest of its history; with what belongs to it, in one statement. */
export async function findVolumeByName(database: Database, host: string, name: string, columns: Columns): Promise<VolumePart | undefined> {
  const named = Prisma.sql`select v.* from volume v where v.host_id = (select id from host where name = ${host}) and ${isNamed(name)}`;
  const history = Prisma.sql`${named} and v.removed_at is not null order by v.removed_at desc, v.id desc limit 1`;
  const [volume] = await readVolumes(
    database,
    {
      // A null comes first where the latest do.
      from: Prisma.sql`(select * from ((${named} and v.removed_at is null) union all (${history})) v order by v.removed_at desc limit 1) v`,
      further: Prisma.empty,
      sorted: Prisma.sql`order by v.id`,
    },
    columns,
    { prepared: true },
  );
  return volume;
}

/** Reads volumes `v`, with their hosts, mounts and containers where the columns say so. */
async function readVolumes<Row extends VolumePart>(
  database: Database,
  { from, further, sorted }: { readonly from: Prisma.Sql; readonly further: Prisma.Sql; readonly sorted: Prisma.Sql },
  columns: Columns,
  { prepared }: { readonly prepared: boolean },
): Promise<Row[]> {
  const { list, joins, order: within } = withRelations(columns);
  const rows = await database.readRows<Row & VolumeRow>(
    Prisma.sql`select ${columnList('volume', columns, 'v', { whole: true })}${further}${list} from ${from} ${joins} ${sorted}${within}`,
    { prepared },
  );
  return columns.volume.has('mounts') ? gatherMounts(rows) : rows;
}

/** A volume with one of its mounts, or none. */
type VolumeRow = VolumePart & { mounts?: MountPart[]; readonly mount?: MountPart | null };

/** What reads the hosts, mounts and containers of a page of volumes in the same statement: a way to the database costs more than they do. */
function withRelations(columns: Columns): { list: Prisma.Sql; joins: Prisma.Sql; order: Prisma.Sql } {
  const lists: Prisma.Sql[] = [];
  const joins: Prisma.Sql[] = [];
  if (columns.volume.has('host')) {
    lists.push(Prisma.sql`, ${columnList('host', columns, 'h', { within: 'host' })}`);
    joins.push(Prisma.sql`join host h on h.id = v.host_id`);
  }
  const withMounts = columns.volume.has('mounts');
  if (withMounts) {
    lists.push(Prisma.sql`, ${columnList('mount', columns, 'm', { within: 'mount?', whole: true })}`);
    joins.push(Prisma.sql`left join (mount m join container c on c.id = m.container_id) on m.volume_id = v.id and ${SHOWN_MOUNT}`);
    if (columns.mount.has('container')) lists.push(Prisma.sql`, ${columnList('container', columns, 'c', { within: 'mount?.container' })}`);
  }
  const join = (parts: Prisma.Sql[]) => (parts.length === 0 ? Prisma.empty : Prisma.join(parts, ' '));
  return { list: join(lists), joins: join(joins), order: withMounts ? MOUNT_ORDER : Prisma.empty };
}

/** Condition on a mount's container `c` and volume `v`: mounts of what is gone are shown of removed volumes only. */
export const SHOWN_MOUNT = Prisma.sql`(c.removed_at is null or v.removed_at is not null)`;
const MOUNT_ORDER = Prisma.sql`, m.container_id, m.destination`;

/** Volumes with their mounts, from rows in the order of the volumes. */
function gatherMounts<Row extends VolumeRow>(rows: readonly Row[]): Row[] {
  const volumes: Row[] = [];
  let mounts: MountPart[] = [];
  for (const row of rows) {
    if (volumes.at(-1)?.id !== row.id) {
      row.mounts = mounts = [];
      volumes.push(row);
    }
    if (row.mount !== null && row.mount !== undefined) mounts.push(row.mount);
  }
  return volumes;
}

function volumeConditions(query: VolumeQuery): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [];
  if (query.names !== undefined) conditions.push(Prisma.sql`v.name collate "C" = any(${[...query.names]}::text[])`);
  if (query.search !== undefined) conditions.push(hasPart(Prisma.sql`v.name`, query.search));
  if (query.drivers !== undefined) conditions.push(isAnyText(Prisma.sql`v.driver`, query.drivers));
  if (query.labels !== undefined) conditions.push(...labelConditions(Prisma.sql`v.labels`, query.labels));
  if (query.annotations !== undefined) conditions.push(...labelConditions(Prisma.sql`v.annotations`, query.annotations));
  if (query.anonymous !== undefined) conditions.push(Prisma.sql`v.anonymous = ${query.anonymous}`);
  if (query.protected !== undefined) conditions.push(Prisma.sql`v.protected = ${query.protected}`);
  if (query.composeProject !== undefined) conditions.push(isText(Prisma.sql`v.compose_project`, query.composeProject));
  if (query.minSizeBytes !== undefined && query.minSizeBytes > MAX_BIGINT) throw badInput(`minSizeBytes is larger than ${String(MAX_BIGINT)}.`);
  if (query.minSizeBytes !== undefined && query.minSizeBytes > 0n) conditions.push(Prisma.sql`coalesce(v.size_bytes, -1) >= ${query.minSizeBytes}`);
  if (query.unusedSince !== undefined) {
    // Before it was first seen, and where its host was not watched all the time, nothing is known of it. The first condition
    // is the one that an index answers.
    conditions.push(
      Prisma.sql`v.state <> 'IN_USE' and coalesce(greatest(v.last_in_use_at, v.last_mounted_at), v.first_seen_at) <= ${query.unusedSince}`,
      Prisma.sql`v.first_seen_at <= ${query.unusedSince}`,
      Prisma.sql`v.host_id = any(array(select h.id from host h where ${IS_KNOWN_NOW} and h.watched_since <= ${query.unusedSince}))`,
      // One piece of data on all hosts: any of them could have used it. Looked up one by one, and never all of the others.
      Prisma.sql`(v.scope <> 'global' or (
        not exists (select 1 from host h where not ${IS_KNOWN_NOW} or h.watched_since is null or h.watched_since > ${query.unusedSince})
        and (select true from volume same
          where same.name collate "C" = v.name collate "C" and same.driver = v.driver and same.scope = 'global' and same.removed_at is null
            and (same.state = 'IN_USE' or greatest(same.last_in_use_at, same.last_mounted_at) > ${query.unusedSince}) limit 1) is null))`,
    );
  }
  return conditions;
}

/**
 * Conditions on a volume that is shared, or is not. A volume that two containers mount is in a share of its own, which its
 * count tells; the few others that are shared are found from the shares of paths and networks, as a list of their own.
 */
function waysOfSharing(shared: boolean | undefined): readonly (readonly Prisma.Sql[])[] {
  if (shared === undefined) return [[]];
  const elsewhere = Prisma.sql`select sm.volume_id from share_mount sm where sm.volume_id is not null`;
  // Nearly all that two containers do not mount are not shared: they are looked at one by one, and never all of the others.
  const isNowhere = Prisma.sql`(select true from mount m join share_mount sm on sm.mount_id = m.id where m.volume_id = v.id limit 1) is null`;
  if (!shared) return [[Prisma.sql`v.share_count < 2`, isNowhere]];
  return [[Prisma.sql`v.share_count >= 2`], [Prisma.sql`v.share_count < 2`, Prisma.sql`v.id in (${elsewhere})`]];
}

/**
 * Conditions on volumes that may have a searched text in their name. Names that engines give are 64 hex digits: what is
 * none cannot be in them, and they are many in a row, which a list by name need not go through. An anonymous volume that has
 * another name, by its label, is rare.
 */
function waysOfNaming({ search, anonymous }: VolumeQuery): readonly (readonly Prisma.Sql[])[] {
  if (search === undefined || anonymous !== undefined || /^[0-9a-f]*$/i.test(search)) return [[]];
  // As a list of ids, which the planner takes for short; it knows nothing of what a pattern leaves.
  const named = Prisma.sql`array(select n.id from volume n where n.anonymous and n.name !~ '^[0-9a-f]{64}$')`;
  return [[Prisma.sql`not v.anonymous`], [Prisma.sql`v.id = any(${named})`]];
}

/** Condition on a row of `volume`: two or more containers reach it, by any kind of share. */
export function isShared(volume: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`exists (select 1 from mount m join share_mount sm on sm.mount_id = m.id where m.volume_id = ${volume}.id)`;
}

/** The living volume of that name, with all that is known of it, for what is done to it. */
export async function findVolume(database: Database, hostId: string, name: string): Promise<Volume | undefined> {
  const [volume] = await database.readRows<Volume>(
    Prisma.sql`select ${columnList('volume', ALL_COLUMNS, 'v')} from volume v where v.host_id = ${hostId}::uuid and ${isNamed(name)} and v.removed_at is null`,
    { prepared: true },
  );
  return volume;
}

/** Condition on a volume `v`, in the order of bytes that its indexes have. */
function isNamed(name: string): Prisma.Sql {
  return Prisma.sql`v.name collate "C" = ${name}`;
}
