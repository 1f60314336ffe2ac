import fc from 'fast-check';
import { expired } from '../../src/operations/policies.js';
import { nextTime } from '../../src/schedule.js';
import { problem } from '../harness/problem-matcher.js';

interface Kept {
  readonly createdAt: Date;
  readonly consistent: boolean;
}

const DAY_MS = 86_400_000;
const at = (text: string, consistent = true): Kept => ({ createdAt: new Date(`${text}Z`), consistent });
/** What stays, as dates, of backups that are given oldest first. */
function stays(policy: Partial<Record<'keepLast' | 'keepDaily' | 'keepWeekly', number>>, backups: readonly Kept[]): string[] {
  const newestFirst = [...backups].reverse();
  const gone = expired(newestFirst, { keepLast: 1, keepDaily: 0, keepWeekly: 0, ...policy });
  return backups.filter((backup) => !gone.includes(backup)).map(({ createdAt }) => createdAt.toISOString().slice(0, 16));
}

describe('what a policy keeps', () => {
  // 2026-11-22 is a Sunday.
  const twiceADay = ['20', '21', '22', '23', '24'].flatMap((day) => [at(`2026-11-${day}T03:00`), at(`2026-11-${day}T15:00`)]);

  test.each<[string, Parameters<typeof stays>[0], string[]]>([
    ['the last one', {}, ['2026-11-24T15:00']],
    ['the last three', { keepLast: 3 }, ['2026-11-23T15:00', '2026-11-24T03:00', '2026-11-24T15:00']],
    ['the newest of each of three days', { keepDaily: 3 }, ['2026-11-22T15:00', '2026-11-23T15:00', '2026-11-24T15:00']],
    ['the newest of each of two weeks, which begin on Monday', { keepWeekly: 2 }, ['2026-11-22T15:00', '2026-11-24T15:00']],
    ['all of them together', { keepLast: 2, keepDaily: 2, keepWeekly: 2 }, ['2026-11-22T15:00', '2026-11-23T15:00', '2026-11-24T03:00', '2026-11-24T15:00']],
    ['all when there are fewer', { keepLast: 100 }, twiceADay.map(({ createdAt }) => createdAt.toISOString().slice(0, 16))],
  ])('is %s', (_what, policy, expected) => {
    expect(stays(policy, twiceADay)).toEqual(expected);
  });

  test('is the last consistent one in any case, and a day counts that has a backup, not one of the calendar', () => {
    expect(stays({}, [at('2026-11-20T03:00'), at('2026-11-21T03:00', false), at('2026-11-22T03:00', false)])).toEqual(['2026-11-20T03:00', '2026-11-22T03:00']);
    expect(stays({ keepDaily: 2 }, [at('2025-01-01T03:00'), at('2026-11-22T03:00')])).toHaveLength(2);
  });

  const history = fc
    .array(fc.record({ minutes: fc.integer({ min: 0, max: 60 * 24 * 60 }), consistent: fc.boolean() }), { maxLength: 60 })
    .map((list) =>
      list
        .map(({ minutes, consistent }): Kept => ({ createdAt: new Date(Date.UTC(2026, 0, 1) + minutes * 60_000), consistent }))
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()),
    );
  const counts = fc.record({
    keepLast: fc.integer({ min: 1, max: 10 }),
    keepDaily: fc.integer({ min: 0, max: 10 }),
    keepWeekly: fc.integer({ min: 0, max: 5 }),
  });

  test('is as many as it says and one more at most, always the last ones, and the same when it is asked again', () => {
    fc.assert(
      fc.property(history, counts, (backups, policy) => {
        const gone = new Set(expired(backups, policy));
        const kept = backups.filter((backup) => !gone.has(backup));
        expect(kept.length).toBeLessThanOrEqual(policy.keepLast + policy.keepDaily + policy.keepWeekly + 1);
        expect(backups.slice(0, policy.keepLast).every((backup) => !gone.has(backup))).toBe(true);
        expect(kept.some(({ consistent }) => consistent)).toBe(backups.some(({ consistent }) => consistent));
        expect(expired(kept, policy)).toEqual([]);
        const days = new Set(kept.map(({ createdAt }) => Math.floor(createdAt.getTime() / DAY_MS)));
        const all = new Set(backups.map(({ createdAt }) => Math.floor(createdAt.getTime() / DAY_MS)));
        expect(days.size).toBeGreaterThanOrEqual(Math.min(all.size, policy.keepDaily));
      }),
    );
  });
});

test('a schedule is of five fields in UTC, and one that is none or never comes is refused', () => {
  const from = new Date('2026-03-29T00:30:00Z');
  expect(nextTime('30 2 * * *', from).toISOString()).toBe('2026-03-29T02:30:00.000Z');
  expect(nextTime('0 0 29 2 *', from).toISOString()).toBe('2028-02-29T00:00:00.000Z');
  for (const cron of ['', 'never', '* * * *', '* * * * * *', '60 * * * *', '0 0 31 2 *', '@reboot', 'x'.repeat(10_000)]) {
    expect(() => nextTime(cron, from)).toThrow(problem('BAD_USER_INPUT'));
  }
});
