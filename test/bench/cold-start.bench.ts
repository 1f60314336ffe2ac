import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { eventually } from '../harness/wait.js';
import { report } from './figures.js';
import { usage } from './live/stand.js';
import { startSimulatedEngines } from './simulated/stand.js';

// A gateway that is started beside many hosts that it has never seen, and then watches them. It fails when what MOST says
// does not hold, which is promised for the default sizes and two cores, the simulated engines and PostgreSQL included.

const HOSTS = Number(process.env['BENCH_HOSTS'] ?? 100);
const VOLUMES = Number(process.env['BENCH_VOLUMES'] ?? 1_000);
const CONTAINERS = Number(process.env['BENCH_CONTAINERS'] ?? 100);
const RATE = Number(process.env['BENCH_RATE'] ?? 50);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 60);
/** Seconds until the inventory is complete; bytes of the gateway's memory at most; its share of a core while events come. */
const MOST = { seconds: 60, bytes: 600 * 1024 * 1024, cores: 0.5 };
/** Milliseconds that the inventory may take in all to be complete, so that a gateway that misses the promise is measured, too. */
const PATIENCE_MS = 20 * 60_000;
/** Seconds after which what the start has left behind no more counts. */
const SETTLE_SECONDS = 10;

/** Ticks of CPU time in a second (sysconf(_SC_CLK_TCK), the same on every Linux). */
const TICKS = 100;

const COUNTS = '{ volumes(first: 1) { totalCount } containers(first: 1) { totalCount } }';

/** What people ask for first. */
const LISTS: Readonly<Record<string, string>> = {
  'a page of 50 volumes with hosts, mounts and containers': '{ volumes(first: 50) { nodes { name state host { name } mounts { container { name } } } } }',
  'the 50 largest': '{ volumes(first: 50, orderBy: { field: SIZE, direction: DESC }) { nodes { name } } }',
  'a part of a name': '{ volumes(first: 50, filter: { search: "7-99" }) { nodes { name } } }',
  'a count of all volumes': '{ volumes(first: 1) { totalCount } }',
  'all hosts with their numbers': '{ hosts { name status stats { volumes containers } } }',
};

/** What ends what was started, also when the bench fails. */
const started: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of started.reverse()) await stop();
});

test('many hosts that were never seen: until all is known, and then events', async () => {
  const engines = await startSimulatedEngines({ hosts: HOSTS, volumesEach: VOLUMES, containersEach: CONTAINERS });
  started.push(() => engines.stop());
  const began = performance.now();
  const gateway = await startGateway({ hosts: engines.hosts, environment: { STOWAGE_LOG_LEVEL: process.env['BENCH_LOG_LEVEL'] ?? 'warn' } });
  started.push(() => gateway.stop());
  const pid = gateway.process.pid ?? NaN;
  await eventually(
    async () => {
      const { hosts } = await gateway.query<{ hosts: { status: string }[] }>('{ hosts { status } }');
      const online = hosts.filter(({ status }) => status === 'ONLINE').length;
      if (online < HOSTS) throw new Error(`${String(online)} of ${String(HOSTS)} hosts are ONLINE`);
    },
    { what: 'every host is ONLINE', timeoutMs: PATIENCE_MS, intervalMs: 500 },
  );
  const seconds = (performance.now() - began) / 1000;
  const { volumes, containers } = await gateway.query<Record<'volumes' | 'containers', { totalCount: number }>>(COUNTS);
  expect([volumes.totalCount, containers.totalCount]).toEqual([HOSTS * VOLUMES, HOSTS * CONTAINERS]);
  const atStart = await usage([pid]);
  report(
    `${String(HOSTS)} hosts with ${String(volumes.totalCount)} volumes and ${String(containers.totalCount)} containers, known after ${seconds.toFixed(1)} s`,
  );
  report(`the gateway took ${atStart.cpu.toFixed(1)} s of CPU time, PostgreSQL ${childrenCpu(pid).toFixed(1)} s; memory at most ${megabytes(peakMemory(pid))}`);

  for (const [what, question] of Object.entries(LISTS)) {
    const asked = performance.now();
    await gateway.query(question);
    report(`${what}: ${(performance.now() - asked).toFixed(0)} ms at the first time`);
  }

  await delay(SETTLE_SECONDS * 1000);
  const quiet = await measure(pid, SETTLE_SECONDS);
  report(`with no events it takes ${share(quiet)} of a core`);
  await engines.setRate(RATE);
  await delay(SETTLE_SECONDS * 1000);
  const toldBefore = await engines.setRate(RATE);
  const journalBefore = await journalled(gateway);
  const databaseBefore = childrenCpu(pid);
  const busy = await measure(pid, SECONDS);
  const databaseShare = (childrenCpu(pid) - databaseBefore) / SECONDS;
  const told = ((await engines.setRate(0)) - toldBefore) / SECONDS;
  const entries = ((await journalled(gateway)) - journalBefore) / SECONDS;
  report(
    `at ${told.toFixed(1)} events a second of engines, ${entries.toFixed(1)} of the journal, it takes ${share(busy)} of a core, PostgreSQL ${share(databaseShare)}; memory ${megabytes((await usage([pid])).rss)}, at most ${megabytes(peakMemory(pid))}`,
  );
  const peak = peakMemory(pid);
  expect({ seconds: seconds < MOST.seconds || seconds, bytes: peak < MOST.bytes || peak, cores: busy < MOST.cores || busy }).toEqual({
    ...{ seconds: true, bytes: true, cores: true },
  });
});

/** Share of a core that a process takes for so many seconds. */
async function measure(pid: number, seconds: number): Promise<number> {
  const began = performance.now();
  const before = await usage([pid]);
  await delay(seconds * 1000);
  return ((await usage([pid])).cpu - before.cpu) / ((performance.now() - began) / 1000);
}

/** Entries of the journal so far. */
async function journalled(gateway: TestGateway): Promise<number> {
  const response = await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${TEST_SECRET}` } });
  return [...(await response.text()).matchAll(/^stowage_events_total\{[^}]*\} (\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Bytes of the most memory that a process had. */
function peakMemory(pid: number): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]);
}

/** CPU seconds of all that a process has started, and of what those have, also of what has ended by now. */
function childrenCpu(pid: number): number {
  const processes = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statOf(Number(name)) : []));
  const found = [pid];
  for (const each of found) found.push(...processes.flatMap((child) => (child.parent === each ? [child.pid] : [])));
  return processes.reduce((sum, child) => (child.pid !== pid && found.includes(child.pid) ? sum + child.cpu : sum), 0);
}

function statOf(pid: number): readonly { readonly pid: number; readonly parent: number; readonly cpu: number }[] {
  try {
    // From the third field of proc(5) on: user and system time are the 14th and 15th, those of children that were waited for the next two.
    const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .map(Number);
    return [{ pid, parent: fields[1] ?? NaN, cpu: fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) / TICKS }];
  } catch {
    // It has ended.
    return [];
  }
}

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
const share = (part: number) => part.toFixed(3);
