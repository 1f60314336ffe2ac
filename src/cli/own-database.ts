import { pino } from 'pino';
import type { Settings } from '../config.js';
import { closeDatabase, openDatabase, type Database } from '../database/client.js';
import { startEmbeddedPostgres } from '../database/embedded-postgres.js';
import { applyMigrations } from '../database/migrations.js';

/** What commands that work on the database log: on stderr, and only what is wrong. */
export const commandLog = pino({ level: 'warn' }, pino.destination(2));

/**
 * Works with the address of the database that the settings name. The embedded one is started for it, which is refused while a
 * gateway uses it.
 * @throws {Problem} UNAVAILABLE
 */
export async function withDatabaseUrl<Result>(settings: Settings, work: (url: string) => Promise<Result>): Promise<Result> {
  if (settings.databaseUrl !== undefined) return work(settings.databaseUrl);
  const postgres = await startEmbeddedPostgres(settings.dataDir, commandLog);
  try {
    return await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}

/** Works with the database itself, once it has all of this version's migrations. @throws {Problem} UNAVAILABLE */
export async function withDatabase<Result>(settings: Settings, work: (database: Database) => Promise<Result>): Promise<Result> {
  return withDatabaseUrl(settings, async (url) => {
    await applyMigrations(url, commandLog);
    const database = openDatabase(url);
    try {
      return await work(database);
    } finally {
      await closeDatabase(database);
    }
  });
}
