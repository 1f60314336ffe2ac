import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client as UrqlClient, fetchExchange, gql as urqlGql, subscriptionExchange } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient, type Client } from 'graphql-ws';
import pg from 'pg';
import WebSocket from 'ws';
import { StowageClient } from '../../src/client/client.js';
import type { Database } from '../../src/database/client.js';
import { INTERPRETED_RUNS } from '../../src/graphql/compile.js';
import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { addToken } from '../harness/access-tokens.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startFaultProxy } from '../harness/fault-proxy.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { journal, lastCursor, names } from '../harness/journal-writer.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

let server: TestDatabase;
let database: Database;
let gateway: TestGateway;

const environment = () => ({
  DATABASE_URL: server.url,
  STOWAGE_SECRET_KEY: 'one secret of all gateways here',
  STOWAGE_MAX_CONNECTIONS: '300',
  STOWAGE_MAX_SUBSCRIPTIONS: '400',
  STOWAGE_MAX_WAITING_BYTES: '50000',
});

beforeAll(async () => {
  server = await startDatabase();
  ({ database } = server);
  gateway = await startGateway({ environment: environment() });
});

afterAll(async () => {
  await gateway.stop();
  await server.stop();
  await proveNothingIsLeft();
});

const authorization = `Bearer ${TEST_SECRET}`;
const wsUrl = () => `${gateway.url.replace('http', 'ws')}/graphql`;
const QUERY = 'subscription ($after: String, $filter: EventFilter) { events(after: $after, filter: $filter) { cursor volumeName } }';

interface Told {
  readonly events: { readonly cursor: string; readonly volumeName: string };
}

/** Listens with a graphql-ws client. */
function listen(client: Client, variables: Record<string, unknown>, query = QUERY) {
  const heard: Told['events'][] = [];
  const problems: unknown[] = [];
  const end = client.subscribe<Told>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors !== undefined) problems.push(...errors);
        if (data !== null && data !== undefined) heard.push(data.events);
      },
      error: (error) => problems.push(error),
      complete: () => undefined,
    },
  );
  return { heard, problems, end, volumes: () => heard.map(({ volumeName }) => volumeName) };
}

const hears = (told: () => readonly string[], wanted: readonly string[]) =>
  eventually(
    () => {
      expect(told()).toEqual(wanted);
    },
    { what: `${String(wanted.length)} events are heard` },
  );

test('the first events of a subscription and those after them, for which it is compiled, are answered alike, errors as well', async () => {
  const host = await addHost(database, { id: newHostId(), name: 'alike', endpoint: 'unix:///nowhere.sock', labels: { a: 'b' }, credentials: null }, 'test');
  await database.host.update({ where: { id: host.id }, data: { enabled: false, status: 'DISABLED' } });
  const query = `subscription Alike($not: Boolean!, $after: String) {
    told: events(after: $after) { __typename type volumeName @skip(if: $not) ...More volume { id } attributes }
  }
  fragment More on LifecycleEvent { host { name labels { key value } volumes(after: "nonsense") { totalCount } } }`;
  const client = createClient({ url: wsUrl(), webSocketImpl: WebSocket, connectionParams: { authorization }, retryAttempts: 0 });
  const heard: string[] = [];
  client.subscribe(
    { query, variables: { not: false, after: await lastCursor(database) } },
    { next: (result) => heard.push(JSON.stringify(result)), error: (error) => heard.push(String(error)), complete: () => undefined },
  );
  for (let count = 1; count <= INTERPRETED_RUNS + 2; count += 1) {
    await journal(database, ['same'], { host: { id: host.id, name: host.name } });
    await eventually(
      () => {
        expect(heard).toHaveLength(count);
      },
      { what: `event ${String(count)} is heard` },
    );
  }
  expect(heard).toEqual(heard.map(() => heard[0]));
  expect(JSON.parse(heard[0] ?? '')).toMatchObject({
    data: { told: { __typename: 'LifecycleEvent', volumeName: 'same' } },
    errors: [{ path: ['told', 'host', 'volumes'], extensions: { code: 'BAD_USER_INPUT' } }],
  });
  await client.dispose();
});

describe('clients as they are, unchanged', () => {
  test("Apollo Client's link", async () => {
    const socketClient = createClient({ url: wsUrl(), webSocketImpl: WebSocket, connectionParams: { authorization }, retryAttempts: 0 });
    const apollo = new ApolloClient({ link: new GraphQLWsLink(socketClient), cache: new InMemoryCache() });
    const heard: string[] = [];
    const after = await lastCursor(database);
    const subscription = apollo
      .subscribe<Told>({ query: gql(QUERY), variables: { after } })
      .subscribe({ next: ({ data }) => heard.push(data?.events.volumeName ?? '') });
    await journal(database, ['apollo-0', 'apollo-1']);
    await hears(() => heard, ['apollo-0', 'apollo-1']);
    subscription.unsubscribe();
    apollo.stop();
    await socketClient.dispose();
  });

  test("urql's exchange", async () => {
    const socketClient = createClient({ url: wsUrl(), webSocketImpl: WebSocket, connectionParams: { authorization }, retryAttempts: 0 });
    const urql = new UrqlClient({
      url: `${gateway.url}/graphql`,
      preferGetMethod: false,
      exchanges: [
        subscriptionExchange({
          forwardSubscription: ({ query, variables }) => ({
            subscribe: (sink) => ({
              unsubscribe: socketClient.subscribe(
                { query: query ?? '', variables: variables as Record<string, unknown> },
                // As urql's documentation has it, but for a stricter notion of what may be left out.
                sink as Parameters<typeof socketClient.subscribe>[1],
              ),
            }),
          }),
        }),
      ],
    });
    const heard: string[] = [];
    const after = await lastCursor(database);
    const subscription = urql.subscription<Told>(urqlGql(QUERY), { after }).subscribe(({ data }) => heard.push(data?.events.volumeName ?? ''));
    await journal(database, ['urql-0', 'urql-1']);
    await hears(() => heard, ['urql-0', 'urql-1']);
    subscription.unsubscribe();
    await socketClient.dispose();
  });

  test('urql with nothing but its fetch exchange, which asks by POST and subscribes by Server-Sent Events', async () => {
    const urql = new UrqlClient({
      url: `${gateway.url}/graphql`,
      preferGetMethod: false,
      fetchOptions: { headers: { authorization } },
      fetchSubscriptions: true,
      exchanges: [fetchExchange],
    });
    expect(await urql.query(urqlGql`{ viewer { role } }`, {}).toPromise()).toMatchObject({ data: { viewer: { role: 'ADMIN' } }, error: undefined });
    expect(await urql.mutation(urqlGql`mutation { removeHost(input: { name: "none" }) { removed } }`, {}).toPromise()).toMatchObject({
      error: { graphQLErrors: [{ extensions: { code: 'NOT_FOUND' } }] },
    });
    const heard: string[] = [];
    const subscription = urql
      .subscription<Told>(urqlGql(QUERY), { after: await lastCursor(database) })
      .subscribe(({ data }) => heard.push(data?.events.volumeName ?? ''));
    await journal(database, ['fetched-0', 'fetched-1']);
    await hears(() => heard, ['fetched-0', 'fetched-1']);
    subscription.unsubscribe();
  });

  test("graphql-sse's client, over Server-Sent Events", async () => {
    const client = createSseClient({ url: `${gateway.url}/graphql`, headers: { authorization }, retryAttempts: 0 });
    const heard: string[] = [];
    const end = client.subscribe<Told>(
      { query: QUERY, variables: { after: await lastCursor(database) } },
      { next: ({ data }) => heard.push(data?.events.volumeName ?? ''), error: () => undefined, complete: () => undefined },
    );
    await journal(database, ['sse-0', 'sse-1']);
    await hears(() => heard, ['sse-0', 'sse-1']);
    end();
    client.dispose();
  });
});

test('subscribers of one group with ids of any length are each told with their own', async () => {
  const after = await lastCursor(database);
  const socket = new WebSocket(wsUrl(), 'graphql-transport-ws');
  const told: { id?: string; type: string; payload?: { data?: Told } }[] = [];
  socket.on('message', (data: Buffer) => told.push(JSON.parse(data.toString()) as (typeof told)[number]));
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  await eventually(
    () => {
      expect(told).toHaveLength(1);
    },
    { what: 'it is told' },
  );
  const ids = ['a', 'b', 'dé"\n', 'x'.repeat(200), '{"id":'];
  for (const id of ids) socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: QUERY, variables: { after } } }));
  await journal(database, names('own', 3));
  await eventually(
    () => {
      expect(told).toHaveLength(1 + 3 * ids.length);
    },
    { what: 'it is told' },
  );
  for (const id of ids) {
    expect(told.filter((message) => message.id === id).map(({ payload }) => payload?.data?.events.volumeName)).toEqual(names('own', 3));
  }
  socket.close();
  await once(socket, 'close');
});

test('what comes back at many cursors, in the middle of a burst, gets everything once and in order, then what is live', async () => {
  const start = await lastCursor(database);
  await journal(database, names('back', 700));
  const first = Number(start.slice(1));
  const socketClient = () =>
    createClient({ url: wsUrl(), webSocketImpl: WebSocket, connectionParams: { authorization }, retryAttempts: 0, lazyCloseTimeout: 0 });
  const clients = Array.from({ length: 30 }, socketClient);
  const starts = clients.map((_, index) => (index % 3 === 0 ? 0 : (index * 37) % 650));
  const listeners = clients.map((client, index) => listen(client, { after: `j${String(first + (starts[index] ?? 0))}` }));
  for (let round = 0; round < 10; round += 1) await journal(database, names(`live-${String(round)}`, 7));
  const all = [...names('back', 700), ...names('', 10).flatMap((_, round) => names(`live-${String(round)}`, 7))];
  for (const [index, { volumes }] of listeners.entries()) await hears(volumes, all.slice(starts[index]));
  for (const client of clients) await client.dispose();
}, 30_000);

test('who asks the same with another filter is told only what that takes', async () => {
  const after = await lastCursor(database);
  const client = gateway.client();
  const one = listen(client, { after, filter: { volume: 'pick-1' } });
  const types = listen(client, { after, filter: { types: ['VOLUME_REMOVED'] } });
  const all = listen(client, { after });
  await journal(database, names('pick', 3));
  await journal(database, ['pick-1'], { type: 'VOLUME_REMOVED' });
  await hears(all.volumes, [...names('pick', 3), 'pick-1']);
  expect(one.volumes()).toEqual(['pick-1', 'pick-1']);
  expect(types.volumes()).toEqual(['pick-1']);
});

test('variables inside the selection are not mixed up between subscribers', async () => {
  const after = await lastCursor(database);
  const query = 'subscription ($after: String, $with: Boolean!) { events(after: $after) { cursor volumeName type @include(if: $with) } }';
  const client = gateway.client();
  const listeners = [true, false].map((value) => listen(client, { after, with: value }, query));
  await journal(database, ['varied']);
  for (const { volumes } of listeners) await hears(volumes, ['varied']);
  expect(listeners.map(({ heard }) => 'type' in (heard[0] ?? {}))).toEqual([true, false]);
});

describe('Server-Sent Events', () => {
  const open = (init: { method?: string; query?: string; variables?: unknown; headers?: Record<string, string>; token?: string } = {}) => {
    const ending = new AbortController();
    const query = init.query ?? QUERY;
    const headers = { accept: 'text/event-stream', authorization: init.token ?? authorization, ...init.headers };
    const search = new URLSearchParams({ query, variables: JSON.stringify(init.variables ?? {}) });
    const answer =
      init.method === 'GET'
        ? fetch(`${gateway.url}/graphql?${search.toString()}`, { headers, signal: ending.signal })
        : fetch(`${gateway.url}/graphql`, {
            method: 'POST',
            headers: { ...headers, 'content-type': 'application/json' },
            body: JSON.stringify({ query, variables: init.variables }),
            signal: ending.signal,
          });
    let text = '';
    const reading = answer
      .then(async ({ body }) => {
        for await (const chunk of body ?? []) text += Buffer.from(chunk).toString();
      })
      .catch(() => undefined);
    return {
      answer,
      text: () => text,
      done: reading,
      end: async () => {
        ending.abort();
        await reading;
      },
    };
  };

  test.each(['GET', 'POST'])('by %s, Last-Event-ID goes before the cursor of the document', async (method) => {
    const start = await lastCursor(database);
    await journal(database, ['before', 'after']);
    const seen = `j${String(BigInt(start.slice(1)) + 1n)}`;
    const stream = open({ method, variables: { after: start }, headers: { 'last-event-id': seen } });
    await eventually(
      () => {
        expect(stream.text()).toContain('"volumeName":"after"');
      },
      { what: 'it is told' },
    );
    expect(stream.text()).not.toContain('"volumeName":"before"');
    expect(stream.text()).toContain(`event: next\nid: j${String(BigInt(start.slice(1)) + 2n)}\ndata: {"data":`);
    expect((await stream.answer).headers.get('content-type')).toContain('text/event-stream');
    await stream.end();
  });

  test('a wrong document is told as an event, as its protocol has it, and a wrong token in plain HTTP', async () => {
    const stream = open({ query: 'subscription { nonsense }' });
    await stream.done;
    expect(stream.text()).toMatch(/event: next\ndata: \{"errors":.*BAD_USER_INPUT.*\}\n\nevent: complete\ndata: \n\n$/s);
    expect((await open({ token: 'Bearer wrong' }).answer).status).toBe(401);
  });
});

describe('what is refused over one transport is refused over the others', () => {
  const overSse = async (query: string) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { accept: 'text/event-stream', authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return response.text();
  };
  const overSocket = async (query: string) => {
    const { problems } = await new Promise<{ problems: unknown[] }>((resolve) => {
      const found: unknown[] = [];
      gateway.client().subscribe(
        { query },
        {
          next: ({ errors }) => found.push(...(errors ?? [])),
          error: (error) => {
            found.push(error);
            resolve({ problems: found });
          },
          complete: () => {
            resolve({ problems: found });
          },
        },
      );
    });
    return JSON.stringify(problems);
  };
  const deep = (depth: number) => `{ events { volume ${'{ mounts { volume '.repeat(depth)}{ name }${' } }'.repeat(depth)} } }`;

  test.each([
    ['too deep', `subscription ${deep(12)}`, `query { events { nodes ${deep(12).slice('{ events'.length, -1)} } }`, 'STOWAGE_MAX_DEPTH'],
    ['with too many aliases', ...['subscription { events', 'query { events { nodes'].map(withAliases), 'STOWAGE_MAX_ALIASES'],
    ['too long', `subscription { events { ${'cursor '.repeat(6_000)} } }`, `query { hosts { ${'name '.repeat(6_000)} } }`, 'STOWAGE_MAX_TOKENS'],
  ] as [string, string, string, string][])('%s', async (_what, subscription, query, limit) => {
    const { errors } = await gateway.send(query);
    expect(JSON.stringify(errors)).toContain(limit);
    expect(await overSse(subscription)).toContain(limit);
    expect(await overSocket(subscription)).toContain(limit);
  });

  test.each(['{ hosts { name } }', 'mutation { syncHosts { results { error { code } } } }'])('but subscriptions: %s', async (query) => {
    expect(await overSse(query)).toContain('only subscriptions run');
    expect(await overSocket(query)).toContain('only subscriptions run');
  });
});

function withAliases(start: string): string {
  const fields = names('a', 60).map((name) => `${name.replace('-', '')}: cursor`);
  return `${start} { ${fields.join(' ')} } ${start.startsWith('query') ? '} ' : ''}}`;
}

describe('care for connections', () => {
  /** A raw WebSocket that signs in and subscribes. */
  const dial = async (secret: string) => {
    const socket = new WebSocket(wsUrl(), 'graphql-transport-ws');
    const messages: string[] = [];
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
      });
    });
    socket.on('message', (data: Buffer) => messages.push(data.toString()));
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${secret}` } }));
    return { socket, messages, closed };
  };

  test('event streams whose clients have gone before they were let in leave no place taken', async () => {
    const { secret } = await addToken(database);
    const { hostname, port } = new URL(gateway.url);
    const blocker = new pg.Client(server.url);
    await blocker.connect();
    try {
      await blocker.query('begin');
      await blocker.query('lock table access_token in access exclusive mode');
      const clients = names('', 300).map(() => {
        const socket = connect(Number(port), hostname);
        socket.on('error', () => undefined);
        socket.write(
          `GET /graphql?query=${encodeURIComponent('subscription { events { type } }')} HTTP/1.1\r\nhost: ${hostname}:${port}\r\naccept: text/event-stream\r\nauthorization: Bearer ${secret}\r\n\r\n`,
        );
        return socket;
      });
      await eventually(
        async () => {
          const { rows } = await blocker.query<{ waiting: number }>('select count(*)::int as waiting from pg_locks where not granted');
          expect(rows[0]?.waiting).toBeGreaterThan(0);
          for (const { bytesWritten, pending } of clients) expect([bytesWritten > 0, pending]).toEqual([true, false]);
        },
        { what: 'their token is looked up' },
      );
      for (const socket of clients) socket.destroy();
      // Answered behind all that has come before.
      for (let round = 0; round < 3; round += 1) await fetch(`${gateway.url}/livez`);
      await blocker.query('rollback');
    } finally {
      await blocker.end();
    }
    const stream = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent('subscription { events { type } }')}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${secret}` },
    });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await stream.body?.cancel();
  });

  test('a token that is revoked, and one that expires, close what is open with them: 4403', async () => {
    const revoked = await addToken(database);
    const expiring = await addToken(database, new Date(Date.now() + 1_500));
    const [one, other, lasting] = [await dial(revoked.secret), await dial(expiring.secret), await dial(TEST_SECRET)];
    await eventually(
      () => {
        expect([one, other, lasting].map(({ messages }) => messages)).toEqual(Array(3).fill(['{"type":"connection_ack"}']));
      },
      { what: 'it is told' },
    );
    await database.accessToken.update({ where: { id: revoked.id }, data: { revokedAt: new Date() } });
    expect((await one.closed).code).toBe(4403);
    expect((await other.closed).code).toBe(4403);
    expect(lasting.socket.readyState).toBe(WebSocket.OPEN);
    lasting.socket.close();
    await lasting.closed;
  });

  test('a token has no more subscriptions on one connection, and no more connections, than it may; what ends makes room', async () => {
    const { secret } = await addToken(database);
    const { socket, messages, closed } = await dial(secret);
    await eventually(
      () => {
        expect(messages).toHaveLength(1);
      },
      { what: 'it is let in' },
    );
    const refusals = () => messages.filter((message) => message.includes('LIMIT_EXCEEDED')).length;
    for (let id = 0; id < 105; id += 1) socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: QUERY } }));
    await eventually(
      () => {
        expect(refusals()).toBe(5);
      },
      { what: 'it is told' },
    );
    socket.send(JSON.stringify({ id: '0', type: 'complete' }));
    socket.send(JSON.stringify({ id: 'new', type: 'subscribe', payload: { query: QUERY } }));
    const after = await lastCursor(database);
    await journal(database, ['room']);
    expect(after).toBeDefined();
    await eventually(
      () => {
        expect(messages.filter((message) => message.includes('"room"')).length).toBeGreaterThanOrEqual(100);
      },
      { what: 'it is told' },
    );
    expect(refusals()).toBe(5);

    const others = await Promise.all(names('', 299).map(() => dial(secret)));
    await eventually(
      () => {
        expect(others.every(({ messages: told }) => told.length === 1)).toBe(true);
      },
      { what: 'it is told' },
    );
    // The same token in other words is no other caller.
    const inOtherWords = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent('subscription { events { type } }')}`, {
      headers: { accept: 'text/event-stream', authorization: `bearer  ${secret}` },
    });
    expect(await inOtherWords.text()).toContain('STOWAGE_MAX_CONNECTIONS');
    const tooMany = await dial(secret);
    expect(await tooMany.closed).toEqual({ code: 1013, reason: expect.stringContaining('STOWAGE_MAX_CONNECTIONS') as string });
    for (const other of others) other.socket.close();
    socket.close();
    await Promise.all([closed, ...others.map((other) => other.closed)]);
    const again = await dial(secret);
    await eventually(
      () => {
        expect(again.messages).toHaveLength(1);
      },
      { what: 'it is told' },
    );
    again.socket.close();
    await again.closed;
  }, 30_000);

  test('who does not sign in is closed with 4408', async () => {
    const socket = new WebSocket(wsUrl(), 'graphql-transport-ws');
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(4408);
  });

  test('who reads too slowly is closed with 4413 and told to come back with the cursor; others hear everything', async () => {
    const after = await lastCursor(database);
    const slow = await dial(TEST_SECRET);
    await eventually(
      () => {
        expect(slow.messages).toHaveLength(1);
      },
      { what: 'it is told' },
    );
    const wide = 'subscription { events { cursor volumeName attributes } }';
    slow.socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: wide } }));
    const quick = listen(gateway.client(), { after });
    await journal(database, ['first']);
    await eventually(
      () => {
        expect(slow.messages).toHaveLength(2);
      },
      { what: 'it is told' },
    );
    // What is below the WebSocket does not read any more: the kernel's buffers fill, then the gateway's.
    const raw = (slow.socket as unknown as { _socket: Socket })._socket;
    raw.pause();
    const content = { text: 'x'.repeat(100_000) };
    const told = ['first'];
    for (let index = 0; index < 200; index += 1) {
      await journal(database, [`wide-${String(index)}`], { attributes: content });
      told.push(`wide-${String(index)}`);
    }
    await hears(quick.volumes, told);
    raw.resume();
    const { code, reason } = await slow.closed;
    expect({ code, reason }).toEqual({ code: 4413, reason: expect.stringContaining('cursor') as string });
    // Whole messages only, in order, with none left out before the end.
    const heard = slow.messages.slice(1).map((message) => (JSON.parse(message) as { payload: { data: Told } }).payload.data.events.volumeName);
    expect(heard).toEqual(told.slice(0, heard.length));
  }, 60_000);

  test('stowage/client comes back with its cursor when it was cut off for reading too slowly, and misses nothing', async () => {
    const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: Number(new URL(gateway.url).port) } });
    const stop = new AbortController();
    const after = await lastCursor(database);
    const heard: string[] = [];
    const watching = (async () => {
      const client = new StowageClient({ url: proxy.endpoint.replace('tcp:', 'http:'), token: TEST_SECRET });
      for await (const { volumeName } of client.watch({ after, signal: stop.signal })) heard.push(volumeName ?? '');
    })();
    const dials = () => proxy.requestLines().filter((line) => line.startsWith('GET /graphql')).length;
    try {
      const quick = listen(gateway.client(), { after });
      const wanted = ['first'];
      await journal(database, wanted);
      await hears(() => heard, wanted);
      proxy.setMode('stall');
      // More than the kernel's buffers hold on the way.
      for (let round = 0; round < 10; round += 1) {
        const long = names(`${'x'.repeat(2_000)}-${String(round)}`, 500);
        await journal(database, long);
        wanted.push(...long);
      }
      await eventually(
        () => {
          expect(quick.heard).toHaveLength(wanted.length);
        },
        { what: 'the others hear everything' },
      );
      expect(dials()).toBe(1);
      proxy.setMode('pass');
      await eventually(
        () => {
          expect(heard).toHaveLength(wanted.length);
        },
        { what: 'it has everything', timeoutMs: 30_000 },
      );
      expect(heard).toEqual(wanted);
      expect(dials()).toBe(2);
      quick.end();
    } finally {
      stop.abort();
      await watching;
      await proxy.close();
    }
  }, 60_000);

  test('a gateway that stops closes with 1001 and says when to come back', async () => {
    const other = await startGateway({ environment: environment() });
    const socket = new WebSocket(`${other.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const closed = once(socket, 'close') as Promise<[number, Buffer]>;
    await once(socket, 'open');
    await other.stop({ keepData: false });
    const [code, reason] = await closed;
    expect(code).toBe(1001);
    expect(reason.toString()).toMatch(/Come back in \d+ ms with your last cursor/);
  });
});
