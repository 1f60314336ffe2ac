// Fills the folder given with the PostgreSQL cluster of a gateway that has started once and knows nothing yet. The tests copy it
// (test/harness/cluster-template.ts). A process of its own, since Jest loads modules slowly, and not side by side.
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { pino } from 'pino';
import { startEmbeddedPostgres } from '../dist/database/embedded-postgres.js';
import { applyMigrations } from '../dist/database/migrations.js';

const [folder] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const server = await startEmbeddedPostgres(folder, log);
const pgPool = new pg.Pool({ connectionString: server.url });
// graphile-worker warns of pools that nobody listens to.
pgPool.on('error', () => undefined);
pgPool.on('connect', (client) => client.on('error', () => undefined));
try {
  await applyMigrations(server.url, log);
  await runMigrations({ pgPool });
} finally {
  await pgPool.end();
  await server.stop();
}
// Tests end processes, never the machine: what the kernel was given is safe.
await appendFile(path.join(folder, 'postgres', 'postgresql.conf'), 'fsync = off\n');
