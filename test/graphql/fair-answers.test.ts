import pg from 'pg';
import type { Batch, Outlet } from '../../src/graphql/live/batch.js';
import { FairTurns } from '../../src/fair-turns.js';
import { journal } from '../harness/journal-writer.js';
import { startLiveStand, type LiveStand } from '../harness/live-stand.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

/** Groups of the caller whose documents take long: more than are ever answered at a time. */
const SLOW_GROUPS = 20;
const id = (last: number) => `0190a6d2-7b1c-7000-8000-00000000000${String(last)}`;
/** What the slow documents ask for: together more statements than there are connections. */
const SLOW_PARTS = { container: { id: id(2), name: 'some' }, host: { id: id(3), name: 'some' }, shareId: id(4), operationId: id(5) };

let stand: LiveStand;

beforeAll(async () => {
  stand = await startLiveStand(60_000);
});

afterAll(async () => {
  await stand.stop();
  await proveNothingIsLeft();
});

/** Notes which of all answers came when. */
class Ear implements Outlet {
  readonly isDrained = true;

  constructor(
    private readonly name: string,
    private readonly order: string[],
  ) {}

  write(batch: Batch, from: number): void {
    for (const { json } of batch.answers.slice(from)) this.order.push(json.includes('"errors"') ? json : this.name);
  }

  onceDrained(): void {
    throw new Error('It is always drained.');
  }
}

/** Whoever asks for anything but volumes waits as long as this lasts: the statement is held up in PostgreSQL. */
async function lockTables(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: stand.databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query('lock table container, host, share, operation in access exclusive mode');
  return async () => {
    await client.query('rollback');
    await client.end();
  };
}

const head = async () => `j${String((await stand.database.journalEntry.findFirst({ orderBy: { position: 'desc' } }))?.position ?? 0n)}`;
const slowQuery = (index: number) =>
  `subscription ($after: String) { events(after: $after) { again${String(index)}: type container { name } host { name } share { id } operation { id } } }`;
const QUICK = 'subscription ($after: String) { events(after: $after) { cursor volume { name } } }';
const OWN = 'subscription { events { type volume { name } } }';

const startSlow = (order: string[], after?: string) =>
  Promise.all(Array.from({ length: SLOW_GROUPS }, (_, index) => stand.subscribe(slowQuery(index), { after }, new Ear('slow', order), 'slow caller')));
const happen = (count: number) => journal(stand.database, times(count, 'some'), SLOW_PARTS);
const times = (count: number, what: string) => Array.from({ length: count }, () => what);
const hears = (order: readonly string[], expected: readonly string[]) =>
  eventually(
    () => {
      expect(order).toEqual(expected);
    },
    { what: 'what can be answered is told' },
  );

test('documents that take long hold up none of another caller, who has one of them as well, while all is live', async () => {
  const order: string[] = [];
  const started = await startSlow(order);
  const all = [...started, await stand.subscribe(QUICK, {}, new Ear('quick', order), 'slow caller')];
  // The same group, which the other caller has opened.
  all.push(await stand.subscribe(QUICK, {}, new Ear('quick', order), 'quick caller'));
  const unlock = await lockTables();
  try {
    for (let round = 1; round <= 4; round += 1) {
      await happen(1);
      await hears(order, times(2 * round, 'quick'));
    }
  } finally {
    await unlock();
  }
  await hears(order, [...times(8, 'quick'), ...times(4 * SLOW_GROUPS, 'slow')]);
  for (const { end } of all) end();
});

test('documents that take long to catch up hold up neither another caller who catches up nor what is live', async () => {
  const order: string[] = [];
  await happen(1);
  const after = await head();
  await happen(3);
  const unlock = await lockTables();
  const started = await startSlow(order, after);
  try {
    started.push(await stand.subscribe(QUICK, { after }, new Ear('quick', order), 'quick caller'));
    await hears(order, times(3, 'quick'));
    started.push(await stand.subscribe(OWN, {}, new Ear('own', order), 'slow caller'));
    await happen(1);
    await eventually(
      () => {
        expect(order.slice(3).sort()).toEqual(['own', 'quick']);
      },
      { what: 'both are told' },
    );
  } finally {
    await unlock();
  }
  await eventually(
    () => {
      expect(order.slice(5)).toEqual(times(4 * SLOW_GROUPS, 'slow'));
    },
    { what: 'they are told as well' },
  );
  for (const { end } of started) end();
});

test('who waits has a turn after one of each other caller, and nobody has more than their share', async () => {
  const turns = new FairTurns({ atOnce: 3, each: 2 });
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const take = (name: string) =>
    turns.take([name.slice(0, 1)], async () => {
      order.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
    });
  const taken = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'c1'].map(take);
  expect(order).toEqual(['a1', 'a2', 'b1']);
  const endFirst = async () => {
    const before = order.length;
    ends.shift()?.();
    await eventually(
      () => {
        expect(order.length).toBeGreaterThan(before);
      },
      { what: 'another begins', intervalMs: 1 },
    );
  };
  // In the order in which they began to wait, then from the first again.
  await endFirst();
  await endFirst();
  await endFirst();
  await endFirst();
  expect(order.slice(3)).toEqual(['a3', 'b2', 'c1', 'a4']);
  while (order.length < 8) await endFirst();
  for (const end of ends) end();
  await Promise.all(taken);
});

test('one caller has all but what is kept for those who have none, and whoever gives up waiting is passed over', () => {
  const turns = new FairTurns({ atOnce: 5, forNewcomers: 2 });
  const ask = (caller: string, count: number) => Array.from({ length: count }, () => turns.ask(caller));
  const begun = (asked: readonly { readonly begun: unknown }[]) => asked.map((turn) => turn.begun === undefined);
  const [busy, other, third] = [ask('busy', 6), ask('other', 2), ask('third', 1)];
  expect([begun(busy), begun(other), begun(third)]).toEqual([[true, true, true, false, false, false], [true, false], [true]]);
  // All are taken, so that even a newcomer waits; but before the next of those who have some.
  const [late] = ask('late', 1);
  const order: string[] = [];
  const note = (turn: { readonly begun: Promise<void> | undefined } | undefined, name: string) => void turn?.begun?.then(() => order.push(name));
  for (const [index, turn] of busy.slice(3).entries()) note(turn, `busy ${String(index)}`);
  note(other[1], 'other');
  note(late, 'late');
  busy[3]?.end();
  busy[0]?.end();
  third[0]?.end();
  busy[1]?.end();
  busy[2]?.end();
  late?.end();
  other[0]?.end();
  return eventually(
    () => {
      expect(order).toEqual(['late', 'busy 1', 'other', 'busy 2']);
    },
    { what: 'those who wait have their turns', intervalMs: 1 },
  );
});
