import { ControlConnection } from '../../src/database/control-connection.js';
import { appendEntries } from '../../src/journal/append.js';
import { JournalFeed } from '../../src/journal/feed.js';
import { silent, startDatabase, type TestDatabase } from '../harness/database.js';
import { readFeed } from '../harness/feed-reader.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

let server: TestDatabase;
let control: ControlConnection;
let feed: JournalFeed;

beforeAll(async () => {
  server = await startDatabase();
  control = new ControlConnection(server.url, silent);
  feed = new JournalFeed(server.database, control, silent);
  await control.start();
  await feed.start();
});

afterAll(async () => {
  await feed.stop();
  await control.stop();
  await server.stop();
  await proveNothingIsLeft();
});

const entry = { type: 'VOLUME_CREATED', source: 'ENGINE', occurredAt: 0, attributes: {} } as const;

test('a live reader whose gateway comes back too late is told so, and not given what came after the hole', async () => {
  const reader = readFeed(feed, feed.position);
  await server.database.$transaction((transaction) => appendEntries(transaction, [entry]));
  await eventually(
    () => {
      expect(reader.seen).toHaveLength(1);
    },
    { what: 'it is live' },
  );
  const seen = reader.seen[0]?.position ?? 0n;
  // In one step, as a gateway sees it that was cut off for longer than the journal is kept.
  await server.database.$transaction(async (transaction) => {
    await appendEntries(transaction, [entry, entry, entry]);
    await transaction.journalEntry.deleteMany({ where: { position: { lte: seen + 2n } } });
    await transaction.journalTrim.create({ data: { position: seen + 2n } });
  });
  await eventually(
    () => {
      expect(reader.problem()).toMatchObject({ code: 'CURSOR_EXPIRED' });
    },
    { what: 'the reader is told' },
  );
  expect(reader.seen.map(({ position }) => position)).toEqual([seen]);

  const later = readFeed(feed, feed.position);
  await server.database.$transaction((transaction) => appendEntries(transaction, [entry]));
  await eventually(
    () => {
      expect(later.seen.map(({ position }) => position)).toEqual([seen + 4n]);
    },
    { what: 'who comes later is told what is new' },
  );
});

test('a process that was busy itself reads what came before it takes the database for away', async () => {
  const asked = control.query<{ one: number }>('select 1 as one from (select pg_sleep(0.2)) as later', []);
  await new Promise(setImmediate);
  const end = performance.now() + 2_100;
  while (performance.now() < end);
  expect(await asked).toEqual([{ one: 1 }]);
  expect(control.isUp).toBe(true);
});
