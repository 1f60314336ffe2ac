import { Prisma, type Database } from '../database/client.js';
import { countParts, limitOf, readPage, type Ordered, type Page, type PageRequest } from '../inventory/pages.js';
import { columnName } from '../inventory/columns.js';
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
  readonly volumeId?: string | undefined;
}

/** Ids are made of time (UUID version 7), so that their order is the order of the rows' making. */
const ID = /^[0-9a-f-]{36}$/;

/** One page of operations, newest first. */
export function listOperations(database: Database, query: OperationQuery, page: PageRequest): Promise<Page<Ordered<Operation>>> {
  const conditions = [Prisma.sql`true`];
  if (query.kinds !== undefined) conditions.push(Prisma.sql`o.kind = any(${[...query.kinds]}::"OperationKind"[])`);
  if (query.states !== undefined) conditions.push(Prisma.sql`o.state = any(${[...query.states]}::"OperationState"[])`);
  if (query.hosts !== undefined) {
    const hosts = Prisma.sql`(select id from host where name = any(${[...query.hosts]}::text[]))`;
    conditions.push(Prisma.sql`(o.source_host_id in ${hosts} or o.target_host_id in ${hosts})`);
  }
  return newestFirst(database, 'operation NEWEST', OPERATION_COLUMNS, Prisma.sql`operation o`, Prisma.sql`o.id`, conditions, page);
}

/** One page of backups, newest first. */
export function listBackups(database: Database, query: BackupQuery, page: PageRequest): Promise<Page<Ordered<Backup>>> {
  const conditions = [Prisma.sql`true`];
  if (query.host !== undefined) {
    conditions.push(
      Prisma.sql`(b.host_id in (select id from host where name = ${query.host}) or (b.host_name = ${query.host} and b.host_id not in (select id from host)))`,
    );
  }
  if (query.volume !== undefined) conditions.push(Prisma.sql`b.volume_name = ${query.volume}`);
  if (query.volumeId !== undefined) conditions.push(Prisma.sql`b.volume_id = ${query.volumeId}::uuid`);
  return newestFirst(database, 'backup NEWEST', BACKUP_COLUMNS, Prisma.sql`backup b`, Prisma.sql`b.id`, conditions, page);
}

/** Operations by their ids, in no order. */
export function operationsById(database: Database, ids: readonly string[]): Promise<Operation[]> {
  return database.readRows(Prisma.sql`select ${OPERATION_COLUMNS} from operation where id = any(${[...ids]}::uuid[])`);
}

/** Backups by their ids, in no order. */
export function backupsById(database: Database, ids: readonly string[]): Promise<Backup[]> {
  return database.readRows(Prisma.sql`select ${BACKUP_COLUMNS} from backup where id = any(${[...ids]}::uuid[])`);
}

/** When volumes are backed up, for those of them that are. */
export function policiesOfVolumes(database: Database, volumeIds: readonly string[]): Promise<BackupPolicy[]> {
  return database.readRows(Prisma.sql`select ${POLICY_COLUMNS} from backup_policy where volume_id = any(${[...volumeIds]}::uuid[])`);
}

const OPERATION_COLUMNS = listOf(Prisma.OperationScalarFieldEnum);
const BACKUP_COLUMNS = listOf(Prisma.BackupScalarFieldEnum);
const POLICY_COLUMNS = listOf(Prisma.BackupPolicyScalarFieldEnum);

function listOf(fields: Readonly<Record<string, string>>): Prisma.Sql {
  return Prisma.raw(
    Object.values(fields)
      .map((field) => `${columnName(field)} as "${field}"`)
      .join(', '),
  );
}

function newestFirst<Row extends { readonly id: string }>(
  database: Database,
  order: string,
  columns: Prisma.Sql,
  table: Prisma.Sql,
  id: Prisma.Sql,
  conditions: readonly Prisma.Sql[],
  page: PageRequest,
): Promise<Page<Ordered<Row>>> {
  return readPage<Row>(page, {
    order,
    valueForm: ID,
    rows: async (after, limit) => {
      const beyond = after === undefined ? [] : [Prisma.sql`${id} < ${after.id}::uuid`];
      const rows = await database.readRows<Row>(
        Prisma.sql`select ${columns} from ${table} where ${Prisma.join([...conditions, ...beyond], ' and ')} order by ${id} desc limit ${limitOf(limit)}`,
      );
      return rows.map((row) => ({ ...row, orderValue: row.id }));
    },
    count: () => countParts(database, table, [conditions]),
  });
}
