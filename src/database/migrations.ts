import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Logger } from 'pino';
import { Problem } from '../problems.js';

/** Key of the advisory lock under which migrations run, so that two gateways may start at once. Any constant will do. */
const MIGRATION_LOCK = 7_301_846_221n;

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** One migration, as this version and a database know it. */
export interface MigrationState {
  readonly name: string;
  /** CHANGED: what this version has under the name is not what was applied. UNKNOWN: a newer version has applied it. */
  readonly state: 'APPLIED' | 'PENDING' | 'FAILED' | 'CHANGED' | 'UNKNOWN';
  readonly appliedAt: Date | null;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Applies the migrations that are not applied yet, each in one transaction, and records them as `prisma migrate
 * deploy` does, so that either may be used at any time. Prisma's own engine for it is a download that a closed network
 * does not have.
 *
 * @returns names of those that were applied.
 * @throws {Problem} UNAVAILABLE when a migration fails, was changed after it was applied, or is unknown to this version.
 */
export async function applyMigrations(databaseUrl: string, log: Logger, folder = MIGRATIONS_FOLDER): Promise<string[]> {
  const migrations = await readMigrations(folder);
  return onClient(databaseUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(MIGRATIONS_TABLE);
    const states = await readStates(client, migrations);
    const of = (state: MigrationState['state']) => states.filter((migration) => migration.state === state).map(({ name }) => name);
    const [failed] = of('FAILED');
    if (failed !== undefined) throw new Problem('UNAVAILABLE', `Migration ${failed} failed earlier. See "prisma migrate resolve".`);
    const [changed] = of('CHANGED');
    if (changed !== undefined) throw new Problem('UNAVAILABLE', `Migration ${changed} was changed after it had been applied to this database.`);
    const unknown = of('UNKNOWN').join(', ');
    if (unknown !== '') throw new Problem('UNAVAILABLE', `This database was made by a newer version of Stowage (it has ${unknown}). Start that version.`);
    const pending = of('PENDING');
    for (const { name, sql, checksum } of migrations.filter((migration) => pending.includes(migration.name))) {
      log.info({ migration: name }, 'applying a migration');
      await applyOne(client, name, sql, checksum);
    }
    return pending;
  });
}

/** What has become of each migration in a database; nothing is changed. */
export async function readMigrationStates(databaseUrl: string, folder = MIGRATIONS_FOLDER): Promise<MigrationState[]> {
  const migrations = await readMigrations(folder);
  return onClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ there: boolean }>(`select to_regclass('_prisma_migrations') is not null as there`);
    if (rows[0]?.there === true) return readStates(client, migrations);
    return migrations.map(({ name }) => ({ name, state: 'PENDING', appliedAt: null }));
  });
}

async function onClient<Result>(databaseUrl: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** In the order in which they are applied; those that only the database knows come last. */
async function readStates(client: pg.Client, migrations: readonly Migration[]): Promise<MigrationState[]> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    'select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null order by migration_name',
  );
  const applied = new Map(rows.map((row) => [row.migration_name, row]));
  const states = migrations.map(({ name, checksum }): MigrationState => {
    const known = applied.get(name);
    applied.delete(name);
    if (known === undefined) return { name, state: 'PENDING', appliedAt: null };
    const state = known.finished_at === null ? 'FAILED' : known.checksum === checksum ? 'APPLIED' : 'CHANGED';
    return { name, state, appliedAt: known.finished_at };
  });
  return [...states, ...[...applied.values()].map((row): MigrationState => ({ name: row.migration_name, state: 'UNKNOWN', appliedAt: row.finished_at }))];
}

/** Format of Prisma 7's own table. */
const MIGRATIONS_TABLE = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`;

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function applyOne(client: pg.Client, name: string, sql: string, checksum: string): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Problem('UNAVAILABLE', `Migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
