// Prints the SQL that makes the tables of prisma/schema.prisma in an empty database, with Prisma's official WASM schema
// engine: unlike `prisma migrate diff` it needs no download. Any reachable PostgreSQL will do; nothing is changed in it.
//   DATABASE_URL=postgresql://… node scripts/schema-sql.mjs
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';

const SCHEMA = fileURLToPath(new URL('../prisma/schema.prisma', import.meta.url));

const engineFile = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
const bindings = await import(engineFile);
const wasm = new WebAssembly.Module(readFileSync(path.join(path.dirname(engineFile), 'schema_engine_bg.wasm')));
const instance = new WebAssembly.Instance(wasm, { './schema_engine_bg.js': bindings });
bindings.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

const files = [{ path: SCHEMA, content: readFileSync(SCHEMA, 'utf8') }];
const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: process.env.DATABASE_URL }));
const engine = await bindings.SchemaEngine.new({ datamodels: files.map(({ path, content }) => [path, content]) }, () => undefined, adapter);
const { stdout } = await engine.diff({
  from: { tag: 'empty' },
  to: { tag: 'schemaDatamodel', files },
  script: true,
  exitCode: false,
  shadowDatabaseUrl: null,
  filters: { externalTables: [], externalEnums: [] },
});
engine.free();
process.stdout.write(stdout);
