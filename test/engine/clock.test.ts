import fc from 'fast-check';
import { EngineClock } from '../../src/engine/clock.js';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 1);

/** What an engine tells of its clock: the time of an event or of an answer, each some milliseconds under way. */
const tales = fc.array(
  fc.record({
    kind: fc.constantFrom('date' as const, 'event' as const),
    waitMs: fc.integer({ min: 1, max: 5_000 }),
    thereMs: fc.integer({ min: 0, max: 40 }),
    backMs: fc.integer({ min: 0, max: 40 }),
  }),
  { minLength: 1, maxLength: 40 },
);

function tell(clock: EngineClock, told: { now: number }, offsetMs: number, tale: { kind: 'date' | 'event'; waitMs: number; thereMs: number; backMs: number }) {
  told.now += tale.waitMs;
  const sentAt = told.now;
  const engineTime = sentAt + tale.thereMs + offsetMs;
  told.now += tale.thereMs + tale.backMs;
  if (tale.kind === 'event') clock.hearEvent(BigInt(engineTime) * 1_000_000n);
  else clock.hearDate(Math.floor(engineTime / 1_000) * 1_000, sentAt);
}

test('whatever an engine tells, its time is known to a second, and a moment is called past only when it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2 * HOUR_MS, max: 2 * HOUR_MS }), tales, (offsetMs, all) => {
      const told = { now: START };
      const clock = new EngineClock(() => told.now);
      for (const tale of all) tell(clock, told, offsetMs, tale);
      const real = BigInt(told.now + offsetMs) * 1_000_000n;
      const error = clock.nowNano() - real;
      expect(error < 1_100_000_000n && error > -1_100_000_000n).toBe(true);
      expect(clock.certainlyPastNano() <= real).toBe(true);
    }),
  );
});

test('many answers and one event tell it to some milliseconds', () => {
  const told = { now: START };
  const clock = new EngineClock(() => told.now);
  for (let index = 0; index < 50; index += 1) tell(clock, told, -HOUR_MS, { kind: 'date', waitMs: 1_013 + index * 7, thereMs: 1, backMs: 1 });
  tell(clock, told, -HOUR_MS, { kind: 'event', waitMs: 10, thereMs: 1, backMs: 1 });
  const real = BigInt(told.now - HOUR_MS) * 1_000_000n;
  expect(real - clock.certainlyPastNano()).toBeLessThanOrEqual(2_000_000n);
  expect(Number(clock.nowNano() - real)).toBeLessThan(30_000_000);
});

test('when the engine sets its clock, it is known anew', () => {
  const told = { now: START };
  const clock = new EngineClock(() => told.now);
  tell(clock, told, 0, { kind: 'date', waitMs: 10, thereMs: 1, backMs: 1 });
  tell(clock, told, HOUR_MS, { kind: 'date', waitMs: 10, thereMs: 1, backMs: 1 });
  const ahead = Number((clock.nowNano() - BigInt(told.now) * 1_000_000n) / 1_000_000n);
  expect(Math.abs(ahead - HOUR_MS)).toBeLessThanOrEqual(1_000);
  tell(clock, told, -HOUR_MS, { kind: 'date', waitMs: 10, thereMs: 1, backMs: 1 });
  expect(clock.certainlyPastNano()).toBeLessThan(BigInt(told.now - HOUR_MS + 1_000) * 1_000_000n);
});

test('an engine that has told nothing yet is taken to have our time', () => {
  const clock = new EngineClock(() => START);
  expect(clock.nowNano()).toBe(BigInt(START) * 1_000_000n);
  expect(clock.certainlyPastNano()).toBe(0n);
});
