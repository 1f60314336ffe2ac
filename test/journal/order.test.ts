import { setTimeout as delay } from 'node:timers/promises';
import { Prisma } from '../../src/database/client.js';
import { ControlConnection } from '../../src/database/control-connection.js';
import { appendEntries } from '../../src/journal/append.js';
import type { NewEntry } from '../../src/journal/entry.js';
import { JournalFeed } from '../../src/journal/feed.js';
import { readEntries, readHead } from '../../src/journal/read.js';
import { silent } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { readFeed } from '../harness/feed-reader.js';
import { eventually } from '../harness/wait.js';

const WRITERS = 8;
const ROUNDS = 60;

const server = ownDatabase();

const entry = (label: string): NewEntry => ({
  type: 'VOLUME_CREATED',
  source: 'ENGINE',
  occurredAt: Date.now(),
  host: { id: '0190a0a0-0000-7000-8000-000000000000', name: 'alpha' },
  attributes: { label },
});

/** Writers that take their time between the first write and the commit, as real transactions do. */
async function writeAtOnce(append: (label: string) => Promise<void>): Promise<string[]> {
  const labels = Array.from({ length: WRITERS }, (_, writer) => Array.from({ length: ROUNDS }, (__, round) => `${String(writer)}-${String(round)}`));
  await Promise.all(
    labels.map(async (own) => {
      for (const label of own) await append(label);
    }),
  );
  return labels.flat();
}

/** A reader that goes on from the newest position it has seen, while the writers write. */
function readAlong(start: bigint): { stop: () => Promise<string[]> } {
  const stopping = new AbortController();
  const running = (async () => {
    const seen: string[] = [];
    let position = start;
    for (;;) {
      const last = stopping.signal.aborted;
      for (const found of await readEntries(server.database.readRows, position, 1_000)) {
        seen.push((found.attributes as { label: string }).label);
        position = found.position;
      }
      if (last) return seen;
    }
  })();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

test('a reader that goes by cursor finds every entry of eight writers, each once', async () => {
  const reader = readAlong(await readHead(server.database.readRows));
  const written = await writeAtOnce((label) =>
    server.database.$transaction(async (transaction) => {
      await transaction.$executeRaw`select pg_current_xact_id()`;
      await delay(Math.random() * 4);
      await appendEntries(transaction, [entry(label)]);
    }),
  );
  expect((await reader.stop()).sort()).toEqual(written.sort());
});

test('the same reader loses entries when positions are given without the lock, so that the test above can fail', async () => {
  const reader = readAlong(await readHead(server.database.readRows));
  const written = await writeAtOnce((label) =>
    server.database.$transaction(async (transaction) => {
      const attributes = JSON.stringify({ label });
      await transaction.$executeRaw(
        Prisma.sql`insert into journal (type, source, occurred_at, attributes) values ('VOLUME_CREATED', 'ENGINE', now(), ${attributes}::jsonb)`,
      );
      await delay(Math.random() * 4);
    }),
  );
  expect((await reader.stop()).length).toBeLessThan(written.length);
});

test('entries of one commit keep their order', async () => {
  const head = await readHead(server.database.readRows);
  const labels = Array.from({ length: 500 }, (_, index) => String(index));
  await server.database.$transaction((transaction) => appendEntries(transaction, labels.map(entry)));
  expect((await readEntries(server.database.readRows, head, 1_000)).map(({ attributes }) => (attributes as { label: string }).label)).toEqual(labels);
});

async function startFeed() {
  const control = new ControlConnection(server.url, silent);
  const feed = new JournalFeed(server.database, control, silent);
  await control.start();
  await feed.start();
  const stop = async () => {
    await feed.stop();
    await control.stop();
  };
  return { feed, stop };
}

describe('the feed', () => {
  test('brings a subscriber that comes back everything after its cursor, from the database and from memory alike, then what is live', async () => {
    const head = await readHead(server.database.readRows);
    await server.database.$transaction((transaction) =>
      appendEntries(
        transaction,
        Array.from({ length: 700 }, (_, index) => entry(`old-${String(index)}`)),
      ),
    );
    const { feed, stop } = await startFeed();
    const reader = readFeed(feed, head);
    const seen = () => reader.seen.map(({ attributes }) => (attributes as { label: string }).label);
    await eventually(
      () => {
        expect(seen()).toHaveLength(700);
      },
      { what: 'the old ones are delivered' },
    );
    for (let index = 0; index < 20; index += 1) {
      await server.database.$transaction((transaction) => appendEntries(transaction, [entry(`new-${String(index)}`)]));
    }
    await eventually(
      () => {
        expect(seen()).toHaveLength(720);
      },
      { what: 'the new ones are delivered' },
    );
    expect(seen()).toEqual([
      ...Array.from({ length: 700 }, (_, index) => `old-${String(index)}`),
      ...Array.from({ length: 20 }, (_, index) => `new-${String(index)}`),
    ]);
    await stop();
  });

  test('goes on when its connection that listens is cut', async () => {
    const { feed, stop } = await startFeed();
    const reader = readFeed(feed, feed.position);
    const cut = async () =>
      server.database.$queryRaw<{ cut: boolean }[]>(
        Prisma.sql`select pg_terminate_backend(pid) as cut from pg_stat_activity where application_name = 'stowage control'`,
      );
    await eventually(
      async () => {
        expect(await cut()).toHaveLength(1);
      },
      { what: 'the connection is cut' },
    );
    await server.database.$transaction((transaction) => appendEntries(transaction, [entry('after the cut')]));
    await eventually(
      () => {
        expect(reader.seen).toMatchObject([{ attributes: { label: 'after the cut' } }]);
      },
      { what: 'what is new is delivered' },
    );
    await stop();
  });
});
