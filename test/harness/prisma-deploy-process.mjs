// Applies the migrations of a folder as `prisma migrate deploy` does, with the same engine built for WASM: the engine of the
// command itself is a download. Prints the names of those that were applied, and of those that were edited since, as JSON.
//   DATABASE_URL=postgresql://… node test/harness/prisma-deploy-process.mjs FOLDER_OF_PRISMA
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openSchemaEngine } from '../../scripts/schema-engine.mjs';

const folder = process.argv[2];
const baseDir = path.join(folder, 'migrations');
const schema = path.join(folder, 'schema.prisma');
const read = (file) => readFileSync(path.join(baseDir, file), 'utf8');
const migrationDirectories = readdirSync(baseDir)
  .filter((name) => existsSync(path.join(baseDir, name, 'migration.sql')))
  .sort()
  .map((name) => ({ path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: read(`${name}/migration.sql`) } } }));
const lockfile = { path: 'migration_lock.toml', content: read('migration_lock.toml') };
const migrationsList = { baseDir, lockfile, shadowDbInitScript: '', migrationDirectories };
const filters = { externalTables: [], externalEnums: [] };

const engine = await openSchemaEngine(process.env.DATABASE_URL, [{ path: schema, content: readFileSync(schema, 'utf8') }]);
const { editedMigrationNames } = await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters });
const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters });
engine.free();
// The adapter keeps idle connections for ten seconds.
process.stdout.write(JSON.stringify({ edited: editedMigrationNames, applied: appliedMigrationNames }), () => process.exit(0));
