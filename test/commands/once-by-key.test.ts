import type { CommandContext } from '../../src/commands/context.js';
import { onceByKey, type CallAttempt, type KeyedCall } from '../../src/commands/once-by-key.js';
import { closeDatabase, openDatabase, type Database } from '../../src/database/client.js';
import { Problem, type ProblemCode } from '../../src/problems.js';
import { silent, startDatabase, testSealer, type TestDatabase } from '../harness/database.js';
import { eventually } from '../harness/wait.js';

let server: TestDatabase;
/** Of another gateway. */
let other: Database;

beforeAll(async () => {
  server = await startDatabase();
  other = openDatabase(server.url);
});

afterAll(async () => {
  await closeDatabase(other);
  await server.stop();
});

const contextOf = (database: Database) => ({ database, sealer: testSealer, log: silent }) as CommandContext;
const here = () => contextOf(server.database);
const there = () => contextOf(other);

let keys = 0;
function call(changes: Partial<Omit<KeyedCall, 'caller'>> & { caller?: string } = {}): KeyedCall {
  const { caller = 'one', ...rest } = changes;
  return {
    caller: { id: caller, name: 'same name', role: 'OPERATOR', hosts: null },
    key: `key-${String((keys += 1))}`,
    mutation: 'createThing',
    input: { name: 'thing', size: null },
    ...rest,
  };
}

/** Work that counts how often it is done. */
function counting() {
  const attempts: CallAttempt<{ made: number }>[] = [];
  return {
    attempts,
    work: (attempt: CallAttempt<{ made: number }>) => {
      attempts.push(attempt);
      return Promise.resolve({ answer: { made: attempts.length }, complete: true });
    },
  };
}

test('the same key again gives the first answer and does nothing, through any gateway', async () => {
  const { attempts, work } = counting();
  const asked = call({ input: { name: 'thing', labels: [{ key: 'a', value: '1' }] } });
  const again = { ...asked, input: { size: null, labels: [{ value: '1', key: 'a' }], name: 'thing', idempotencyKey: 'its own' } };
  expect(await onceByKey(here(), asked, work)).toEqual({ made: 1 });
  expect(await onceByKey(here(), again, work)).toEqual({ made: 1 });
  expect(await onceByKey(there(), asked, work)).toEqual({ made: 1 });
  expect(attempts).toHaveLength(1);
});

test('without a key each call is made', async () => {
  const { work } = counting();
  const asked = call({ key: undefined });
  expect(await onceByKey(here(), asked, work)).toEqual({ made: 1 });
  expect(await onceByKey(here(), asked, work)).toEqual({ made: 2 });
});

test('the same key is another one for another caller, also one of the same name', async () => {
  const { work } = counting();
  const asked = call();
  expect(await onceByKey(here(), asked, work)).toEqual({ made: 1 });
  expect(await onceByKey(here(), { ...asked, ...call({ caller: 'two', key: asked.key }) }, work)).toEqual({ made: 2 });
});

test('the same key with another input, or for another mutation, is a CONFLICT and does nothing', async () => {
  const { attempts, work } = counting();
  const asked = call();
  await onceByKey(here(), asked, work);
  await expect(onceByKey(there(), { ...asked, input: { name: 'other' } }, work)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(onceByKey(there(), { ...asked, mutation: 'removeThing' }, work)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(attempts).toHaveLength(1);
});

test('of many calls at the same moment through two gateways one does the work, and all have its answer', async () => {
  const { attempts, work } = counting();
  const asked = call();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => onceByKey(index % 2 === 0 ? here() : there(), asked, work)));
  expect(answers).toEqual(answers.map(() => ({ made: 1 })));
  expect(attempts).toHaveLength(1);
});

test('what was left by a gateway that is gone is gone on with, under the same id; what that one still answers does not count', async () => {
  const asked = call();
  let wake: () => void = () => undefined;
  const frozen = new Promise<void>((resolve) => (wake = resolve));
  const ids: string[] = [];
  const first = onceByKey(here(), asked, async ({ id }) => {
    ids.push(id);
    await frozen;
    return { answer: 'late', complete: true };
  });
  await eventually(
    async () => {
      expect(await server.database.idempotentCall.updateMany({ where: { key: asked.key ?? '' }, data: { leaseUntil: new Date(0) } })).toEqual({ count: 1 });
    },
    { what: 'the first one works on it' },
  );
  const second = await onceByKey(there(), asked, ({ id }) => {
    ids.push(id);
    return Promise.resolve({ answer: 'in time', complete: true });
  });
  wake();
  expect(second).toBe('in time');
  expect(await first).toBe('in time');
  expect(ids[0]).toBe(ids[1]);
});

test('one that is worked on for longer than a lease is not taken over', async () => {
  const { attempts, work } = counting();
  const asked = call();
  let finish: () => void = () => undefined;
  const long = new Promise<void>((resolve) => (finish = resolve));
  const first = onceByKey(here(), asked, async (attempt: CallAttempt<{ made: number }>) => {
    await long;
    return work(attempt);
  });
  const lease = async () => (await server.database.idempotentCall.findFirst({ where: { key: asked.key ?? '' } }))?.leaseUntil.getTime() ?? 0;
  const given = await eventually(
    async () => {
      const until = await lease();
      expect(until).toBeGreaterThan(0);
      return until;
    },
    { what: 'it is under way' },
  );
  await eventually(
    async () => {
      expect(await lease()).toBeGreaterThan(given);
    },
    { what: 'its lease is renewed' },
  );
  const second = onceByKey(there(), asked, work);
  finish();
  expect(await Promise.all([first, second])).toEqual([{ made: 1 }, { made: 1 }]);
  expect(attempts).toHaveLength(1);
});

test('an answer that is not complete is given, and gone on from when asked again', async () => {
  const asked = call();
  expect(await onceByKey(here(), asked, () => Promise.resolve({ answer: ['alpha'], complete: false }))).toEqual(['alpha']);
  const second = await onceByKey(there(), asked, ({ earlier }: CallAttempt<string[]>) =>
    Promise.resolve({ answer: [...(earlier ?? []), 'beta'], complete: true }),
  );
  expect(second).toEqual(['alpha', 'beta']);
  expect(await onceByKey(here(), asked, () => Promise.reject(new Error('not asked')))).toEqual(['alpha', 'beta']);
});

describe('a refusal', () => {
  const refuse = (code: ProblemCode) => () => Promise.reject(new Problem(code, 'These words.'));

  test('that is one is the answer from then on', async () => {
    const { attempts, work } = counting();
    const asked = call();
    await expect(onceByKey(here(), asked, refuse('CONFLICT'))).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(onceByKey(there(), asked, work)).rejects.toMatchObject({ code: 'CONFLICT', message: 'These words.' });
    expect(attempts).toHaveLength(0);
  });

  test.each(['HOST_TIMEOUT', 'HOST_UNREACHABLE', 'UNAVAILABLE'] as const)(
    'with %s has not come to an end: asked again, it goes on under the same id',
    async (code) => {
      const asked = call();
      let first = '';
      const fail = ({ id }: CallAttempt<string>) => {
        first = id;
        return refuse(code)();
      };
      await expect(onceByKey(here(), asked, fail)).rejects.toMatchObject({ code });
      expect(await onceByKey(there(), asked, ({ id }) => Promise.resolve({ answer: id, complete: true }))).toBe(first);
    },
  );

  test('of an input that is wrong leaves the key free for the right one', async () => {
    const { work } = counting();
    const asked = call();
    await expect(onceByKey(here(), asked, refuse('BAD_USER_INPUT'))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await onceByKey(here(), { ...asked, input: { name: 'right' } }, work)).toEqual({ made: 1 });
  });
});

test('a key stands for nothing any more after 24 hours, and for the same until then', async () => {
  const { work } = counting();
  const asked = call();
  const aged = async (hours: number) => {
    const at = new Date(Date.now() - hours * 3_600_000);
    await server.database.idempotentCall.updateMany({ where: { key: asked.key ?? '' }, data: { createdAt: at, leaseUntil: at } });
  };
  await onceByKey(here(), asked, work);
  await aged(23.9);
  expect(await onceByKey(here(), asked, work)).toEqual({ made: 1 });
  await aged(24.1);
  expect(await onceByKey(here(), asked, work)).toEqual({ made: 2 });
});

test.each([
  ['empty', ''],
  ['over-long', 'x'.repeat(256)],
])('an %s key is refused', async (_what, key) => {
  await expect(onceByKey(here(), call({ key }), counting().work)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('the input is not stored, nor a hash that could be guessed', async () => {
  const asked = call({ input: { password: 'hunter2' } });
  await onceByKey(here(), asked, counting().work);
  const row = await server.database.idempotentCall.findFirstOrThrow({ where: { key: asked.key ?? '' } });
  expect(JSON.stringify({ ...row, inputHash: Buffer.from(row.inputHash).toString() })).not.toContain('hunter2');
});
