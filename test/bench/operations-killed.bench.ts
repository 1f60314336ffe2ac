import { makeKillingGround, type KillingGround } from '../harness/killed-operations.js';
import { report } from './figures.js';

// How often is something lost when a gateway is killed in the middle? Fails when anything is. `BENCH_KILLS` moments of each
// kind, 20 by default.

const KILLS = Number(process.env['BENCH_KILLS'] ?? 20);
/** Milliseconds after which either has surely come to its end. */
const LONG_MS = 10_000;

let ground: KillingGround;

beforeAll(async () => {
  ground = await makeKillingGround();
});

afterAll(async () => {
  await ground.stop();
});

/** Milliseconds that an operation took in all. */
async function span(operationId: string): Promise<number> {
  const { createdAt, finishedAt } = await operationRow(operationId);
  if (finishedAt === null) throw new Error('it has not come to its end');
  return finishedAt.getTime() - createdAt.getTime();
}

const operationRow = (id: string) => ground.database.operation.findUniqueOrThrow({ where: { id: id.slice('Operation:'.length) } });

test.each(['migrate', 'restore'] as const)('%s killed at random moments', async (kind) => {
  const undisturbed = await ground[kind](LONG_MS);
  const spanMs = await span(undisturbed.operation.id);
  const wrong = undisturbed.wrong.map((what) => `undisturbed: ${what}`);
  let attempts = 0;
  for (let round = 0; round < KILLS; round += 1) {
    const afterMs = Math.round(Math.random() * spanMs);
    const outcome = await ground[kind](afterMs);
    if ((await operationRow(outcome.operation.id)).attempt > 1) attempts += 1;
    for (const what of outcome.wrong) wrong.push(`after ${String(afterMs)} ms: ${what}`);
  }
  report(
    `${kind} killed at ${String(KILLS)} random moments of ${String(spanMs)} ms, ${String(attempts)} of them in its middle: ` +
      (wrong.length === 0 ? 'nothing wrong' : wrong.join('; ')),
  );
  expect(wrong).toEqual([]);
});
