import type net from 'node:net';
import { v7 as newId } from 'uuid';
import { Prisma } from '../../src/database/client.js';
import { batchesOf, type Batch, type Outlet } from '../../src/graphql/live/batch.js';
import { journal } from '../harness/journal-writer.js';
import { dial, LIVE_TOKEN, startLiveStand, type LiveStand, type RawClient } from '../harness/live-stand.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

/** Events in the journal from before the gateway's part is started; it keeps the newest 5,000 in memory. */
const OLD = 6_500;

let stand: LiveStand;

beforeAll(async () => {
  stand = await startLiveStand(1_500, async (database) => {
    await database.$executeRaw(Prisma.sql`
      insert into journal (type, source, occurred_at, volume_name, attributes)
      select 'VOLUME_CREATED', 'ENGINE', now(), 'old-' || n, '{}' from generate_series(1, ${OLD}) as n order by n`);
  });
});

afterAll(async () => {
  await stand.stop();
  await proveNothingIsLeft();
});

const INIT = { type: 'connection_init', payload: { authorization: LIVE_TOKEN } };
const QUERY = 'subscription ($after: String) { events(after: $after) { cursor volumeName } }';
const subscribe = (id: string, query = QUERY, variables = {}) => ({ id, type: 'subscribe', payload: { query, variables } });
const volumesOf = (told: RawClient['told'], id: string) =>
  told.flatMap((message) =>
    message.type === 'next' && message.id === id ? [(message.payload as { data: { events: { volumeName: string } } }).data.events.volumeName] : [],
  );

async function isTold(client: RawClient, messages: unknown): Promise<void> {
  await eventually(
    () => {
      expect(client.told).toMatchObject(messages as unknown[]);
    },
    { what: 'it is told' },
  );
}

async function signIn(): Promise<RawClient> {
  const client = await dial(stand.url);
  client.send(INIT);
  await isTold(client, [{ type: 'connection_ack' }]);
  return client;
}

/** Waits until subscriptions are live: events are made until each has heard one. */
async function areLive(client: RawClient, ids: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      await journal(stand.database, ['begun']);
      for (const id of ids) expect(volumesOf(client.told, id)).toContain('begun');
    },
    { what: 'subscriptions are live' },
  );
}

describe('what closes a connection, by the protocol', () => {
  const ACK = { type: 'connection_ack' };
  test.each<[string, number, string, readonly unknown[]]>([
    ['what is no JSON', 4400, 'Invalid message', ['nonsense']],
    ['half a message', 4400, 'Invalid message', ['{"type":"connection_init"']],
    ['a message of no type', 4400, 'Invalid message', ['[]']],
    ['a message of a type that there is not', 4400, 'Invalid message', [{ type: 'start' }]],
    ['a subscription without an id', 4400, 'Invalid message', [INIT, { type: 'subscribe', payload: { query: QUERY } }]],
    ['a subscription without a document', 4400, 'Invalid message', [INIT, { id: '1', type: 'subscribe', payload: {} }]],
    ['an end without an id', 4400, 'Invalid message', [INIT, { type: 'complete' }]],
    ['an id that is too long', 4400, 'at most 256 characters', [INIT, ACK, subscribe('x'.repeat(257))]],
    ['a subscription before it is let in', 4401, 'Unauthorized', [subscribe('1')]],
    ['a subscription right behind what signs in', 4401, 'Unauthorized', [INIT, subscribe('1')]],
    ['a wrong token', 4403, 'Forbidden', [{ type: 'connection_init', payload: { authorization: 'Bearer of nothing' } }]],
    ['no token', 4403, 'Forbidden', [{ type: 'connection_init' }]],
    ['an id that is in use', 4409, 'already exists', [INIT, ACK, subscribe('1'), subscribe('1')]],
    ['an id that is in use, of an end that has not come', 4409, 'already exists', [INIT, ACK, subscribe('1'), { id: '1', type: 'complete' }, subscribe('1')]],
    ['signing in twice', 4429, 'Too many', [INIT, INIT]],
    ['signing in again', 4429, 'Too many', [INIT, ACK, INIT]],
    ['much before signing in, in small messages', 1009, 'before anything else', Array(70).fill({ type: 'pong', payload: { long: 'x'.repeat(1_000) } })],
  ])('%s: %i', async (_what, code, reason, messages) => {
    const client = await dial(stand.url);
    for (const message of messages) {
      if (message === ACK) await isTold(client, [ACK]);
      else client.send(message);
    }
    expect(await client.closed).toEqual({ code, reason: expect.stringContaining(reason) as string });
  });

  test('another subprotocol: 4406', async () => {
    const client = await dial(stand.url, '');
    expect(await client.closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
  });
});

test('pings of the protocol are answered with what they carry, before and after signing in; pongs are not', async () => {
  const client = await dial(stand.url);
  client.send({ type: 'ping' });
  client.send({ type: 'pong', payload: { a: 1 } });
  client.send(INIT);
  await isTold(client, [{ type: 'pong' }, { type: 'connection_ack' }]);
  client.send({ type: 'ping', payload: { a: 1 } });
  await isTold(client, [{ type: 'pong' }, { type: 'connection_ack' }, { type: 'pong', payload: { a: 1 } }]);
  await client.end();
});

test('a refused subscription is an error for its id, and the connection and the id can be used again', async () => {
  const client = await signIn();
  client.send(subscribe('1', 'subscription { nonsense }'));
  await isTold(client, [{ type: 'connection_ack' }, { id: '1', type: 'error', payload: [{ extensions: { code: 'BAD_USER_INPUT' } }] }]);
  client.send(subscribe('1'));
  await areLive(client, ['1']);
  await client.end();
});

test('who ends a subscription hears nothing more of it, is told no end, and may use the id again', async () => {
  const client = await signIn();
  client.send(subscribe('1'));
  client.send(subscribe('2'));
  await areLive(client, ['1', '2']);
  client.send({ id: '1', type: 'complete' });
  client.send({ type: 'ping' });
  await eventually(
    () => {
      expect(client.told).toContainEqual({ type: 'pong' });
    },
    { what: 'the end has arrived' },
  );
  await journal(stand.database, ['later']);
  await eventually(
    () => {
      expect(volumesOf(client.told, '2')).toContain('later');
    },
    { what: 'the other one goes on' },
  );
  expect(volumesOf(client.told, '1')).not.toContain('later');
  expect(client.told.map(({ type }) => type)).not.toContain('complete');
  client.send(subscribe('1'));
  await eventually(
    async () => {
      await journal(stand.database, ['again']);
      expect(volumesOf(client.told, '1')).toContain('again');
    },
    { what: 'the id is used again' },
  );
  await client.end();
});

test('a client that does not answer pings is cut off; one that does stays', async () => {
  const silentOne = await dial(stand.url, undefined, { autoPong: false });
  const other = await dial(stand.url);
  for (const client of [silentOne, other]) client.send(INIT);
  expect((await silentOne.closed).code).toBe(1006);
  expect(other.socket.readyState).toBe(other.socket.OPEN);
  await other.end();
});

test('a client that sends and never reads is closed before its answers fill the memory', async () => {
  const client = await signIn();
  const raw = (client.socket as unknown as { _socket: net.Socket })._socket;
  raw.pause();
  const ping = { type: 'ping', payload: { text: 'x'.repeat(50_000) } };
  // More than the kernel's buffers of both sides hold.
  for (let index = 0; index < 400; index += 1) client.send(ping);
  await eventually(
    () => {
      expect(client.socket.bufferedAmount).toBe(0);
    },
    { what: 'all of it was taken' },
  );
  raw.resume();
  expect(await client.closed).toEqual({ code: 4413, reason: expect.stringContaining('more slowly') as string });
});

test('a document that is too long, with its variables, is refused, and a long one counts for several', async () => {
  const client = await signIn();
  client.send(subscribe('1', `${QUERY} # ${'x'.repeat(20_000)}`));
  client.send(subscribe('2', QUERY, { after: 'x'.repeat(20_000) }));
  await isTold(client, [
    { type: 'connection_ack' },
    { id: '1', type: 'error', payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] },
    { id: '2', type: 'error', payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] },
  ]);
  // 10 each, of 100 on one connection.
  for (let id = 0; id < 12; id += 1) client.send(subscribe(`long-${String(id)}`, `${QUERY} # ${'x'.repeat(19_000)}`));
  await eventually(
    () => {
      expect(client.told.filter(({ id, type }) => id?.startsWith('long') === true && type === 'error')).toHaveLength(2);
    },
    { what: 'two of them are refused' },
  );
  await client.end();
});

test('who asks for hundreds of subscriptions at once, whose messages would all be kept, is closed and may come again', async () => {
  const client = await signIn();
  for (let id = 0; id < 2_000; id += 1) client.send(subscribe(`at-once-${String(id)}`, `${QUERY} # ${'x'.repeat(1_000)}`));
  expect(await client.closed).toEqual({ code: 1013, reason: 'Too many subscriptions were asked for at once' });
});

/** What a subscriber without a transport was told. */
class Ear implements Outlet {
  readonly positions: bigint[] = [];
  readonly texts: string[] = [];
  isDrained = true;

  write(batch: Batch, from: number): void {
    for (const { position, json } of batch.answers.slice(from)) {
      this.positions.push(position);
      this.texts.push(json);
    }
  }

  onceDrained(): void {
    // Never: whoever does not read is asked for no more.
  }
}

test('50 who come back at once with one cursor have the journal read once for all of them, with none lost and none twice', async () => {
  stand.statements.length = 0;
  const ears = Array.from({ length: 50 }, () => new Ear());
  const started = await Promise.all(ears.map((ear) => stand.subscribe(QUERY, { after: 'j0' }, ear)));
  for (let round = 0; round < 5; round += 1) await journal(stand.database, ['now', 'now']);
  const head = (await stand.database.journalEntry.findFirstOrThrow({ orderBy: { position: 'desc' } })).position;
  const all = Array.from({ length: Number(head) }, (_, index) => BigInt(index + 1));
  await eventually(
    () => {
      for (const ear of ears) expect(ear.positions).toHaveLength(all.length);
    },
    { what: 'all have everything', timeoutMs: 30_000 },
  );
  for (const ear of ears) expect(ear.positions.every((position, index) => position === all[index])).toBe(true);
  // What is older than the newest 5,000, in pages of 200, with a look at what was trimmed for each; the rest is in memory. The
  // feed reads what is new: once for each commit at most, and once a second.
  const reads = stand.statements.filter((sql) => /from journal where position > \$1 and position <=/.test(sql)).length;
  expect(reads).toBeGreaterThan(0);
  expect(reads).toBeLessThanOrEqual(Math.ceil((OLD - 5_000) / 200) + 2);
  for (const { end } of started) end();
});

test('for who comes back and does not read, no more than one part of a page is sent', async () => {
  const head = (await stand.database.journalEntry.findFirstOrThrow({ orderBy: { position: 'desc' } })).position;
  const stuck = new Ear();
  stuck.isDrained = false;
  const reading = new Ear();
  await journal(
    stand.database,
    Array.from({ length: 60 }, (_, index) => `wide-${String(index)}`),
    { attributes: { text: 'x'.repeat(10_000) } },
  );
  const wide = 'subscription ($after: String) { events(after: $after) { attributes } }';
  const after = `j${String(head)}`;
  const started = [await stand.subscribe(wide, { after }, reading)];
  const hasAll = () =>
    eventually(
      () => {
        expect(reading.positions).toHaveLength(60);
      },
      { what: 'who reads has everything' },
    );
  await hasAll();
  // What there is was handed out: those who come now have to catch up.
  reading.positions.length = 0;
  started.push(await stand.subscribe(wide, { after }, stuck), await stand.subscribe(wide, { after }, reading));
  await hasAll();
  expect(stuck.texts.join('').length).toBeLessThan(80_000);
  expect(stuck.positions.length).toBeGreaterThan(0);
  for (const { end } of started) end();
});

test('answers are cut into batches of a bounded length, in order, with none left out', () => {
  const answers = Array.from({ length: 50 }, (_, index) => ({ position: BigInt(index), cursor: undefined, json: 'x'.repeat(index === 20 ? 200_000 : 10_000) }));
  const batches = batchesOf(answers);
  expect(batches.flatMap((batch) => batch.answers)).toEqual(answers);
  for (const { answers: some } of batches) expect(some.length === 1 || some.length <= 6).toBe(true);
  expect(batchesOf([])).toEqual([]);
});

describe('an operation that is followed', () => {
  const FOLLOW = 'subscription ($id: ID!) { operation(id: $id) { state bytesDone } }';
  const statesOf = (ear: Ear) => ear.texts.map((text) => (JSON.parse(text) as { data: { operation: { state: string } } }).data.operation.state);
  const add = () => stand.database.operation.create({ data: { id: newId(), kind: 'MEASURE', state: 'RUNNING', requestedBy: 'test' } });

  test('is read once for all who follow it, told at once to who comes later, and ends with it', async () => {
    const { id } = await add();
    const ears = Array.from({ length: 20 }, () => new Ear());
    const started = await Promise.all(ears.map((ear) => stand.subscribe(FOLLOW, { id: `Operation:${id}` }, ear)));
    await eventually(
      () => {
        for (const ear of ears) expect(statesOf(ear)).toEqual(['RUNNING']);
      },
      { what: 'all are told how it is' },
    );
    stand.statements.length = 0;
    await stand.database.operation.update({ where: { id }, data: { bytesDone: 5n } });
    await eventually(
      () => {
        for (const ear of ears) expect(ear.texts.at(-1)).toContain('"bytesDone":5');
      },
      { what: 'all are told of the change' },
    );
    const looks = stand.statements.filter((sql) => sql.includes('operation')).length;
    expect(looks).toBeLessThan(ears.length);
    const later = new Ear();
    const last = await stand.subscribe(FOLLOW, { id: `Operation:${id}` }, later);
    expect(later.texts).toEqual([ears[0]?.texts.at(-1)]);
    await stand.database.operation.update({ where: { id }, data: { state: 'SUCCEEDED', finishedAt: new Date() } });
    await Promise.all([last, ...started].map(({ ended }) => ended));
    for (const ear of [later, ...ears]) expect(statesOf(ear).at(-1)).toBe('SUCCEEDED');
  });

  test('is not looked at any more when nobody follows it', async () => {
    const { id } = await add();
    const ear = new Ear();
    const { end, ended } = await stand.subscribe(FOLLOW, { id: `Operation:${id}` }, ear);
    await eventually(
      () => {
        expect(ear.texts).toHaveLength(1);
      },
      { what: 'it is told' },
    );
    end();
    await ended;
    stand.statements.length = 0;
    // Another one that is followed shows what the looks ask for.
    const other = await add();
    const others = new Ear();
    const following = await stand.subscribe(FOLLOW, { id: `Operation:${other.id}` }, others);
    await stand.database.operation.update({ where: { id }, data: { state: 'SUCCEEDED' } });
    await stand.database.operation.update({ where: { id: other.id }, data: { state: 'FAILED' } });
    await following.ended;
    expect(statesOf(others).at(-1)).toBe('FAILED');
    const looks = stand.statements.filter((sql) => sql.includes('from operation '));
    expect(looks.filter((sql) => sql.includes(other.id)).length).toBeGreaterThan(1);
    expect(looks.filter((sql) => sql.includes(id))).toEqual([]);
    expect(ear.texts).toHaveLength(1);
  });

  test('that there is not is refused', async () => {
    await expect(stand.subscribe(FOLLOW, { id: `Operation:${newId()}` }, new Ear())).rejects.toThrow('There is no such operation');
  });
});
