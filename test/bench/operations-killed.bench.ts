import { report } from './figures.js';
import { makeKillingGround } from '../harness/killed-operations.js';

// How often is something lost when a gateway is killed in the middle? `STOWAGE_KILLS` moments of each kind, 20 by default.

const KILLS = Number(process.env['STOWAGE_KILLS'] ?? 20);
/** Milliseconds that either takes at most here. */
const SPAN_MS = 2_500;

test('operations killed at random moments', async () => {
  const ground = await makeKillingGround();
  try {
    for (const kind of ['migrate', 'restore'] as const) {
      const wrong: string[] = [];
      for (let round = 0; round < KILLS; round += 1) {
        const afterMs = Math.round(Math.random() * SPAN_MS);
        for (const what of (await ground[kind](afterMs)).wrong) wrong.push(`after ${String(afterMs)} ms: ${what}`);
      }
      report(`${kind} killed at ${String(KILLS)} random moments: ${wrong.length === 0 ? 'nothing wrong' : wrong.join('; ')}`);
    }
  } finally {
    await ground.stop();
  }
});
