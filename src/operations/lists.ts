import { Prisma, type Database } from '../database/client.js';
import { namedColumns } from '../inventory/columns.js';
import {
  countOwned,
  countParts,
  limitOf,
  OWNER_ID,
  ownersOf,
  readPage,
  readPages,
  type Ordered,
  type Page,
  type PageRequest,
  type Place,
} from '../inventory/pages.js';
import type { Backup, BackupPolicy, Operation, OperationKind, OperationState } from './records.js';

/** Which operations; an absent part accepts all. */
export interface OperationQuery {
  readonly kinds?: readonly OperationKind[] | undefined;
  readonly states?: readonly OperationState[] | undefined;
  /** Names. */
  readonly hosts?: readonly string[] | undefined;
}

/** Which backups; an absent part accepts all. Names are compared whole. */
export interface BackupQuery {
  readonly host?: string | undefined;
  readonly volume?: string | undefined;
}

const OPERATION_COLUMNS = [
  'id',
  'kind',
  'state',
  'sourceVolumeId',
  'targetVolumeId',
  'backupId',
  'bytesDone',
  'bytesTotal',
  'problemCode',
  'problemMessage',
  'warnings',
  'requestedBy',
  'createdAt',
  'startedAt',
  'finishedAt',
] as const satisfies (keyof Operation)[];
const BACKUP_COLUMNS = [
  'id',
  'hostId',
  'volumeId',
  'volumeName',
  'createdAt',
  'sizeBytes',
  'contentBytes',
  'fileCount',
  'sha256',
  'location',
  'quiesce',
  'consistent',
  'encrypted',
] as const satisfies (keyof Backup)[];
const POLICY_COLUMNS = [
  'volumeId',
  'cron',
  'quiesce',
  'keepLast',
  'keepDaily',
  'keepWeekly',
  'nextRunAt',
  'declaredIn',
] as const satisfies (keyof BackupPolicy)[];

/** What answers show of an operation. */
export type ShownOperation = Pick<Operation, (typeof OPERATION_COLUMNS)[number]>;
/** What answers show of a backup. */
export type ShownBackup = Pick<Backup, (typeof BACKUP_COLUMNS)[number]>;
/** What answers show of a policy. */
export type ShownPolicy = Pick<BackupPolicy, (typeof POLICY_COLUMNS)[number]>;

/** One list, newest first. Ids are made of time (UUID version 7), so that their order is the order of the rows' making. */
interface NewestFirst {
  /** Names list and order in its cursors. */
  readonly order: string;
  readonly columns: Prisma.Sql;
  /** The table, as `t`. */
  readonly table: Prisma.Sql;
  readonly conditions: readonly Prisma.Sql[];
}

const ID = /^[0-9a-f-]{36}$/;
const PREPARED = { prepared: true };
const OPERATIONS = { order: 'operation NEWEST', columns: namedColumns(OPERATION_COLUMNS, 't'), table: Prisma.sql`operation t` };
const BACKUPS = { order: 'backup NEWEST', columns: namedColumns(BACKUP_COLUMNS, 't'), table: Prisma.sql`backup t` };

/** One page of operations, newest first. */
export function listOperations(database: Database, query: OperationQuery, page: PageRequest): Promise<Page<Ordered<ShownOperation>>> {
  const conditions = [Prisma.sql`true`];
  if (query.kinds !== undefined) conditions.push(Prisma.sql`t.kind = any(${[...query.kinds]}::"OperationKind"[])`);
  if (query.states !== undefined) conditions.push(Prisma.sql`t.state = any(${[...query.states]}::"OperationState"[])`);
  if (query.hosts !== undefined) {
    const hosts = Prisma.sql`(select id from host where name = any(${[...query.hosts]}::text[]))`;
    conditions.push(Prisma.sql`(t.source_host_id in ${hosts} or t.target_host_id in ${hosts})`);
  }
  return readNewest(database, page, { ...OPERATIONS, conditions });
}

/** One page of backups, newest first. */
export function listBackups(database: Database, query: BackupQuery, page: PageRequest): Promise<Page<Ordered<ShownBackup>>> {
  const conditions = [Prisma.sql`true`];
  if (query.host !== undefined) {
    conditions.push(
      Prisma.sql`(t.host_id in (select id from host where name = ${query.host}) or (t.host_name = ${query.host} and t.host_id not in (select id from host)))`,
    );
  }
  if (query.volume !== undefined) conditions.push(Prisma.sql`t.volume_name = ${query.volume}`);
  return readNewest(database, page, { ...BACKUPS, conditions });
}

/** One page of the backups of each of these volumes, newest first, in one statement. */
export function listBackupsOfVolumes(database: Database, volumeIds: readonly string[], page: PageRequest): Promise<Map<string, Page<Ordered<ShownBackup>>>> {
  const list: NewestFirst = { ...BACKUPS, conditions: [Prisma.sql`t.volume_id = ${OWNER_ID}`] };
  return readPages(volumeIds, page, {
    order: list.order,
    valueForm: ID,
    rows: (after, limit) =>
      database.readRows(Prisma.sql`
        select owner.id as owner, page.* from ${ownersOf(volumeIds)} cross join lateral (${newestFirst(list, after, limit)}) page order by owner.id, page.id desc`),
    counts: () => countOwned(database, volumeIds, list.table, [list.conditions]),
  });
}

/** Operations by their ids, in no order. */
export function operationsById(database: Database, ids: readonly string[]): Promise<ShownOperation[]> {
  return database.readRows(Prisma.sql`select ${OPERATIONS.columns} from ${OPERATIONS.table} where t.id = any(${[...ids]}::uuid[])`, PREPARED);
}

/** Backups by their ids, in no order. */
export function backupsById(database: Database, ids: readonly string[]): Promise<ShownBackup[]> {
  return database.readRows(Prisma.sql`select ${BACKUPS.columns} from ${BACKUPS.table} where t.id = any(${[...ids]}::uuid[])`, PREPARED);
}

/** The policies of these volumes, of those that have one, in no order. */
export function policiesOfVolumes(database: Database, volumeIds: readonly string[]): Promise<ShownPolicy[]> {
  const columns = namedColumns(POLICY_COLUMNS, 't');
  return database.readRows(Prisma.sql`select ${columns} from backup_policy t where t.volume_id = any(${[...volumeIds]}::uuid[])`, PREPARED);
}

function readNewest<Row extends { readonly id: string }>(database: Database, page: PageRequest, list: NewestFirst): Promise<Page<Ordered<Row>>> {
  return readPage<Row>(page, {
    order: list.order,
    valueForm: ID,
    rows: (after, limit) => database.readRows(newestFirst(list, after, limit)),
    count: () => countParts(database, list.table, [list.conditions]),
  });
}

function newestFirst({ columns, table, conditions }: NewestFirst, after: Place | undefined, limit: number): Prisma.Sql {
  const beyond = after === undefined ? [] : [Prisma.sql`t.id < ${after.id}::uuid`];
  return Prisma.sql`select ${columns}, t.id::text as "orderValue" from ${table} where ${Prisma.join([...conditions, ...beyond], ' and ')}
    order by t.id desc limit ${limitOf(limit)}`;
}
