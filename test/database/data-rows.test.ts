import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import pg from 'pg';
import { RowClient, RowQuery, takeRows } from '../../src/database/data-rows.js';
import { Prisma } from '../../src/database/client.js';
import { FairTurns } from '../../src/fair-turns.js';
import { makeReadRows, type ReadRows } from '../../src/database/read-rows.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { proveNothingIsLeft } from '../harness/stand.js';

const STATEMENT_TIMEOUT_MS = 500;

let server: TestDatabase;
let pool: pg.Pool;
let readRows: ReadRows;
const reading = () => ({ statementTimeoutMs: STATEMENT_TIMEOUT_MS, waitMs: STATEMENT_TIMEOUT_MS, turns: new FairTurns({ atOnce: 10 }) });

beforeAll(async () => {
  server = await startDatabase();
  pool = new pg.Pool({ connectionString: server.url, Client: RowClient, max: 2, statement_timeout: STATEMENT_TIMEOUT_MS });
  pool.on('error', () => undefined);
  readRows = makeReadRows(pool, reading());
});

afterAll(async () => {
  await pool.end();
  await server.stop();
  await proveNothingIsLeft();
});

/** The rows as node-postgres reads them by itself. */
async function readPlainly(text: string): Promise<unknown[]> {
  return (await pool.query<Record<string, unknown>>(text)).rows;
}

test('values of every kind are those that node-postgres reads, but bigint is BigInt', async () => {
  const text = `select 'plain' as a, ''::text as b, null::text as c, 'grün 🚢'::varchar as d, true as e, false as f, 42 as g, 1.5::float8 as h,
    '2026-01-31 08:15:30+00'::timestamptz as i, '2026-01-31 08:15:30.123+00'::timestamptz as j, '0044-03-15 12:00:00+00 BC'::timestamptz as k,
    'infinity'::timestamptz as l, '{"a": [1, "é"]}'::jsonb as m, array['x', null, 'ü,"'] as n, '\\xdead'::bytea as o, 'IDLE'::"VolumeState" as p,
    '01890a5d-ac96-774b-bcce-b302099a8057'::uuid as q, 12.50::numeric as r`;
  for (const prepared of [false, true, true]) {
    expect(await readRows(Prisma.raw(text), { prepared })).toEqual(await readPlainly(text));
    expect(await readRows(Prisma.sql`select ${9_007_199_254_740_993n}::int8 as "big", ${-1n}::int8 as "small"`, { prepared })).toEqual([
      { big: 9_007_199_254_740_993n, small: -1n },
    ]);
  }
});

test('texts of any characters and lengths come back as they were sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.string({ unit: 'grapheme', maxLength: 300 }).map((text) => text.replaceAll('\0', ''))), { maxLength: 20 }),
      async (texts) => {
        const rows = await readRows<{ text: string | null }>(Prisma.sql`select unnest(${texts}::text[]) as text`, { prepared: true });
        expect(rows.map(({ text }) => text)).toEqual(texts);
      },
    ),
    { numRuns: 200 },
  );
});

test('names with dots make inner objects, which are null when their first column is and they may be missing', async () => {
  const statement = Prisma.sql`select 1 as "id", 'h' as "host.name", m.id as "mount?.id", 'c' as "mount?.container.name" from (values (1), (null)) as m (id)`;
  expect(await readRows(statement)).toEqual([
    { id: 1, host: { name: 'h' }, mount: { id: 1, container: { name: 'c' } } },
    { id: 1, host: { name: 'h' }, mount: null },
  ]);
});

test('more rows than fit into one piece of the connection come whole and in order', async () => {
  const rows = await readRows<{ n: number; text: string }>(Prisma.sql`select n, repeat('ab', n % 3000) as text from generate_series(1, 3000) as n`);
  expect(rows.map(({ n, text }) => [n, text.length])).toEqual(Array.from({ length: 3_000 }, (_, index) => [index + 1, ((index + 1) % 3_000) * 2]));
});

test('a statement that fails is told, before its first row and after it, and the next one is answered', async () => {
  await expect(readRows(Prisma.sql`select * from nowhere`)).rejects.toMatchObject({ code: '42P01' });
  await expect(readRows(Prisma.sql`select 1 / (5 - n) from generate_series(1, 9) as n`, { prepared: true })).rejects.toMatchObject({ code: '22012' });
  await expect(readRows(Prisma.sql`select ${'x'}::int4`, { prepared: true })).rejects.toMatchObject({ code: '22P02' });
  expect(await readRows(Prisma.sql`select 1 as one`)).toEqual([{ one: 1 }]);
});

test('a parameter that cannot be written is told, and the connection goes on', async () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  await expect(readRows(Prisma.sql`select ${circle}::jsonb`, { prepared: true })).rejects.toThrow(/circular/i);
  expect(await readRows(Prisma.sql`select 1 as one`)).toEqual([{ one: 1 }]);
});

test('a statement that takes too long is a limit that was exceeded', async () => {
  await expect(readRows(Prisma.sql`select pg_sleep(30)::text`)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  expect(await readRows(Prisma.sql`select 1 as one`)).toEqual([{ one: 1 }]);
});

test('a connection that is ended in the middle is told, and another one takes its place', async () => {
  const cut = expect(readRows(Prisma.sql`select pg_terminate_backend(pg_backend_pid())`)).rejects.toMatchObject({ code: '57P01' });
  await cut;
  expect(await readRows(Prisma.sql`select 1 as one`)).toEqual([{ one: 1 }]);
});

test('a connection that breaks without a word is told to the statement on it only', async () => {
  const breaking = new pg.Pool({ connectionString: server.url, Client: RowClient, max: 1 });
  breaking.on('acquire', (client) => {
    const { connection } = client as unknown as { readonly connection: { readonly stream: Duplex } };
    setImmediate(() => connection.stream.destroy(new Error('broken')));
  });
  await expect(makeReadRows(breaking, reading())(Prisma.sql`select pg_sleep(0.4)::text`)).rejects.toThrow(/broken/);
  await breaking.end();
});

test('statements that node-postgres runs itself get their rows on the same connections', async () => {
  const both = Array.from({ length: 40 }, async (_, index) => {
    const rows = index % 2 === 0 ? readRows(Prisma.sql`select ${index}::int4 as n`, { prepared: true }) : pool.query('select $1::int4 as n', [index]);
    const answer = await rows;
    expect('rows' in answer ? answer.rows : answer).toEqual([{ n: index }]);
  });
  await Promise.all(both);
});

/** A message of the protocol: a letter, the length of what follows with itself, and that. */
function message(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(type), length, content]);
}

test('rows are told from other messages, whatever pieces the bytes come in', () => {
  const messages = fc.array(
    fc.record({ type: fc.constantFrom('D', 'D', 'C', 'Z', '2', 'N'), content: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 }), fc.boolean(), (sent, sizes, isTaken) => {
      const stream = Buffer.concat(sent.map(({ type, content }) => message(type, content)));
      const heard: Buffer[] = [];
      const taker = {
        takeRows: (bytes: Buffer, from: number, end: number) => {
          expect(String.fromCharCode(bytes[from] ?? 0)).toBe('D');
          heard.push(Buffer.from(bytes.subarray(from, end)));
        },
      };
      const others: Buffer[] = [];
      const hear = takeRows(
        () => (isTaken ? taker : undefined),
        (bytes) => {
          heard.push(Buffer.from(bytes));
          others.push(Buffer.from(bytes));
        },
      );
      let at = 0;
      for (let turn = 0; at < stream.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        hear(stream.subarray(at, at + size));
        at += size;
      }
      const wanted = sent.filter(({ type }) => !isTaken || type !== 'D').map(({ type, content }) => message(type, content));
      expect(Buffer.concat(others).equals(Buffer.concat(wanted))).toBe(true);
      expect(Buffer.concat(heard).equals(stream)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('a column that has become of another type is read as that on a new connection', async () => {
  const statement = Prisma.sql`select value as "value" from changing`;
  await pool.query('create table changing (value int4)');
  await pool.query('insert into changing values (7)');
  expect(await readRows(statement, { prepared: true })).toEqual([{ value: 7 }]);
  await pool.query('alter table changing alter column value type int8');
  const ends = Array.from({ length: 4 }, () => readRows(statement, { prepared: true }).catch(() => undefined));
  await Promise.all(ends);
  expect(await readRows(statement, { prepared: true })).toEqual([{ value: 7n }]);
  await pool.query('drop table changing');
});

test('rows that nobody described fail the statement, and nothing else', () => {
  const ends: unknown[] = [];
  const query = new RowQuery(
    { name: '', text: 'select 1' },
    [],
    () => (values) => values,
    (error) => ends.push(error),
  );
  const row = message('D', Buffer.from([0, 0]));
  query.takeRows(row, 0, row.length);
  query.handleReadyForQuery(new pg.Connection());
  expect(ends).toEqual([expect.objectContaining({ message: 'rows came that nobody described' })]);
});
