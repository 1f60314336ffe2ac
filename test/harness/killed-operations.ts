import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { startDatabase } from './database.js';
import type { Database } from '../../src/database/client.js';
import { IMAGE, startEngines, type TestEngine } from './engines.js';
import { startGateway, type TestGateway } from './gateway.js';
import { finished, request, succeed, type ToldOperation } from './operations.js';
import { hostsAre } from './stand.js';
import { makeTestFolder } from './test-folder.js';
import { describeVolume, inVolume } from './volume-trees.js';
import { eventually } from './wait.js';
import { setTimeout as delay } from 'node:timers/promises';

/** Two engines, a database, a backup store, and gateways that come and go. */
export interface KillingGround {
  readonly engines: readonly TestEngine[];
  readonly database: Database;
  /** Migrates with removeSource, kills the gateway after so many milliseconds, and has another one go on. */
  migrate(afterMs: number): Promise<Outcome>;
  /** Restores in place of another content, likewise. */
  restore(afterMs: number): Promise<Outcome>;
  /** Backs a volume up with its writer paused or stopped, kills the gateway then, and has another one go on. */
  quiet(quiesce: 'PAUSE' | 'STOP'): Promise<Outcome>;
  /** Backs a volume up, kills the gateway when all is stored and its row is about to be written, and has another one go on. */
  lastMoment(): Promise<Outcome>;
  stop(): Promise<void>;
}

export interface Outcome {
  readonly operation: ToldOperation;
  /** What is wrong with what is left, if anything. */
  readonly wrong: string[];
}

const FILL = 'mkdir -p d && for i in $(seq 300); do echo $i >d/$i; done; dd if=/dev/urandom of=big bs=1M count=60 2>/dev/null';

const WRITE = 'while true; do dd if=/dev/urandom of=/v/file bs=1M count=5 2>/dev/null; done';

export async function makeKillingGround(): Promise<KillingGround> {
  const database = await startDatabase();
  const engines = await startEngines(['alpha', 'beta']);
  const [alpha, beta] = engines as [TestEngine, TestEngine];
  const folder = await makeTestFolder('store');
  const hosts = Object.fromEntries(engines.map(({ name, endpoint }) => [name, endpoint]));
  const backups = path.join(folder, 'backups');
  const environment = { DATABASE_URL: database.url, STOWAGE_BACKUPS: `file://${backups}` };
  const start = async (further: Readonly<Record<string, string>> = {}): Promise<TestGateway> => {
    const gateway = await startGateway({ hosts, environment: { ...environment, ...further } });
    await hostsAre(gateway, 'ONLINE');
    return gateway;
  };
  let gateway = await start();
  const kill = async (): Promise<void> => {
    await gateway.kill();
    await rm(path.dirname(gateway.dataDir), { recursive: true, force: true });
  };
  const interrupted = async (mutation: string, input: Record<string, unknown>, afterMs: number): Promise<ToldOperation> => {
    const id = await request(gateway, mutation, input);
    await delay(afterMs);
    await kill();
    gateway = await start();
    return finished(gateway, id, 90_000);
  };
  const volumes = async (engine: TestEngine) => (await engine.cli('volume', 'ls', '-q')).split('\n').filter((name) => name !== '');
  const left = async (engine: TestEngine) => {
    const helpers = (await engine.cli('ps', '-aq', '--filter', 'label=io.stowage.helper')).trim();
    return helpers === '' ? [] : [`helpers are left on ${engine.name}`];
  };
  let rounds = 0;
  const reset = () => Promise.all(engines.map((engine) => engine.reset()));
  return {
    engines,
    database: database.database,
    async migrate(afterMs) {
      const name = `moved-${String((rounds += 1))}`;
      await inVolume(alpha, name, FILL);
      const before = await describeVolume(alpha, name);
      const operation = await interrupted('migrateVolume', { source: { host: 'alpha', name }, toHost: 'beta', removeSource: true }, afterMs);
      const wrong: string[] = [];
      const [there, here] = [(await volumes(beta)).includes(name), (await volumes(alpha)).includes(name)];
      if (!there && !here) wrong.push('the data is lost');
      if (here && (await describeVolume(alpha, name)) !== before) wrong.push('the source is not whole');
      if (there && (await describeVolume(beta, name)) !== before) wrong.push('a target is there that is not whole');
      if (operation.state === 'SUCCEEDED' && (here || !there)) wrong.push('it did not do what it says');
      if (operation.state !== 'SUCCEEDED') wrong.push(`it is ${operation.state}: ${operation.error?.message ?? ''}`);
      wrong.push(...(await left(alpha)), ...(await left(beta)));
      await reset();
      return { operation, wrong };
    },
    async restore(afterMs) {
      const name = `restored-${String((rounds += 1))}`;
      await inVolume(alpha, name, FILL);
      const before = await describeVolume(alpha, name);
      const { backup } = await succeed(gateway, 'backupVolume', { volume: { host: 'alpha', name } });
      await inVolume(beta, name, 'echo other >content');
      const operation = await interrupted('restoreVolume', { backup: backup?.id, host: 'beta', name, overwrite: true }, afterMs);
      const wrong: string[] = [];
      if (operation.state !== 'SUCCEEDED') wrong.push(`it is ${operation.state}: ${operation.error?.message ?? ''}`);
      if ((await volumes(beta)).join() !== name) wrong.push(`there are other volumes: ${(await volumes(beta)).join()}`);
      else if ((await describeVolume(beta, name)) !== before) wrong.push('the target is not what was backed up');
      wrong.push(...(await left(beta)));
      await reset();
      return { operation, wrong };
    },
    async quiet(quiesce) {
      await inVolume(alpha, 'written', FILL);
      const writer = (await alpha.cli('run', '-d', '--network', 'none', '-v', 'written:/v', IMAGE, 'sh', '-c', WRITE)).trim();
      const stateOf = async () => (await alpha.cli('inspect', '-f', '{{.State.Status}}', writer)).trim();
      await kill();
      gateway = await start({ STOWAGE_TRANSFER_BYTES_PER_SECOND: '10000000' });
      const id = await request(gateway, 'backupVolume', { volume: { host: 'alpha', name: 'written' }, quiesce });
      await eventually(
        async () => {
          expect(await stateOf()).toBe(quiesce === 'PAUSE' ? 'paused' : 'exited');
        },
        { what: 'the writer is quiet', timeoutMs: 30_000 },
      );
      await kill();
      const wrong: string[] = [];
      if ((await stateOf()) === 'running') wrong.push('the writer was not quiet when the gateway was killed');
      gateway = await start();
      const operation = await finished(gateway, id, 90_000);
      if (operation.state !== 'SUCCEEDED') wrong.push(`it is ${operation.state}: ${operation.error?.message ?? ''}`);
      if (operation.backup?.consistent !== true) wrong.push('the backup is not consistent');
      if ((await stateOf()) !== 'running') wrong.push(`the writer is ${await stateOf()} afterwards`);
      wrong.push(...(await left(alpha)));
      await reset();
      return { operation, wrong };
    },
    async lastMoment() {
      await inVolume(alpha, 'stored', FILL);
      const holding = new pg.Client({ connectionString: database.url });
      await holding.connect();
      let id: string;
      try {
        await holding.query('begin');
        // Whoever writes a row waits; reading goes on.
        await holding.query('lock table backup in share mode');
        id = await request(gateway, 'backupVolume', { volume: { host: 'alpha', name: 'stored' } });
        await eventually(
          async () => {
            const { rows } = await holding.query(`select 1 from pg_locks where relation = 'backup'::regclass and not granted`);
            expect(rows).toHaveLength(1);
          },
          { what: 'the row is about to be written', timeoutMs: 30_000, intervalMs: 20 },
        );
        await kill();
      } finally {
        await holding.end();
      }
      const before = await readdir(backups);
      gateway = await start();
      const operation = await finished(gateway, id, 90_000);
      const stored = await readdir(backups);
      const wrong: string[] = [];
      if (before.length === 0) wrong.push('nothing was stored when the gateway was killed');
      if (operation.state !== 'SUCCEEDED' || operation.backup === null) wrong.push(`it is ${operation.state}: ${operation.error?.message ?? ''}`);
      const known = new Set((await database.database.backup.findMany({ select: { id: true } })).map((row) => row.id));
      const strange = stored.filter((name) => !known.has(name.split('.')[0] ?? ''));
      if (strange.length > 0) wrong.push(`nobody knows of ${strange.join()}`);
      wrong.push(...(await left(alpha)));
      await reset();
      return { operation, wrong };
    },
    async stop() {
      await gateway.stop();
      await Promise.all(engines.map((engine) => engine.stop()));
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
