import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { closeDatabase, openDatabase, type Database } from '../../src/database/client.js';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { applyMigrations } from '../../src/database/migrations.js';
import { Sealer } from '../../src/sealing.js';
import type { Lease } from '../../src/inventory/lease.js';
import { layOutCluster } from './cluster-template.js';
import { sweepStale } from './leftovers.js';
import { makeTestFolder } from './test-folder.js';

/** A real PostgreSQL of its own, with all migrations applied. */
export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  stop(): Promise<void>;
}

/** Log that says nothing. */
export const silent = pino({ level: 'silent' });

/** Seals with the secret of tests. */
export const testSealer = new Sealer('the secret of tests, of some length');

/** Takes the lease of a host, as the gateway that watches it does, so that a test may write its inventory. */
export async function holdLease(database: Database, hostId: string): Promise<Lease> {
  const { holder, epoch } = await database.lease.upsert({
    where: { hostId },
    create: { hostId, holder: randomUUID(), epoch: 1n },
    update: { holder: randomUUID(), epoch: { increment: 1n } },
  });
  if (holder === null) throw new Error('the lease was not taken');
  return { hostId, holder, epoch };
}

/** Starts a PostgreSQL in a folder of its own. */
export async function startDatabase(): Promise<TestDatabase> {
  await sweepStale();
  const folder = await makeTestFolder('database');
  await layOutCluster(path.join(folder, 'data'));
  const server = await startEmbeddedPostgres(path.join(folder, 'data'), silent);
  await applyMigrations(server.url, silent);
  const database = openDatabase(server.url);
  return {
    url: server.url,
    database,
    async stop() {
      await closeDatabase(database);
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs with a client on a new, empty database of a server, which goes with it. */
export async function withNewDatabase<T>(server: Omit<TestDatabase, 'stop'>, use: (client: pg.Client, url: string) => Promise<T>): Promise<T> {
  const name = `d${String(Math.floor(Math.random() * 1e12))}`;
  await server.database.$executeRawUnsafe(`create database ${name}`);
  const url = new URL(server.url);
  url.pathname = name;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await use(client, url.href);
  } finally {
    await client.end();
    await server.database.$executeRawUnsafe(`drop database ${name} with (force)`);
  }
}
