import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startDatabase } from './database.js';
import { startEngines, type TestEngine } from './engines.js';
import { startGateway, type TestGateway } from './gateway.js';
import { finished, request, succeed, type ToldOperation } from './operations.js';
import { hostsAre } from './stand.js';
import { makeTestFolder } from './test-folder.js';
import { describeVolume, inVolume } from './volume-trees.js';
import { setTimeout as delay } from 'node:timers/promises';

/** Two engines, a database, a backup store, and gateways that come and go. */
export interface KillingGround {
  readonly engines: readonly TestEngine[];
  /** Migrates with removeSource, kills the gateway after so many milliseconds, and has another one go on. */
  migrate(afterMs: number): Promise<Outcome>;
  /** Restores in place of another content, likewise. */
  restore(afterMs: number): Promise<Outcome>;
  stop(): Promise<void>;
}

export interface Outcome {
  readonly operation: ToldOperation;
  /** What is wrong with what is left, if anything. */
  readonly wrong: string[];
}

const FILL = 'mkdir -p d && for i in $(seq 300); do echo $i >d/$i; done; dd if=/dev/urandom of=big bs=1M count=60 2>/dev/null';

export async function makeKillingGround(): Promise<KillingGround> {
  const database = await startDatabase();
  const engines = await startEngines(['alpha', 'beta']);
  const [alpha, beta] = engines as [TestEngine, TestEngine];
  const folder = await makeTestFolder('store');
  const hosts = Object.fromEntries(engines.map(({ name, endpoint }) => [name, endpoint]));
  const environment = { DATABASE_URL: database.url, STOWAGE_BACKUPS: `file://${path.join(folder, 'backups')}` };
  const start = async (): Promise<TestGateway> => {
    const gateway = await startGateway({ hosts, environment });
    await hostsAre(gateway, 'ONLINE');
    return gateway;
  };
  let gateway = await start();
  const interrupted = async (mutation: string, input: Record<string, unknown>, afterMs: number): Promise<ToldOperation> => {
    const id = await request(gateway, mutation, input);
    await delay(afterMs);
    await gateway.kill();
    await rm(path.dirname(gateway.dataDir), { recursive: true, force: true });
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
    async stop() {
      await gateway.stop();
      await Promise.all(engines.map((engine) => engine.stop()));
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
