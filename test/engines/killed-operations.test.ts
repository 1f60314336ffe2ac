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
