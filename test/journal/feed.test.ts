import { ControlConnection } from '../../src/database/control-connection.js';
import { appendEntries } from '../../src/journal/append.js';
import { JournalFeed } from '../../src/journal/feed.js';
import { silent, startDatabase, type TestDatabase } from '../harness/database.js';
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

test('a live subscriber whose gateway comes back too late is told so, and not given what came after the hole', async () => {
  const told: bigint[] = [];
  let end: unknown;
  const subscription = feed.subscribe(feed.position, {});
  const listening = (async () => {
    for await (const { position } of subscription) told.push(position);
  })().catch((error: unknown) => {
    end = error;
  });
  await server.database.$transaction((transaction) => appendEntries(transaction, [entry]));
  await eventually(
    () => {
      expect(told).toHaveLength(1);
    },
    { what: 'it is live' },
  );
  const [seen] = told as [bigint];
  // In one step, as a gateway sees it that was cut off for longer than the journal is kept.
  await server.database.$transaction(async (transaction) => {
    await appendEntries(transaction, [entry, entry, entry]);
    await transaction.journalEntry.deleteMany({ where: { position: { lte: seen + 2n } } });
    await transaction.journalTrim.create({ data: { position: seen + 2n } });
  });
  await eventually(
    () => {
      expect(end).toMatchObject({ code: 'CURSOR_EXPIRED' });
    },
    { what: 'the subscriber is told' },
  );
  await listening;
  expect(told).toEqual([seen]);

  const later = feed.subscribe(feed.position, {});
  const [next] = await Promise.all([later.next(), server.database.$transaction((transaction) => appendEntries(transaction, [entry]))]);
  expect(next).toMatchObject({ done: false, value: { position: seen + 4n } });
  await later.return(undefined);
});
