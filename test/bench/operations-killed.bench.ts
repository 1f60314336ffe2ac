import { makeKillingGround, type KillingGround } from '../harness/killed-operations.js';
import { report } from './figures.js';

// How often is something lost when a gateway is killed in the middle? Fails when anything is. `BENCH_KILLS` moments of each
// kind, 20 by default.

const KILLS = Number(process.env['BENCH_KILLS'] ?? 20);
/** Milliseconds that either takes at most here. */
const SPAN_MS = 2_500;

let ground: KillingGround;

beforeAll(async () => {
  ground = await makeKillingGround();
});

afterAll(async () => {
  await ground.stop();
});

test.each(['migrate', 'restore'] as const)('%s killed at random moments', async (kind) => {
  const wrong: string[] = [];
  let attempts = 0;
  for (let round = 0; round < KILLS; round += 1) {
    const afterMs = Math.round(Math.random() * SPAN_MS);
    const outcome = await ground[kind](afterMs);
    const { attempt } = await ground.database.operation.findUniqueOrThrow({ where: { id: outcome.operation.id.slice('Operation:'.length) } });
    if (attempt > 1) attempts += 1;
    for (const what of outcome.wrong) wrong.push(`after ${String(afterMs)} ms: ${what}`);
  }
  report(
    `${kind} killed at ${String(KILLS)} random moments, ${String(attempts)} of them in its middle: ${wrong.length === 0 ? 'nothing wrong' : wrong.join('; ')}`,
  );
  expect(wrong).toEqual([]);
});
