import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type pg from 'pg';
import { applyMigrations } from '../../src/database/migrations.js';
import { silent, withNewDatabase } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { makeTestFolder } from '../harness/test-folder.js';

const SCHEMA_SQL = fileURLToPath(new URL('../../scripts/schema-sql.mjs', import.meta.url));

const server = ownDatabase();
let folder: string;

beforeEach(async () => {
  folder = await makeTestFolder('migrations');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const onNewDatabase = <T>(use: (client: pg.Client, url: string) => Promise<T>): Promise<T> => withNewDatabase(server, use);

/** Columns, constraints and enums of a database, without the table of migrations. */
async function describeDatabase(client: pg.Client): Promise<unknown> {
  const rows = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;
  return {
    columns: await rows(
      `select table_name, column_name, data_type, udt_name, is_nullable, column_default, datetime_precision from information_schema.columns
       where table_schema = 'public' and table_name <> '_prisma_migrations' order by table_name, column_name`,
    ),
    keys: await rows(
      `select conrelid::regclass::text as "table", conname, pg_get_constraintdef(oid) as definition from pg_constraint
       where connamespace = 'public'::regnamespace and contype in ('p', 'f', 'u') and conrelid::regclass::text <> '_prisma_migrations' order by 1, 2`,
    ),
    enums: await rows(`select typname, enumlabel from pg_enum join pg_type on pg_type.oid = enumtypid order by typname, enumsortorder`),
  };
}

const indexes = async (client: pg.Client) =>
  (await client.query<{ indexdef: string }>(`select indexdef from pg_indexes where schemaname = 'public' and tablename <> '_prisma_migrations'`)).rows.map(
    ({ indexdef }) => indexdef,
  );

test('the migrations make just the tables that schema.prisma describes, and every index of it', async () => {
  await onNewDatabase(async (described) => {
    const { stdout } = await promisify(execFile)(process.execPath, [SCHEMA_SQL], { env: { ...process.env, DATABASE_URL: server.url }, maxBuffer: 1e8 });
    await described.query(stdout);
    await onNewDatabase(async (migrated, url) => {
      await applyMigrations(url, silent);
      expect(await describeDatabase(migrated)).toEqual(await describeDatabase(described));
      expect(await indexes(migrated)).toEqual(expect.arrayContaining(await indexes(described)));
    });
  });
});

test('two gateways may migrate at once, and once more changes nothing', async () => {
  await onNewDatabase(async (client, url) => {
    await Promise.all([applyMigrations(url, silent), applyMigrations(url, silent)]);
    await applyMigrations(url, silent);
    const { rows } = await client.query<{ count: string }>('select count(*) from _prisma_migrations where finished_at is not null');
    expect(Number(rows[0]?.count)).toBeGreaterThan(0);
  });
});

test('a migration that fails leaves nothing of itself, and goes through once it is mended', async () => {
  await onNewDatabase(async (client, url) => {
    await mkdir(path.join(folder, '1_half'));
    await writeFile(path.join(folder, '1_half', 'migration.sql'), 'create table half (id int); select 1 / 0;');
    await expect(applyMigrations(url, silent, folder)).rejects.toThrow(/Migration 1_half failed: division by zero/);
    expect((await client.query(`select 1 from pg_tables where tablename = 'half'`)).rows).toEqual([]);
    await writeFile(path.join(folder, '1_half', 'migration.sql'), 'create table half (id int);');
    await applyMigrations(url, silent, folder);
    await writeFile(path.join(folder, '1_half', 'migration.sql'), 'create table half (id bigint);');
    await expect(applyMigrations(url, silent, folder)).rejects.toThrow(/was changed after it had been applied/);
  });
});

test('a database of a newer version is refused', async () => {
  await onNewDatabase(async (_client, url) => {
    await mkdir(path.join(folder, '1_now'));
    await mkdir(path.join(folder, '2_later'));
    await writeFile(path.join(folder, '1_now', 'migration.sql'), 'select 1;');
    await writeFile(path.join(folder, '2_later', 'migration.sql'), 'select 2;');
    await applyMigrations(url, silent, folder);
    await rm(path.join(folder, '2_later'), { recursive: true });
    await expect(applyMigrations(url, silent, folder)).rejects.toThrow(/made by a newer version of Stowage \(it has 2_later\)/);
  });
});

describe('the database itself refuses', () => {
  const HOST = `insert into host (id, name, endpoint) values ('0190a0a0-0000-7000-8000-000000000001', 'alpha', 'x')`;
  const volume = (id: number, change = '') =>
    `insert into volume (id, host_id, name, driver, scope, mountpoint, anonymous, state, first_seen_at ${change === '' ? '' : ', removed_at'}) values
     ('0190a0a0-0000-7000-8000-00000000001${String(id)}', '0190a0a0-0000-7000-8000-000000000001', 'data', 'local', 'local', '/x', false, '${change === '' ? 'DANGLING' : 'REMOVED'}', now() ${change})`;

  test.each([
    [
      'a mount without a container',
      `insert into mount (id, container_id, type, destination, read_only, origin) values (gen_random_uuid(), gen_random_uuid(), 'BIND', '/x', false, 'DECLARED')`,
      /foreign key/,
    ],
    ['a volume without a host', volume(1), /foreign key/],
    ['two living volumes of one name on one host', `${HOST}; ${volume(1)}; ${volume(2)}`, /duplicate key/],
    ['a removed volume that says it is dangling', `${HOST}; ${volume(1)}; update volume set removed_at = now()`, /check constraint/],
    [
      'a container whose id is no engine id',
      `${HOST}; insert into container (id, host_id, engine_id, name, image, state, created_at, first_seen_at) values (gen_random_uuid(), '0190a0a0-0000-7000-8000-000000000001', 'short', 'c', 'i', 'RUNNING', now(), now())`,
      /check constraint/,
    ],
    ['two hosts of one name', `${HOST}; insert into host (id, name, endpoint) values (gen_random_uuid(), 'alpha', 'y')`, /duplicate key/],
  ])('%s', async (_what, sql, reason) => {
    await onNewDatabase(async (client, url) => {
      await applyMigrations(url, silent);
      await expect(client.query(sql)).rejects.toThrow(reason);
    });
  });

  test('but history may hold any number of volumes of one name', async () => {
    await onNewDatabase(async (client, url) => {
      await applyMigrations(url, silent);
      await client.query(`${HOST}; ${volume(1, ', now()')}; ${volume(2, ', now()')}; ${volume(3)}`);
    });
  });
});
