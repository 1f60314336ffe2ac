import { execFile } from 'node:child_process';
import { appendFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { madeOnce } from './made-once.js';

const run = promisify(execFile);

/**
 * Fills a new data folder with the cluster that a gateway's PostgreSQL has after its first start: all migrations are applied,
 * and nothing else is in it. initdb and the migrations take a second of processor time, copying what they make a tenth.
 */
export async function layOutCluster(dataDir: string): Promise<void> {
  const template = await madeOnce('cluster', makeCluster);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await run('cp', ['-a', `${template}/.`, dataDir]);
}

async function makeCluster(folder: string): Promise<void> {
  // Most tests of gateways need none of this themselves.
  const [{ default: pg }, { pino }, { runMigrations }, { startEmbeddedPostgres }, { applyMigrations }] = await Promise.all([
    import('pg'),
    import('pino'),
    import('graphile-worker'),
    import('../../src/database/embedded-postgres.js'),
    import('../../src/database/migrations.js'),
  ]);
  const log = pino({ level: 'silent' });
  const server = await startEmbeddedPostgres(folder, log);
  const pgPool = new pg.Pool({ connectionString: server.url });
  try {
    await applyMigrations(server.url, log);
    await runMigrations({ pgPool });
  } finally {
    await pgPool.end();
    await server.stop();
  }
  // Tests end processes, never the machine: what the kernel was given is safe.
  await appendFile(path.join(folder, 'postgres', 'postgresql.conf'), 'fsync = off\n');
  await rm(path.join(folder, 'gateway.sock'), { force: true });
}
