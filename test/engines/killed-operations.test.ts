import { v7 as newId } from 'uuid';
import { Engine } from '../../src/engine/engine.js';
import { parseEndpoint } from '../../src/engine/endpoint.js';
import { openVolume } from '../../src/engine/volume-content.js';
import { sweepEngine } from '../../src/operations/sweep.js';
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
    const open = (owner: string) => openVolume(engine, { name: 'kept', write: false, owner });
    await open('browse-of-a-dead-gateway');
    const needed = await open(id);
    const helpers = async () => (await alpha.cli('ps', '-aq', '--no-trunc', '--filter', 'label=io.stowage.helper')).trim();
    const images = async () => (await alpha.cli('images', '-q', '--filter', 'label=io.stowage.helper')).trim();
    const both = await helpers();
    await sweepEngine(ground.database, engine, 600);
    expect(await helpers()).toBe(both);
    await sweepEngine(ground.database, engine, -1);
    expect(await helpers()).toMatch(/^[0-9a-f]{64}$/);
    expect(await images()).not.toBe('');
    await ground.database.operation.delete({ where: { id } });
    await sweepEngine(ground.database, engine, -1);
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
