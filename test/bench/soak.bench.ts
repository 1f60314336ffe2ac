import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient, type Client } from 'graphql-ws';
import pg from 'pg';
import WebSocket from 'ws';
import { startDatabase } from '../harness/database.js';
import { bytesInUse, INSPECTABLE } from '../harness/gateway-memory.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { hostsAre } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';
import { report } from './figures.js';
import { startSimulatedEngines } from './simulated/stand.js';

// A day in ten minutes: events, queries, changes, subscribers and a second gateway come and go, and at the end, with all of
// them gone, a gateway must be what it was after the first part of it. It fails when anything has grown by more than MOST.

const MINUTES = Number(process.env['BENCH_MINUTES'] ?? 10);
const HOSTS = Number(process.env['BENCH_HOSTS'] ?? 20);
const RATE = Number(process.env['BENCH_RATE'] ?? 100);
/** Part of the time after which the first figures are taken: what is kept on purpose, up to a limit, is full by then. */
const WARM_UP = 0.25;
/** Clients of each kind that come and go at the same time. */
const CLIENTS = 8;
/** Seconds that a second gateway stays, and is away. */
const SECOND_STAYS = 10;
const SECOND_AWAY = 15;
/**
 * Looks at what is open, and milliseconds between them: hosts are compared all the time, so that now and then a connection more
 * of a pool has just been used. What is left behind is there at each look, so that the least counts.
 */
const LOOKS = 15;
const LOOK_MS = 2_000;
/**
 * Looks in a row at all of which a file or socket must be open to count: longer than agents keep a connection to an engine for its
 * next use (5 s). Of 20 hosts that are each compared every ten seconds there are always some of those, at times four more than
 * at others.
 */
const LOOKS_IN_A_ROW = 4;
/**
 * Milliseconds after which nothing has a connection that nobody uses: pools keep one for ten seconds, agents for five, and the clients of
 * this bench as long as the gateway says that it will, which is 72 seconds.
 */
const CONNECTION_KEPT_MS = 80_000;
/** What may have grown at the end. */
const MOST = { bytes: 8 * 1024 * 1024, descriptors: 2, resources: 2, connections: 2 };
const DATABASE_SECRET = 'one secret of all gateways here';

interface Figures {
  /** In use after all that nobody holds is collected. */
  readonly bytes: number;
  readonly resident: number;
  /** Files and sockets that stay open. */
  readonly descriptors: number;
  /** What keeps Node running, by kind: sockets, timers, requests. */
  readonly resources: Readonly<Record<string, number>>;
  /** Connections that the database knows of this gateway's kind. */
  readonly connections: number;
  readonly subscribers: number;
  readonly groups: number;
}

/** What ends what was started, also when the bench fails. */
const started: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of started.reverse()) await stop();
});

test(`nothing grows in ${String(MINUTES)} minutes of all that a day brings`, async () => {
  const engines = await startSimulatedEngines({ hosts: HOSTS, volumesEach: 200, containersEach: 20 });
  started.push(() => engines.stop());
  const database = await startDatabase();
  started.push(() => database.stop());
  const start = (environment: Record<string, string>) =>
    startGateway({
      hosts: engines.hosts,
      environment: {
        DATABASE_URL: database.url,
        STOWAGE_SECRET_KEY: DATABASE_SECRET,
        STOWAGE_LOG_LEVEL: 'error',
        STOWAGE_RESYNC_SECONDS: '10',
        ...environment,
      },
    });
  const gateway = await start(INSPECTABLE);
  started.push(() => gateway.stop());
  await hostsAre(gateway, 'ONLINE', undefined, 120_000);
  const counts = { queries: 0, changes: 0, refused: 0, subscriptions: 0, streams: 0, told: 0, gateways: 0 };

  /** Has everything come and go for so many seconds; resolves when all of it is gone. */
  const live = async (seconds: number) => {
    await engines.setRate(RATE);
    const until = performance.now() + seconds * 1000;
    const isOver = () => performance.now() > until;
    const some = (count: number, work: (index: number) => Promise<void>) =>
      Array.from({ length: count }, async (_, index) => {
        while (!isOver()) await work(index);
      });
    await Promise.all([
      ...some(2, async (index) => {
        // One of them is refused.
        await gateway.send(QUERIES[counts.queries % QUERIES.length] ?? '', { host: `sim-${String(index)}` });
        counts.queries += 1;
        await delay(5);
      }),
      ...some(1, async () => {
        if (!(await change(gateway, counts.changes))) counts.refused += 1;
        counts.changes += 1;
        await delay(200);
      }),
      ...some(CLIENTS, async (index) => {
        counts.told += await subscribe(gateway, index);
        counts.subscriptions += 1;
      }),
      ...some(CLIENTS, async (index) => {
        counts.told += await stream(gateway, index);
        counts.streams += 1;
      }),
      ...some(1, async () => {
        const second = await start({});
        await delay(SECOND_STAYS * 1000);
        await second.stop();
        counts.gateways += 1;
        await delay(Math.min(SECOND_AWAY * 1000, Math.max(0, until - performance.now())));
      }),
    ]);
    await engines.setRate(0);
  };

  await live(MINUTES * 60 * WARM_UP);
  const before = await takeFigures(gateway, database.url);
  report(describe('after the first part', before));
  await live(MINUTES * 60 * (1 - WARM_UP));
  const after = await takeFigures(gateway, database.url);
  report(describe('at the end', after));
  report(
    `in between and before: ${String(counts.queries)} queries, ${String(counts.changes)} changes (${String(counts.refused)} of them refused as UNAVAILABLE), ${String(counts.subscriptions)} subscriptions over WebSockets, ${String(counts.streams)} event streams, ${String(counts.told)} events told, ${String(counts.gateways)} times a second gateway`,
  );
  const sum = (resources: Figures['resources']) => Object.values(resources).reduce((all, each) => all + each, 0);
  expect(after.bytes - before.bytes).toBeLessThan(MOST.bytes);
  expect(after.descriptors - before.descriptors).toBeLessThanOrEqual(MOST.descriptors);
  expect(sum(after.resources) - sum(before.resources)).toBeLessThanOrEqual(MOST.resources);
  expect(after.connections - before.connections).toBeLessThanOrEqual(MOST.connections);
  expect([after.subscribers, after.groups]).toEqual([0, 0]);
});

const QUERIES = [
  '{ hosts { name status lastSyncedAt } }',
  '{ volumes(first: 50) { totalCount nodes { name state host { name } mounts { container { name } } } } }',
  ...Array.from(
    { length: 20 },
    (_, index) =>
      `query Page${String(index)}($host: String!) { volumes(first: ${String(index + 5)}, filter: { hosts: [$host] }) { nodes { name labels { key value } } } }`,
  ),
  '{ events(first: 20) { nodes { cursor type volumeName } } }',
  '{ nothing }',
];

/** A change that needs no engine. Whether it was made: a machine that stands still for seconds has transactions ended, which is UNAVAILABLE. */
async function change(gateway: TestGateway, index: number): Promise<boolean> {
  const ask = async <Data>(document: string, variables: Record<string, unknown>): Promise<Data | undefined> => {
    const { data, errors } = await gateway.send<Data>(document, variables);
    if (errors?.some(({ extensions }) => extensions.code !== 'UNAVAILABLE') === true) throw new Error(JSON.stringify(errors));
    return errors === undefined ? data : undefined;
  };
  const made = await ask<{ createToken: { token: { id: string } } }>(
    'mutation ($name: String!) { createToken(input: { name: $name, role: VIEWER }) { token { id } } }',
    { name: `token-${String(index)}` },
  );
  if (made === undefined) return false;
  return (await ask('mutation ($id: ID!) { revokeToken(id: $id) { removed } }', { id: made.createToken.token.id })) !== undefined;
}

const subscriptionOf = (index: number) => `subscription { events { cursor type hostName ${index % 2 === 0 ? 'volumeName' : 'containerName'} } }`;

/** A client that connects, hears some events, and leaves: by its own will, or by closing its connection. Returns how many it heard. */
async function subscribe(gateway: TestGateway, index: number): Promise<number> {
  const client: Client = createClient({
    url: `${gateway.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${TEST_SECRET}` },
    retryAttempts: 0,
    lazy: true,
  });
  let heard = 0;
  const wanted = 20 + 10 * index;
  for await (const { errors } of client.iterate({ query: subscriptionOf(index) })) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    heard += 1;
    if (heard >= wanted) {
      if (index % 2 === 0) break;
      client.terminate();
      break;
    }
  }
  await client.dispose();
  return heard;
}

/** The same as an event stream. */
async function stream(gateway: TestGateway, index: number): Promise<number> {
  const client = createSseClient({ url: `${gateway.url}/graphql`, headers: { authorization: `Bearer ${TEST_SECRET}` }, retryAttempts: 0 });
  let heard = 0;
  for await (const { errors } of client.iterate({ query: subscriptionOf(index + 1) })) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    heard += 1;
    if (heard >= 20 + 10 * index) break;
  }
  client.dispose();
  return heard;
}

async function takeFigures(gateway: TestGateway, databaseUrl: string): Promise<Figures> {
  const read = async () => (await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${TEST_SECRET}` } })).text();
  const values = (text: string, name: string) => [...text.matchAll(new RegExp(`^${name}(?:\\{type="([^"]+)"\\}|\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  const sum = (text: string, name: string) => values(text, name).reduce((all, [, , value]) => all + Number(value), 0);
  // Sockets of those who left, and what waits for the database, are gone by themselves.
  await eventually(
    async () => {
      const text = await read();
      expect([sum(text, 'stowage_live_connections'), sum(text, 'stowage_subscribers')]).toEqual([0, 0]);
    },
    { what: 'all clients are gone' },
  );
  await delay(CONNECTION_KEPT_MS);
  const bytes = await bytesInUse(gateway.output());
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const looks: (Omit<Figures, 'bytes' | 'descriptors'> & { readonly open: ReadonlySet<string> })[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    await delay(LOOK_MS);
    const text = await read();
    const { rows } = await client.query<{ count: number }>("select count(*)::int as count from pg_stat_activity where backend_type = 'client backend'");
    looks.push({
      resident: sum(text, 'process_resident_memory_bytes'),
      open: await openFiles(gateway),
      resources: Object.fromEntries(values(text, 'nodejs_active_resources').map(([, type = '', value]) => [type, Number(value)])),
      connections: rows[0]?.count ?? NaN,
      subscribers: sum(text, 'stowage_subscribers'),
      groups: sum(text, 'stowage_subscription_groups'),
    });
  }
  await client.end();
  const least = (figure: 'resident' | 'connections' | 'subscribers' | 'groups') => Math.min(...looks.map((look) => look[figure]));
  const kinds = [...new Set(looks.flatMap(({ resources }) => Object.keys(resources)))];
  return {
    bytes,
    resident: least('resident'),
    descriptors: staying(looks.map(({ open }) => open)),
    resources: Object.fromEntries(kinds.map((kind) => [kind, Math.min(...looks.map(({ resources }) => resources[kind] ?? 0))])),
    connections: least('connections'),
    subscribers: least('subscribers'),
    groups: least('groups'),
  };
}

/** What a gateway has open, each as its number and what it is. */
async function openFiles({ process: { pid } }: TestGateway): Promise<Set<string>> {
  const folder = `/proc/${String(pid)}/fd`;
  const files = (await readdir(folder)).map(async (file) => `${file} ${await readlink(`${folder}/${file}`).catch(() => 'closed since')}`);
  return new Set(await Promise.all(files));
}

/** How many are there at LOOKS_IN_A_ROW looks, where these are fewest. */
function staying(looks: readonly ReadonlySet<string>[]): number {
  const counts = looks.slice(LOOKS_IN_A_ROW - 1).map((last, index) => {
    const before = looks.slice(index, index + LOOKS_IN_A_ROW - 1);
    return [...last].filter((file) => before.every((look) => look.has(file))).length;
  });
  return Math.min(...counts);
}

function describe(when: string, { bytes, resident, descriptors, resources, connections }: Figures): string {
  const megabytes = (amount: number) => `${(amount / 1024 / 1024).toFixed(1)} MB`;
  return `${when}: ${megabytes(bytes)} in use (${megabytes(resident)} resident), ${String(descriptors)} files and sockets that stay open, ${JSON.stringify(resources)}, ${String(connections)} database connections`;
}
