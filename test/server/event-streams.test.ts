import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createClient } from 'graphql-sse';
import WebSocket from 'ws';
import type { Database } from '../../src/database/client.js';
import { addToken } from '../harness/access-tokens.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startFaultProxy } from '../harness/fault-proxy.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { journal, lastCursor, names } from '../harness/journal-writer.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

/** Connections that one caller may have. */
const MAX_CONNECTIONS = 10;

let server: TestDatabase;
let database: Database;
let gateway: TestGateway;

const environment = () => ({
  DATABASE_URL: server.url,
  STOWAGE_SECRET_KEY: 'one secret of all gateways here',
  STOWAGE_MAX_CONNECTIONS: String(MAX_CONNECTIONS),
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
const QUERY = 'subscription ($after: String) { events(after: $after) { cursor volumeName } }';
const WIDE = 'subscription { events { volumeName attributes } }';

/** What an event stream said. */
interface Stream {
  readonly response: IncomingMessage;
  text(): string;
  /** Names of the volumes that it told of. */
  volumes(): string[];
  readonly closed: Promise<unknown>;
}

async function open(options: { url?: string; query?: string; secret?: string; headers?: Record<string, string> } = {}): Promise<Stream> {
  const { url = gateway.url, query = QUERY, secret = TEST_SECRET } = options;
  const asking = request(`${url}/graphql?query=${encodeURIComponent(query)}`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${secret}`, ...options.headers },
  });
  asking.end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  // A stream that is cut off ends with an error, and is closed then as well.
  response.on('error', () => undefined);
  return {
    response,
    text: () => text,
    volumes: () => [...text.matchAll(/"volumeName":"([^"]*)"/g)].map(([, name]) => name ?? ''),
    closed: once(response, 'close'),
  };
}

const tells = (stream: Stream, wanted: readonly string[]) =>
  eventually(
    () => {
      expect(stream.volumes()).toEqual(wanted);
    },
    { what: `${String(wanted.length)} events are told` },
  );

/** What stands behind the last event. */
const lastWords = (stream: Stream) => stream.text().split('\n\n').slice(-2, -1)[0] ?? '';

test('one that is read too slowly is told to come back with its last id, and misses nothing by that; one that is not read is cut off', async () => {
  const { secret } = await addToken(database);
  const [slow, stuck, quick] = [await open({ query: WIDE }), await open({ query: WIDE, secret }), await open()];
  // With these its caller has as many open as may be.
  const others = await Promise.all(
    names('', MAX_CONNECTIONS - 1).map(() => open({ query: 'subscription { events(filter: { volume: "none" }) { type } }', secret })),
  );
  await journal(database, ['first']);
  for (const stream of [slow, stuck, quick]) await tells(stream, ['first']);
  // Nothing is read from the sockets any more: the kernel's buffers fill, then the gateway's.
  for (const { response } of [slow, stuck]) response.socket.pause();
  for (const { response } of [slow, stuck]) response.pause();
  const told = ['first'];
  for (const name of names('wide', 200)) {
    await journal(database, [name], { attributes: { text: 'x'.repeat(100_000) } });
    told.push(name);
  }
  await tells(quick, told);
  slow.response.socket.resume();
  slow.response.resume();
  await slow.closed;
  const heard = slow.volumes();
  expect(heard.length).toBeLessThan(told.length);
  expect(heard).toEqual(told.slice(0, heard.length));
  expect(lastWords(slow)).toMatch(/^: you read more slowly than events come; come back with your last id as Last-Event-ID\nretry: \d+$/);
  expect(slow.text()).not.toContain('event: complete');
  const lastId = [...slow.text().matchAll(/^id: (\S+)$/gm)].at(-1)?.[1] ?? '';
  const again = await open({ headers: { 'last-event-id': lastId } });
  await tells(again, told.slice(heard.length));
  const statusOfAnother = async () => {
    const { response } = await open({ secret });
    response.destroy();
    return response.statusCode;
  };
  expect(await statusOfAnother()).toBe(429);
  await eventually(
    async () => {
      expect(await statusOfAnother()).toBe(200);
    },
    { what: 'who reads nothing is cut off, which makes room for another' },
  );
  for (const { response } of [stuck, ...others, again, quick]) response.destroy();
}, 60_000);

test('one that is read at once is told of more in one moment than may wait for it', async () => {
  const stream = await open({ query: WIDE });
  const wide = names('wide', 8);
  await journal(database, wide, { attributes: { text: 'x'.repeat(60_000) } });
  await tells(stream, wide);
  expect(stream.response.destroyed).toBe(false);
  stream.response.destroy();
});

test('one whose token ends is told why, and not that its subscription is complete', async () => {
  const { secret, id } = await addToken(database);
  const stream = await open({ secret });
  await database.accessToken.update({ where: { id }, data: { revokedAt: new Date() } });
  await stream.closed;
  expect(lastWords(stream)).toMatch(/^: the token is not valid any more.*\nretry: \d+$/);
  expect(stream.text()).not.toContain('event: complete');
});

test('a gateway that stops tells each, over either transport, a time of its own after which to come back', async () => {
  const other = await startGateway({ environment: environment() });
  const streams = await Promise.all(names('', 8).map(() => open({ url: other.url })));
  const sockets = names('', 8).map(() => new WebSocket(`${other.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws'));
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  const closes = sockets.map(async (socket) => ((await once(socket, 'close')) as [number, Buffer])[1].toString());
  await other.stop({ keepData: false });
  await Promise.all(streams.map(({ closed }) => closed));
  for (const stream of streams) {
    expect(lastWords(stream)).toMatch(/^: the gateway stops.*\nretry: \d+$/);
    expect(stream.text()).not.toContain('event: complete');
  }
  const times = [
    streams.map((stream) => /retry: (\d+)/.exec(stream.text())?.[1]),
    (await Promise.all(closes)).map((reason) => /in (\d+) ms/.exec(reason)?.[1]),
  ];
  for (const some of times) {
    expect(some).not.toContain(undefined);
    // Of eight random numbers below 5,000 the same one comes eight times in a row never.
    expect(new Set(some).size).toBeGreaterThan(4);
    for (const ms of some) expect(Number(ms)).toBeLessThan(5_000);
  }
});

test('to HEAD, which nothing can be told, none is begun', async () => {
  const headers = { accept: 'text/event-stream', authorization };
  const response = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(WIDE)}`, { method: 'HEAD', headers });
  expect(response.status).toBeGreaterThanOrEqual(400);
});

describe('one that is asked for on a connection where other answers are under way', () => {
  const head = (lines: readonly string[]) => [...lines, 'Host: gateway', `Authorization: ${authorization}`].map((line) => `${line}\r\n`).join('') + '\r\n';
  const stream = (query: string) => head([`GET /graphql?query=${encodeURIComponent(query)} HTTP/1.1`, 'Accept: text/event-stream']);
  const ordinary = head(['GET /graphql?query=%7Bviewer%7Bname%7D%7D HTTP/1.1', 'apollo-require-preflight: 1']);

  /** Sends several requests in one go. */
  function send(text: string): { readonly socket: Socket; readonly heard: () => string } {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    let heard = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
    socket.write(text);
    return { socket, heard: () => heard };
  }

  test('tells of what was before and of what comes as any other, when it is its turn', async () => {
    await journal(database, ['before']);
    const { socket, heard } = send(ordinary + stream('subscription { events(after: "j0") { volumeName } }'));
    await eventually(
      () => {
        expect(heard()).toContain('"volumeName":"before"');
      },
      { what: 'it tells of what was before' },
    );
    await journal(database, ['behind']);
    await eventually(
      () => {
        expect(heard()).toContain('"volumeName":"behind"');
      },
      { what: 'it tells of what comes' },
    );
    expect(heard().indexOf('"viewer"')).toBeLessThan(heard().indexOf('text/event-stream'));
    socket.destroy();
  });

  test('leaves no place taken when its client goes before its turn', async () => {
    const { secret } = await addToken(database);
    const query = 'subscription { events { cursor } }';
    const { socket, heard } = send(Array.from({ length: MAX_CONNECTIONS }, () => stream(query).replace(TEST_SECRET, secret)).join(''));
    await eventually(
      async () => {
        expect(heard()).toContain('text/event-stream');
        expect((await open({ query, secret })).response.statusCode).toBe(429);
      },
      { what: 'all places are taken' },
    );
    socket.destroy();
    const again = await eventually(
      async () => {
        const one = await open({ query, secret });
        expect(one.response.statusCode).toBe(200);
        return one;
      },
      { what: 'there is room again' },
    );
    again.response.destroy();
    const all = await Promise.all(Array.from({ length: MAX_CONNECTIONS - 1 }, () => open({ query, secret })));
    expect(all.map(({ response }) => response.statusCode)).toEqual(all.map(() => 200));
    for (const { response } of all) response.destroy();
  });
});

test("graphql-sse's own client goes on from its last cursor when its headers give that as Last-Event-ID", async () => {
  const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: Number(new URL(gateway.url).port) } });
  const heard: { cursor: string; volumeName: string }[] = [];
  let retries = 0;
  let mayRetry: () => void = () => undefined;
  const client = createClient({
    url: `${proxy.endpoint.replace('tcp:', 'http:')}/graphql`,
    headers: () => ({ authorization, ...(heard.length > 0 && { 'last-event-id': heard.at(-1)?.cursor ?? '' }) }),
    retry: () =>
      new Promise((resolve) => {
        retries += 1;
        mayRetry = resolve;
      }),
  });
  const problems: unknown[] = [];
  const after = await lastCursor(database);
  const end = client.subscribe<{ events: { cursor: string; volumeName: string } }>(
    { query: QUERY, variables: { after } },
    {
      next: ({ data }) => {
        if (data !== null && data !== undefined) heard.push(data.events);
      },
      error: (error) => problems.push(error),
      complete: () => undefined,
    },
  );
  const hears = (wanted: readonly string[]) =>
    eventually(
      () => {
        expect(problems).toEqual([]);
        expect(heard.map(({ volumeName }) => volumeName)).toEqual(wanted);
      },
      { what: `${String(wanted.length)} events are heard` },
    );
  try {
    await journal(database, ['before-0', 'before-1']);
    await hears(['before-0', 'before-1']);
    proxy.setMode('reset');
    await eventually(
      () => {
        expect(retries).toBe(1);
      },
      { what: 'it has lost the connection' },
    );
    await journal(database, ['meanwhile-0', 'meanwhile-1']);
    proxy.setMode('pass');
    mayRetry();
    await hears(['before-0', 'before-1', 'meanwhile-0', 'meanwhile-1']);
    await journal(database, ['after']);
    await hears(['before-0', 'before-1', 'meanwhile-0', 'meanwhile-1', 'after']);
  } finally {
    end();
    client.dispose();
    await proxy.close();
  }
});

test('more than a caller may have open are status 429, with a time after which to try again', async () => {
  const { secret } = await addToken(database);
  const streams = await Promise.all(names('', MAX_CONNECTIONS).map(() => open({ secret })));
  const refused = await open({ secret });
  await refused.closed;
  expect([refused.response.statusCode, refused.response.headers['retry-after']]).toEqual([429, '1']);
  expect(refused.text()).toContain('STOWAGE_MAX_CONNECTIONS');
  expect(refused.text()).toContain('"code":"LIMIT_EXCEEDED"');
  for (const { response } of streams) response.destroy();
});
