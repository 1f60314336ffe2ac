/** @alone It uses both cores. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { readJournal } from '../harness/events.js';
import { startStand, type Stand } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

const VOLUMES = 1_000;
const AT_ONCE = 16;
/** Megabytes by which the gateway may grow in a burst. What it keeps of the journal, 5,000 entries, is among them. */
const GROWTH_LIMIT_MB = 200;

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(['alpha', 'beta', 'gamma']);
});

afterAll(async () => {
  await stand.stop();
});

/** The most memory that the gateway ever had, in megabytes; where only Linux would know it, what it has now. */
async function peakMemory(): Promise<number> {
  const pid = String(stand.gateway.process.pid);
  if (process.platform !== 'linux') return Number((await promisify(execFile)('ps', ['-o', 'rss=', '-p', pid])).stdout) / 1_024;
  return Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

/** Runs for each name, some at a time. */
async function forEach(names: readonly string[], step: (name: string) => Promise<unknown>): Promise<void> {
  const rest = [...names];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let name = rest.shift(); name !== undefined; name = rest.shift()) await step(name);
    }),
  );
}

test(`${String(VOLUMES)} volumes made and removed at once on each of three engines leave nothing behind, and nothing out`, async () => {
  const before = await peakMemory();
  const names = Array.from({ length: VOLUMES }, (_, index) => `burst-${String(index)}`);
  const stays = (name: string) => name.endsWith('7');
  await Promise.all(
    stand.engines.map(async ({ docker }) => {
      await forEach(names, async (name) => {
        await docker.createVolume({ Name: name });
        if (!stays(name)) await docker.getVolume(name).remove();
      });
    }),
  );
  const left = names.filter(stays).sort();
  for (const { name: host } of stand.engines) {
    await eventually(
      async () => {
        const { volumes } = await stand.gateway.query<{ volumes: { nodes: { name: string }[] } }>(
          'query ($host: String!) { volumes(first: 200, filter: { hosts: [$host] }) { nodes { name } } }',
          { host },
        );
        expect(volumes.nodes.map(({ name }) => name).sort()).toEqual(left);
      },
      { what: `${host} has what is left`, timeoutMs: 10_000 },
    );
  }
  // The journal comes to the same: what is told of as made and not as removed is what is there.
  const living = new Map<string, number>();
  for (const { type, hostName, volumeName } of await readJournal(stand.gateway)) {
    const key = `${hostName ?? ''} ${volumeName ?? ''}`;
    if (type === 'VOLUME_CREATED') living.set(key, (living.get(key) ?? 0) + 1);
    if (type === 'VOLUME_REMOVED') living.set(key, (living.get(key) ?? 0) - 1);
  }
  expect([...living.values()].every((count) => count === 0 || count === 1)).toBe(true);
  expect([...living].flatMap(([key, count]) => (count === 1 ? [key] : [])).sort()).toEqual(
    stand.engines.flatMap(({ name }) => left.map((volume) => `${name} ${volume}`)).sort(),
  );
  expect((await peakMemory()) - before).toBeLessThan(GROWTH_LIMIT_MB);
}, 120_000);
