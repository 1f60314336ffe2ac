import { setTimeout as delay } from 'node:timers/promises';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { report } from './figures.js';
import { publish, startOwn, startPeer, Subscribers, usage, type Contestant, type Heard } from './live/stand.js';

/** Events of one field list to thousands of WebSockets, from this gateway, a plain `ws` broadcast, and graphql-ws with graphql-js. */
const COUNTS = (process.env['BENCH_SUBSCRIBERS'] ?? '2000,5000').split(',').map(Number);
const BURST = Number(process.env['BENCH_BURST'] ?? 50);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 60);
const PLAIN_SECONDS = Math.min(5, SECONDS);

const FIELDS = 'cursor type source occurredAt recordedAt hostName volumeName containerName';
const QUERY = `subscription { events { ${FIELDS} } }`;
const manyQueries = (count: number) => Array.from({ length: count }, (_, index) => `subscription { events { ${FIELDS} again${String(index)}: hostName } }`);

let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(async () => {
  await server.stop();
});

const quantile = (numbers: readonly number[], part: number) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))] ?? NaN;

interface Measured {
  /** Messages a second from the first commit to the last message, and for a second of the server's CPU time. */
  readonly rate: number;
  readonly perCpu: number;
  readonly p50: number;
  readonly p99: number;
  readonly heard: Heard;
}

async function round(contestant: Contestant, subscribers: Subscribers, count: number, events: number, perSecond: number): Promise<Measured> {
  await subscribers.ask({ expect: events });
  const before = await usage(contestant.pids);
  const [commits, heard] = await Promise.all([publish(server.url, events, perSecond), subscribers.read<Heard>()]);
  const cpu = (await usage(contestant.pids)).cpu - before.cpu;
  expect({ missing: heard.missing, lost: heard.lost, doubled: heard.doubled, disordered: heard.disordered }).toEqual({
    missing: 0,
    lost: 0,
    doubled: 0,
    disordered: 0,
  });
  const waits = heard.last.map(([position, at]) => at - (commits.get(position) ?? NaN));
  const ms = Math.max(...heard.last.map(([, at]) => at)) - Math.min(...commits.values());
  return { rate: (count * events * 1000) / ms, perCpu: (count * events) / cpu, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), heard };
}

const middle = (numbers: readonly number[]) => quantile(numbers, 0.5);
const HEAD = `${'server'.padEnd(26)}burst msg/s   to it    one at a time: msg/CPU s   to it   p50 ms   p99 ms   kB a subscriber`;

async function compare(count: number, queries: readonly string[], contestants: readonly (() => Promise<Contestant>)[]): Promise<void> {
  report(`\n${String(count)} subscribers, ${String(queries.length)} different queries; medians of ${String(ROUNDS)} rounds of ${String(BURST)} events`);
  report(HEAD);
  let stowage: { rate: number; perCpu: number } | undefined;
  for (const start of contestants) {
    const contestant = await start();
    const before = await usage(contestant.pids);
    const subscribers = await Subscribers.start(contestant.urls, count, queries);
    const kB = ((await usage(contestant.pids)).rss - before.rss) / count / 1024;
    await round(contestant, subscribers, count, BURST, 0);
    const bursts: Measured[] = [];
    const singles: Measured[] = [];
    for (let index = 0; index < ROUNDS; index += 1) {
      bursts.push(await round(contestant, subscribers, count, BURST, 0));
      singles.push(await round(contestant, subscribers, count, 20, 5));
    }
    const rate = middle(bursts.map((one) => one.rate));
    const perCpu = middle(singles.map((one) => one.perCpu));
    stowage ??= { rate, perCpu };
    report(
      `${contestant.name.padEnd(26)}${rate.toFixed(0).padStart(11)}${(stowage.rate / rate).toFixed(2).padStart(8)}   ${perCpu.toFixed(0).padStart(24)}${(stowage.perCpu / perCpu).toFixed(2).padStart(8)}   ` +
        `${middle(singles.map((one) => one.p50))
          .toFixed(0)
          .padStart(6)}   ${middle(singles.map((one) => one.p99))
          .toFixed(0)
          .padStart(6)}   ${kB.toFixed(1).padStart(15)}`,
    );
    await subscribers.stop();
    await contestant.stop();
  }
}

const own = (gateways = 1) => startOwn(server.url, gateways);
const plain = () => startPeer(server.url, 'plain ws broadcast', 'plain-ws.mjs');
const graphqlWs = () => startPeer(server.url, 'graphql-ws and graphql-js', 'graphql-ws.mjs');

test.each(COUNTS)('one group of %i', async (count) => {
  await compare(count, [QUERY], [() => own(), plain, graphqlWs, () => own(2)]);
});

test('100 groups', async () => {
  await compare(2_000, manyQueries(100), [() => own(), graphqlWs, () => own(2)]);
});

const STALLED = 50;

test('5,000 subscribers at 100 events a second', async () => {
  const count = 5_000;
  const say = (name: string, seconds: number, { p50, p99, heard }: Measured, cores: number, before: string) => {
    report(
      `${name.padEnd(40)}${String(seconds)} s of 100 events/s: told after ${heard.seconds.toFixed(1)} s; from commit to the last subscriber p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms; ` +
        `missing ${String(heard.missing)}, lost ${String(heard.lost)}, doubled ${String(heard.doubled)}, out of order ${String(heard.disordered)}${before}; ` +
        `server ${cores.toFixed(2)} cores, subscribers ${(heard.cpu / heard.seconds).toFixed(2)} cores`,
    );
  };
  const during = async (contestant: Contestant, work: () => Promise<Measured>) => {
    const before = await usage(contestant.pids);
    const measured = await work();
    const cores = ((await usage(contestant.pids)).cpu - before.cpu) / measured.heard.seconds;
    return { measured, cores };
  };

  report(`\n${String(count)} subscribers, ${String(100 * count)} messages a second`);
  // What cannot keep up takes the longer for it, so that a few seconds say enough.
  const other = await plain();
  const listening = await Subscribers.start(other.urls, count, [QUERY]);
  const short = await during(other, () => round(other, listening, count, 100 * PLAIN_SECONDS, 100));
  say(other.name, PLAIN_SECONDS, short.measured, short.cores, '');
  await listening.stop();
  await other.stop();

  const contestant = await own();
  const subscribers = await Subscribers.start(contestant.urls, count, [QUERY]);
  await round(contestant, subscribers, count, 200, 100);
  const all = await during(contestant, () => round(contestant, subscribers, count, 100 * SECONDS, 100));
  say(contestant.name, SECONDS, all.measured, all.cores, '');
  await subscribers.ask({ stall: STALLED });
  const { rss } = await usage(contestant.pids);
  const others = await during(contestant, () => round(contestant, subscribers, count, 100 * SECONDS, 100));
  const more = ((await usage(contestant.pids)).rss - rss) / 1e6;
  const { ended } = await subscribers.ask<{ ended: number }>({ resume: true });
  say(`the same, ${String(STALLED)} stop reading`, SECONDS, others.measured, others.cores, `, ${String(ended)} cut off, ${more.toFixed(0)} MB more`);
  await subscribers.stop();
  await contestant.stop();
});

test('all come back at once with their cursors after a restart', async () => {
  const count = 2_000;
  const missed = 3_000;
  const first = await own();
  const query = `subscription ($after: String) { events(after: $after) { ${FIELDS} } }`;
  const subscribers = await Subscribers.start(first.urls, count, [query]);
  await round(first, subscribers, count, 10, 0);
  await subscribers.ask({ leave: true });
  await first.stop();
  await publish(server.url, missed, 0);
  const second = await own();
  const reads = async () => {
    const [row] = await server.database.$queryRaw<{ scans: bigint }[]>`
      select seq_scan + idx_scan as scans from pg_stat_user_tables where relname = 'journal'`;
    return Number(row?.scans ?? 0n);
  };
  // PostgreSQL's counters of other connections are a second old at most.
  await delay(2_000);
  const before = await reads();
  const began = performance.now();
  await subscribers.ask({ expect: missed + 200, return: second.urls });
  const [, heard] = await Promise.all([publish(server.url, 200, 100), subscribers.read<Heard>()]);
  const seconds = (performance.now() - began) / 1000;
  await delay(2_000);
  report(
    `\n${String(count)} subscribers come back at once with one cursor, ${String(missed)} events behind, while 100 a second come: all told after ${seconds.toFixed(1)} s; ` +
      `missing ${String(heard.missing)}, lost ${String(heard.lost)}, doubled ${String(heard.doubled)}, out of order ${String(heard.disordered)}; ` +
      `the journal was read ${String((await reads()) - before)} times, 200 new events included`,
  );
  await subscribers.stop();
  await second.stop();
});

test('1,000 groups with filters for different volumes', async () => {
  const events = 2_000;
  const run = async (queries: readonly string[]) => {
    const contestant = await own();
    const subscribers = await Subscribers.start(contestant.urls, queries.length, queries);
    const before = await usage(contestant.pids);
    await publish(server.url, events, 0);
    await delay(1_000);
    const { cpu } = await usage(contestant.pids);
    await subscribers.stop();
    await contestant.stop();
    return ((cpu - before.cpu) * 1e6) / events;
  };
  const filtered = (volumes: number) =>
    Array.from({ length: volumes }, (_, index) => `subscription { events(filter: { volume: "nobody-touches-${String(index)}" }) { ${FIELDS} } }`);
  const [one, many] = [await run(filtered(1)), await run(filtered(1_000))];
  report(`\nan event that nobody wants costs the gateway ${one.toFixed(0)} us of CPU time with 1 filter for another volume, ${many.toFixed(0)} us with 1,000`);
});
