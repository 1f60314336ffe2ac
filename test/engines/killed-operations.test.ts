import { randomUUID } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { readInstallation } from '../../src/database/installation.js';
import { Engine } from '../../src/engine/engine.js';
import { parseEndpoint } from '../../src/engine/endpoint.js';
import { openVolume } from '../../src/engine/volume-content.js';
import { sweepEngine } from '../../src/operations/sweep.js';
import { IMAGE } from '../harness/engines.js';
import { makeKillingGround, type KillingGround } from '../harness/killed-operations.js';

// Many more moments: npm run bench -- operations-killed

let ground: KillingGround;

beforeAll(async () => {
  ground = await makeKillingGround();
});

afterAll(async () => {
  await ground.stop();
});

test('another gateway goes on with a migration that removes its source, and nothing is lost', async () => {
  expect((await ground.migrate(300)).wrong).toEqual([]);
});

test('another gateway goes on with a restore over another content', async () => {
  expect((await ground.restore(600)).wrong).toEqual([]);
});

test.each(['PAUSE', 'STOP'] as const)('another gateway gives back the writers of a backup with %s', async (quiesce) => {
  expect((await ground.quiet(quiesce)).wrong).toEqual([]);
});

test('a backup whose gateway dies after it is whole, and before it is written down, leaves nothing that nobody knows of', async () => {
  expect((await ground.lastMoment()).wrong).toEqual([]);
});

test('helpers that nobody needs are swept up, with their image when none is left', async () => {
  const [alpha] = ground.engines;
  if (alpha === undefined) throw new Error('no engine');
  const engine = await Engine.connect(parseEndpoint(alpha.endpoint, {}), {}, 10_000);
  try {
    await alpha.cli('volume', 'create', 'kept');
    // Without a job, so that no gateway takes it up.
    const { id } = await ground.database.operation.create({
      data: { id: newId(), kind: 'VERIFY', requestedBy: 'test', state: 'RUNNING', leaseUntil: new Date(Date.now() + 600_000) },
    });
    const installation = await readInstallation(ground.database);
    const sweep = (ageSeconds: number, of = installation) => sweepEngine({ database: ground.database, installation: of }, engine, ageSeconds);
    const open = (owner: string) => openVolume(engine, { name: 'kept', write: false, owner, installation });
    await open('browse-of-a-dead-gateway');
    const needed = await open(id);
    const helpers = async () => (await alpha.cli('ps', '-aq', '--no-trunc', '--filter', 'label=io.stowage.helper')).trim();
    const images = async () => (await alpha.cli('images', '-q', '--filter', 'label=io.stowage.helper')).trim();
    const both = await helpers();
    await sweep(600);
    expect(await helpers()).toBe(both);
    // Another installation leaves them alone, however old they are, and so their image.
    await sweep(-1, randomUUID());
    expect(await helpers()).toBe(both);
    // A gateway before this version told nothing; it may have been any installation's, and is swept when it is old for sure.
    await alpha.cli('create', '--label', 'io.stowage.helper=untold', '--network', 'none', IMAGE, 'true');
    await sweep(-1);
    expect((await helpers()).split('\n')).toHaveLength(2);
    await alpha.cli('rm', '-f', ...(await alpha.cli('ps', '-aq', '--filter', 'label=io.stowage.helper=untold')).split('\n').filter((line) => line !== ''));
    await sweep(-1);
    expect(await helpers()).toMatch(/^[0-9a-f]{64}$/);
    expect(await images()).not.toBe('');
    await ground.database.operation.delete({ where: { id } });
    await sweep(-1);
    expect([await helpers(), await images()]).toEqual(['', '']);
    // And it is made anew for whoever comes next.
    await (await open('somebody')).close();
    await expect(needed.close()).resolves.toBeUndefined();
    expect(await alpha.cli('volume', 'ls', '-q')).toBe('kept\n');
  } finally {
    engine.close();
    await alpha.reset();
  }
});
