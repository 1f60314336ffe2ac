import { Prisma } from '../../src/database/client.js';
import { appendEntries } from '../../src/journal/append.js';
import { readEntries, readHead, refuseExpired } from '../../src/journal/read.js';
import { trimJournal } from '../../src/journal/trim.js';
import { ownDatabase } from '../harness/own-database.js';

const DAY_MS = 86_400_000;

const server = ownDatabase();

/** Journals entries that were recorded so many days ago, and gives their positions. */
async function record(...daysAgo: number[]): Promise<bigint[]> {
  const before = await readHead(server.database.readRows);
  for (const days of daysAgo) {
    await server.database.$transaction((transaction) =>
      appendEntries(transaction, [{ type: 'VOLUME_CREATED', source: 'ENGINE', occurredAt: Date.now(), attributes: {} }]),
    );
    await server.database.$executeRaw(
      Prisma.sql`update journal set recorded_at = ${new Date(Date.now() - days * DAY_MS)} where position = (select max(position) from journal)`,
    );
  }
  return (await readEntries(server.database.readRows, before, 1_000)).map(({ position }) => position);
}

const RETENTION_MS = 30 * DAY_MS;

beforeEach(async () => {
  await server.database.journalEntry.deleteMany();
});

const kept = async (positions: bigint[]) =>
  (await readEntries(server.database.readRows, (positions[0] ?? 0n) - 1n, 1_000))
    .map(({ position }) => position)
    .filter((position) => positions.includes(position));

test('what is older than the journal is kept goes, and a cursor before it has expired', async () => {
  const positions = await record(40, 35, 31, 29, 1, 0);
  expect(await trimJournal(server.database, RETENTION_MS)).toBe(3);
  expect(await kept(positions)).toEqual(positions.slice(3));
  await expect(refuseExpired(server.database.readRows, positions[1] ?? 0n)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
  await expect(refuseExpired(server.database.readRows, 0n)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
  // Everything after the last one that was trimmed is there.
  await refuseExpired(server.database.readRows, positions[2] ?? 0n);
  await refuseExpired(server.database.readRows, positions[5] ?? 0n);
});

test('in small parts the same goes', async () => {
  const positions = await record(40, 40, 40, 40, 40, 40, 40, 1);
  expect(await trimJournal(server.database, RETENTION_MS, 3)).toBe(positions.length - 1);
  expect(await kept(positions)).toEqual(positions.slice(-1));
});

test('only a beginning of the order goes, also when a clock was set back in between', async () => {
  const positions = await record(1, 40, 40, 0);
  expect(await trimJournal(server.database, RETENTION_MS)).toBe(0);
  expect(await kept(positions)).toEqual(positions);
});

test('with nothing left the end of the journal is where it was', async () => {
  const positions = await record(1, 1);
  const head = await readHead(server.database.readRows);
  await trimJournal(server.database, 0);
  expect(await kept(positions)).toEqual([]);
  expect(await readHead(server.database.readRows)).toBe(head);
  await refuseExpired(server.database.readRows, head);
  const [next] = await record(0);
  expect(next).toBeGreaterThan(head);
});

test('two gateways that trim at once remove each entry once', async () => {
  const positions = await record(...Array.from({ length: 40 }, () => 50));
  const removed = await Promise.all([trimJournal(server.database, RETENTION_MS, 7), trimJournal(server.database, RETENTION_MS, 7)]);
  const rest = await trimJournal(server.database, RETENTION_MS, 7);
  expect(removed[0] + removed[1] + rest).toBe(positions.length);
  expect(await kept(positions)).toEqual([]);
});
