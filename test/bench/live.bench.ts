import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { report } from './figures.js';

/** Events of one field list to thousands of WebSockets, from this gateway, a plain `ws` broadcast, and graphql-ws with graphql-js. */
const LIVE = fileURLToPath(new URL('live/', import.meta.url));
const COUNTS = (process.env['BENCH_SUBSCRIBERS'] ?? '2000,5000').split(',').map(Number);
const BURST = Number(process.env['BENCH_BURST'] ?? 50);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 60);
/** Ticks of a process' CPU time in a second (sysconf(_SC_CLK_TCK), the same on every Linux). */
const TICKS = 100;

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

interface Contestant {
  readonly name: string;
  readonly urls: readonly string[];
  readonly pids: readonly number[];
  stop(): Promise<unknown>;
}

async function startPeer(name: string, program: string): Promise<Contestant> {
  const child = spawn(process.execPath, [path.join(LIVE, program), server.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
  });
  const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => [])])) as [Buffer?];
  if (line === undefined) throw new Error(`${program} ended`);
  return { name, urls: [line.toString().trim()], pids: [pidOf(child)], stop: () => end(child) };
}

async function startOwn(gateways: number): Promise<Contestant> {
  const environment = {
    DATABASE_URL: server.url,
    STOWAGE_SECRET_KEY: 'one secret of all gateways here',
    STOWAGE_LOG_LEVEL: 'error',
    STOWAGE_MAX_CONNECTIONS: '20000',
    STOWAGE_MAX_SUBSCRIPTIONS: '20000',
  };
  const started: TestGateway[] = [];
  for (let index = 0; index < gateways; index += 1) started.push(await startGateway({ environment }));
  return {
    name: gateways === 1 ? 'Stowage' : `Stowage, ${String(gateways)} gateways`,
    urls: started.map(({ url }) => url),
    pids: started.map(({ process: child }) => pidOf(child)),
    stop: () => Promise.all(started.map((gateway) => gateway.stop())),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  if (child.kill('SIGKILL')) await ended;
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('the process did not start');
  return pid;
}

/** CPU seconds and resident bytes of processes together. */
async function usage(pids: readonly number[]): Promise<{ cpu: number; rss: number }> {
  let cpu = 0;
  let rss = 0;
  for (const pid of pids) {
    const fields = (await readFile(`/proc/${String(pid)}/stat`, 'utf8'))
      .replace(/^.*\) /, '')
      .split(' ')
      .map(Number);
    cpu += ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS;
    rss += (fields[21] ?? 0) * 4096;
  }
  return { cpu, rss };
}

interface Heard {
  readonly missing: number;
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  readonly closed: number;
  /** When the last subscriber had each position, in milliseconds since 1970. */
  readonly last: readonly (readonly [number, number])[];
  readonly cpu: number;
}

/** Subscribers in a process of their own. */
class Subscribers {
  private readonly lines: AsyncIterator<string>;

  private constructor(private readonly child: ChildProcess & { stdout: NodeJS.ReadableStream; stdin: NodeJS.WritableStream }) {
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static async start(urls: readonly string[], count: number, queries: readonly string[]): Promise<Subscribers> {
    const options = JSON.stringify({ urls, count, queries, authorization: `Bearer ${TEST_SECRET}` });
    const child = spawn(process.execPath, [path.join(LIVE, 'subscribers.mjs'), options], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] },
    });
    const subscribers = new Subscribers(child);
    await subscribers.read();
    return subscribers;
  }

  async ask<Told>(command: unknown): Promise<Told> {
    this.child.stdin.write(`${JSON.stringify(command)}\n`);
    return this.read<Told>();
  }

  async read<Told>(): Promise<Told> {
    const line = await this.lines.next();
    if (line.done === true) throw new Error('the subscribers ended');
    return JSON.parse(line.value) as Told;
  }

  async stop(): Promise<void> {
    await end(this.child);
  }
}

async function publish(count: number, perSecond: number): Promise<Map<number, number>> {
  const child = spawn(process.execPath, [path.join(LIVE, 'publish.mjs')], { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] } });
  child.stdin.end(JSON.stringify({ url: server.url, count, perSecond, hosts: ['alpha', 'beta', 'gamma'] }));
  return new Map(JSON.parse(await text(child.stdout)) as [number, number][]);
}

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
  const [commits, heard] = await Promise.all([publish(events, perSecond), subscribers.read<Heard>()]);
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
  let own: { rate: number; perCpu: number } | undefined;
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
    own ??= { rate, perCpu };
    report(
      `${contestant.name.padEnd(26)}${rate.toFixed(0).padStart(11)}${(own.rate / rate).toFixed(2).padStart(8)}   ${perCpu.toFixed(0).padStart(24)}${(own.perCpu / perCpu).toFixed(2).padStart(8)}   ` +
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

const plain = () => startPeer('plain ws broadcast', 'plain-ws.mjs');
const graphqlWs = () => startPeer('graphql-ws and graphql-js', 'graphql-ws.mjs');

test.each(COUNTS)('one group of %i', async (count) => {
  await compare(count, [QUERY], [() => startOwn(1), plain, graphqlWs, () => startOwn(2)]);
});

test('100 groups', async () => {
  await compare(2_000, manyQueries(100), [() => startOwn(1), graphqlWs]);
});

test.each([0, 50])('5,000 subscribers at 100 events a second, %i of them stop reading', async (stalled) => {
  const contestant = await startOwn(1);
  const subscribers = await Subscribers.start(contestant.urls, 5_000, [QUERY]);
  await round(contestant, subscribers, 5_000, 200, 100);
  if (stalled > 0) await subscribers.ask({ stall: stalled });
  const before = await usage(contestant.pids);
  const { p50, p99, heard } = await round(contestant, subscribers, 5_000, 100 * SECONDS, 100);
  const after = await usage(contestant.pids);
  report(
    `5,000 subscribers, ${String(SECONDS)} s of 100 events/s, ${String(stalled)} stop reading: from commit to the last subscriber p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms; ` +
      `missing ${String(heard.missing)}, lost ${String(heard.lost)}, doubled ${String(heard.doubled)}, out of order ${String(heard.disordered)}, cut off ${String(heard.closed)}; ` +
      `gateway ${((after.cpu - before.cpu) / SECONDS).toFixed(2)} cores, ${((after.rss - before.rss) / 1e6).toFixed(0)} MB more; subscribers ${(heard.cpu / SECONDS).toFixed(2)} cores`,
  );
  await subscribers.stop();
  await contestant.stop();
});
