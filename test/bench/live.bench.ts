import { setTimeout as delay } from 'node:timers/promises';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { report } from './figures.js';
import { publish, startOwn, startPeer, Subscribers, usage, type Contestant, type Heard } from './live/stand.js';

// Events of one field list to thousands of WebSockets, from this gateway, a plain `ws` broadcast, and graphql-ws with graphql-js.
// It fails when anything is lost, comes twice or out of order, or when a promise of LEAST and MOST does not hold.

/** The scenario that runs alone, each within ten minutes; unset: all of them, one after the other. */
const SCENARIO = process.env['BENCH_SCENARIO'];
const BURST = Number(process.env['BENCH_BURST'] ?? 50);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 60);
const PLAIN_SECONDS = Math.min(5, SECONDS);
/** Events that are told one at a time, five a second, and milliseconds of silence that are measured before. */
const SINGLES = 50;
const SILENT_MS = 10_000;
/** Subscribers that stop reading. */
const STALLED = 50;

/**
 * How many times the messages a second of each of the others are promised, in one group and in a hundred: in a burst. For a second of CPU
 * time, one event at a time, the same is asked beside the plain broadcast and in a hundred groups. In one group each message is one call
 * of the system then, for any server, and nine tenths of this gateway's time: no server could be more times as quick as graphql-ws than
 * the plain broadcast is.
 */
const LEAST = { ofPlain: 0.9, ofGraphqlWs: 4, ofGraphqlWsInManyGroups: 2 };
const MOST = {
  /** Milliseconds from the commit to the last of 5,000 subscribers, for 99 of 100 events. */
  p99: 250,
  /** How many times that may be for the others when some stop reading. */
  p99Stalled: 1.2,
  /** Memory of a subscriber that waits, in kB: what each of the later half adds. */
  kB: 20,
  /** How many times the CPU time of an event that nobody wants, with 1,000 filters instead of one. */
  unwanted: 2,
};

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

/** A scenario with a name by which it runs alone. */
function scenario(name: string, what: string, run: () => Promise<void>): void {
  (SCENARIO === undefined || SCENARIO === name ? test : test.skip)(`${name}: ${what}`, run);
}

const quantile = (numbers: readonly number[], part: number) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))] ?? NaN;

interface Measured {
  /** Messages a second from the first commit to the last message. */
  readonly rate: number;
  /** Seconds of the server's CPU time, and seconds that it took. */
  readonly cpu: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly heard: Heard;
}

interface Compared {
  readonly rate: number;
  /** Messages for a second of the CPU time that the server takes beyond what it takes when nothing is told. */
  readonly perCpu: number;
  /** Memory by which the server has grown for each subscriber, and for each of the later half, in kB. */
  readonly kB: number;
  readonly laterKB: number;
}

async function round(contestant: Contestant, subscribers: Subscribers, count: number, events: number, perSecond: number): Promise<Measured> {
  await subscribers.ask({ expect: events });
  const began = performance.now();
  const before = await usage(contestant.pids);
  const [commits, heard] = await Promise.all([publish(server.url, events, perSecond), subscribers.read<Heard>()]);
  const cpu = (await usage(contestant.pids)).cpu - before.cpu;
  const seconds = (performance.now() - began) / 1000;
  requireAll(heard);
  const waits = heard.last.map(([position, at]) => at - (commits.get(position) ?? NaN));
  const ms = Math.max(...heard.last.map(([, at]) => at)) - Math.min(...commits.values());
  return { rate: (count * events * 1000) / ms, cpu, seconds, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), heard };
}

/**
 * CPU seconds a second that a server takes while nothing is told, all subscribers connected: pings, and of a gateway also leases, the queue
 * of operations and the like. They are no cost of a message, and stand in a column of their own.
 */
async function silentCpu({ pids }: Contestant): Promise<number> {
  const before = await usage(pids);
  await delay(SILENT_MS);
  return ((await usage(pids)).cpu - before.cpu) / (SILENT_MS / 1000);
}

/** Each of them has heard everything, once and in order, on the connection that it had. */
function requireAll({ missing, lost, doubled, disordered, closed }: Heard): void {
  expect({ missing, lost, doubled, disordered, closed }).toEqual({ missing: 0, lost: 0, doubled: 0, disordered: 0, closed: 0 });
}

const middle = (numbers: readonly number[]) => quantile(numbers, 0.5);
const HEAD = `${'server'.padEnd(26)}burst msg/s   to it    one at a time: msg/CPU s   to it   p50 ms   p99 ms   silent: ms/s   kB a subscriber   of the later half`;

/**
 * The figures of each contestant, this gateway's first. The last columns are by how much its memory has grown for each subscriber
 * that waits. Much of that is no subscriber's: with the first ones grow the young part of the heap, which has a limit, and the code
 * that is compiled. What one more takes is seen at the later half.
 */
async function compare(count: number, queries: readonly string[], contestants: readonly (() => Promise<Contestant>)[]): Promise<Compared[]> {
  report(`\n${String(count)} subscribers, ${String(queries.length)} different queries; medians of ${String(ROUNDS)} rounds of ${String(BURST)} events`);
  report(HEAD);
  const compared: Compared[] = [];
  for (const start of contestants) {
    const contestant = await start();
    const { rss: none } = await usage(contestant.pids);
    let half = NaN;
    const subscribers = await Subscribers.start(contestant.urls, count, queries, async () => {
      half = (await usage(contestant.pids)).rss;
    });
    const { rss: all } = await usage(contestant.pids);
    const kB = (all - none) / count / 1024;
    const laterKB = (all - half) / (count / 2) / 1024;
    await round(contestant, subscribers, count, BURST, 0);
    const silent = await silentCpu(contestant);
    const bursts: Measured[] = [];
    const singles: Measured[] = [];
    for (let index = 0; index < ROUNDS; index += 1) {
      bursts.push(await round(contestant, subscribers, count, BURST, 0));
      singles.push(await round(contestant, subscribers, count, SINGLES, 5));
    }
    const rate = middle(bursts.map((one) => one.rate));
    const perCpu = middle(singles.map(({ cpu, seconds }) => (count * SINGLES) / (cpu - silent * seconds)));
    compared.push({ rate, perCpu, kB, laterKB });
    const [stowage = { rate, perCpu }] = compared;
    report(
      `${contestant.name.padEnd(26)}${rate.toFixed(0).padStart(11)}${(stowage.rate / rate).toFixed(2).padStart(8)}   ${perCpu.toFixed(0).padStart(24)}${(stowage.perCpu / perCpu).toFixed(2).padStart(8)}   ` +
        `${middle(singles.map((one) => one.p50))
          .toFixed(0)
          .padStart(6)}   ${middle(singles.map((one) => one.p99))
          .toFixed(0)
          .padStart(6)}   ${(silent * 1000).toFixed(0).padStart(14)}   ${kB.toFixed(1).padStart(15)}   ${laterKB.toFixed(1).padStart(17)}`,
    );
    await subscribers.stop();
    await contestant.stop();
  }
  return compared;
}

/** This gateway is so many times as quick as another. */
function requireTimes(measure: 'rate' | 'perCpu', own: Compared | undefined, other: Compared | undefined, least: number): void {
  expect((own?.[measure] ?? NaN) / (other?.[measure] ?? NaN)).toBeGreaterThanOrEqual(least);
}

const own = (gateways = 1) => startOwn(server.url, gateways);
const plain = () => startPeer(server.url, 'plain ws broadcast', 'plain-ws.mjs');
const graphqlWs = () => startPeer(server.url, 'graphql-ws and graphql-js', 'graphql-ws.mjs');

for (const count of [2_000, 5_000]) {
  scenario(`one-group-${String(count)}`, `${String(count)} subscribers ask the same`, async () => {
    const [stowage, broadcast, peer] = await compare(count, [QUERY], [() => own(), plain, graphqlWs, () => own(2)]);
    requireTimes('rate', stowage, broadcast, LEAST.ofPlain);
    requireTimes('perCpu', stowage, broadcast, LEAST.ofPlain);
    requireTimes('rate', stowage, peer, LEAST.ofGraphqlWs);
    expect(stowage?.laterKB).toBeLessThanOrEqual(MOST.kB);
  });
}

scenario('100-groups', '2,000 subscribers ask 100 different things', async () => {
  const [stowage, peer] = await compare(2_000, manyQueries(100), [() => own(), graphqlWs, () => own(2)]);
  requireTimes('rate', stowage, peer, LEAST.ofGraphqlWsInManyGroups);
  requireTimes('perCpu', stowage, peer, LEAST.ofGraphqlWsInManyGroups);
  expect(stowage?.laterKB).toBeLessThanOrEqual(MOST.kB);
});

scenario('steady', '5,000 subscribers at 100 events a second, then some stop reading', async () => {
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
  expect(ended).toBe(STALLED);
  expect(all.measured.p99).toBeLessThan(MOST.p99);
  expect(others.measured.p99 / all.measured.p99).toBeLessThanOrEqual(MOST.p99Stalled);
});

scenario('restart', 'all come back at once with their cursors', async () => {
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
      `missing ${String(heard.missing)}, lost ${String(heard.lost)}, doubled ${String(heard.doubled)}, out of order ${String(heard.disordered)}, cut off ${String(heard.closed)}; ` +
      `the journal was read ${String((await reads()) - before)} times, 200 new events included`,
  );
  await subscribers.stop();
  await second.stop();
  requireAll(heard);
});

scenario('filters', '1,000 filters for different volumes', async () => {
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
  expect(many).toBeLessThan(MOST.unwanted * one);
});

test('there is a scenario of that name', () => {
  expect([undefined, 'one-group-2000', 'one-group-5000', '100-groups', 'steady', 'restart', 'filters']).toContain(SCENARIO);
});
