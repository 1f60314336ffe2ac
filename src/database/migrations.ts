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

/**
 * Applies the migrations that are not applied yet, each in one transaction, and records them as `prisma migrate
 * deploy` does, so that either may be used at any time. Prisma's own engine for it is a download that a closed network
 * does not have.
 *
 * @throws {Problem} UNAVAILABLE when a migration fails, was changed after it was applied, or is unknown to this version.
 */
export async function applyMigrations(databaseUrl: string, log: Logger, folder = MIGRATIONS_FOLDER): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(MIGRATIONS_TABLE);
    const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
      'select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null',
    );
    const applied = new Map(rows.map((row) => [row.migration_name, row]));
    for (const { name, sql, checksum } of await readMigrations(folder)) {
      const known = applied.get(name);
      applied.delete(name);
      if (known === undefined) {
        log.info({ migration: name }, 'applying a migration');
        await applyOne(client, name, sql, checksum);
      } else if (known.finished_at === null) {
        throw new Problem('UNAVAILABLE', `Migration ${name} failed earlier. See "prisma migrate resolve".`);
      } else if (known.checksum !== checksum) {
        throw new Problem('UNAVAILABLE', `Migration ${name} was changed after it had been applied to this database.`);
      }
    }
    if (applied.size > 0) {
      const names = [...applied.keys()].join(', ');
      throw new Problem('UNAVAILABLE', `This database was made by a newer version of Stowage (it has ${names}). Start that version.`);
    }
  } finally {
    await client.end();
  }
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

async function readMigrations(folder: string): Promise<{ name: string; sql: string; checksum: string }[]> {
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
