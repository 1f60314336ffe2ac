import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { madeOnce } from './made-once.js';

const run = promisify(execFile);

const MAKE_CLUSTER = fileURLToPath(new URL('../../scripts/make-test-cluster.mjs', import.meta.url));

/**
 * Fills a new data folder with the cluster that a gateway's PostgreSQL has after its first start: all migrations are applied,
 * and nothing else is in it. initdb and the migrations take a second of processor time, copying what they make a tenth.
 */
export async function layOutCluster(dataDir: string): Promise<void> {
  const template = await madeOnce('cluster', async (folder) => {
    await run(process.execPath, [MAKE_CLUSTER, folder]);
  });
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await run('cp', ['-a', `${template}/.`, dataDir]);
}
