// Prints the SQL that makes the tables of prisma/schema.prisma in an empty database, with Prisma's official WASM schema
// engine: unlike `prisma migrate diff` it needs no download. Any reachable PostgreSQL will do; nothing is changed in it.
//   DATABASE_URL=postgresql://… node scripts/schema-sql.mjs
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openSchemaEngine } from './schema-engine.mjs';

const SCHEMA = fileURLToPath(new URL('../prisma/schema.prisma', import.meta.url));

const files = [{ path: SCHEMA, content: readFileSync(SCHEMA, 'utf8') }];
const engine = await openSchemaEngine(process.env.DATABASE_URL, files);
const { stdout } = await engine.diff({
  from: { tag: 'empty' },
  to: { tag: 'schemaDatamodel', files },
  script: true,
  exitCode: false,
  shadowDatabaseUrl: null,
  filters: { externalTables: [], externalEnums: [] },
});
engine.free();
// The adapter keeps idle connections for ten seconds.
process.stdout.write(stdout, () => process.exit(0));
