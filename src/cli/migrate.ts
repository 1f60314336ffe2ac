import { readSettings } from '../config.js';
import { applyMigrations, readMigrationStates } from '../database/migrations.js';
import { commandLog, withDatabaseUrl } from './own-database.js';
import { showTime, table, type Output } from './output.js';

/** Tells which migrations the database has. Nothing is changed in it. */
export async function migrateStatus(environment: NodeJS.ProcessEnv, configFile: string | undefined, output: Output): Promise<void> {
  const states = await withDatabaseUrl(readSettings(environment, configFile), (url) => readMigrationStates(url));
  const rows = states.map(({ name, state, appliedAt }) => [name, state, showTime(appliedAt)]);
  output.result({ migrations: states }, table(['MIGRATION', 'STATE', 'APPLIED'], rows));
}

/** Applies the migrations that the database does not have. Gateways that start do the same by themselves. */
export async function migrateDeploy(environment: NodeJS.ProcessEnv, configFile: string | undefined, output: Output): Promise<void> {
  const applied = await withDatabaseUrl(readSettings(environment, configFile), (url) => applyMigrations(url, commandLog));
  output.result({ applied }, applied.length === 0 ? 'The database has all migrations.' : applied.map((name) => `Applied ${name}`).join('\n'));
}
