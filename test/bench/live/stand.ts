import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startGateway, TEST_SECRET, type TestGateway } from '../../harness/gateway.js';

const LIVE = fileURLToPath(new URL('./', import.meta.url));
/** Ticks of a process' CPU time in a second (sysconf(_SC_CLK_TCK), the same on every Linux). */
const TICKS = 100;

/** A server that is measured. */
export interface Contestant {
  readonly name: string;
  readonly urls: readonly string[];
  readonly pids: readonly number[];
  stop(): Promise<unknown>;
}

/** One of the peers, on the same journal. */
export async function startPeer(databaseUrl: string, name: string, program: string): Promise<Contestant> {
  const child = spawn(process.execPath, [path.join(LIVE, program), databaseUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
  });
  const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => [])])) as [Buffer?];
  if (line === undefined) throw new Error(`${program} ended`);
  return { name, urls: [line.toString().trim()], pids: [pidOf(child)], stop: () => end(child) };
}

/** Gateways of this checkout, as users start them. */
export async function startOwn(databaseUrl: string, gateways: number): Promise<Contestant> {
  const environment = {
    DATABASE_URL: databaseUrl,
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
export async function usage(pids: readonly number[]): Promise<{ cpu: number; rss: number }> {
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

/** What subscribers heard in one round. */
export interface Heard {
  readonly missing: number;
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  readonly closed: number;
  /** When the last subscriber had each position, in milliseconds since 1970. */
  readonly last: readonly (readonly [number, number])[];
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** Seconds of their own CPU time. */
  readonly cpu: number;
}

/** Subscribers in a process of their own. */
export class Subscribers {
  private readonly lines: AsyncIterator<string>;

  private constructor(private readonly child: ChildProcess & { stdout: NodeJS.ReadableStream; stdin: NodeJS.WritableStream }) {
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** @param half called when the first half of them listens. */
  static async start(
    urls: readonly string[],
    count: number,
    queries: readonly string[],
    half: () => Promise<void> = () => Promise.resolve(),
  ): Promise<Subscribers> {
    const child = spawn(process.execPath, [path.join(LIVE, 'subscribers.mjs')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] },
    });
    const subscribers = new Subscribers(child);
    await subscribers.ask({ urls, count, queries, authorization: `Bearer ${TEST_SECRET}` });
    await half();
    await subscribers.ask({ rest: true });
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

/** Journals events, from another process; perSecond 0: as fast as they commit. Gives the time of each position's commit. */
export async function publish(url: string, count: number, perSecond: number): Promise<Map<number, number>> {
  const child = spawn(process.execPath, [path.join(LIVE, 'publish.mjs')], { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] } });
  child.stdin.end(JSON.stringify({ url, count, perSecond, hosts: ['alpha', 'beta', 'gamma'] }));
  return new Map(JSON.parse(await text(child.stdout)) as [number, number][]);
}
