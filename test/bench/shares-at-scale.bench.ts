import { v7 as newId } from 'uuid';
import { Prisma } from '../../src/database/client.js';
import { absorb } from '../../src/inventory/changes.js';
import { addHost, newHostId } from '../../src/inventory/hosts.js';
import type { Lease } from '../../src/inventory/lease.js';
import { emptyPicture, type ContainerFacts, type HostPicture, type VolumeFacts } from '../../src/inventory/picture.js';
import { reconcile } from '../../src/inventory/reconcile.js';
import { applyChanges } from '../../src/inventory/store.js';
import { holdLease, startDatabase, testSealer, type TestDatabase } from '../harness/database.js';
import { bindMount, containerFacts, seeAll, seeSome, volumeFacts, volumeMount, type EngineState } from '../inventory/engine-states.js';
import { describeMs, report, timeMs } from './figures.js';

const HOSTS = 20;
const VOLUMES = 1_000;
const CONTAINERS = 500;
/** Exports that volumes of all hosts mount, and volumes of each host that do. */
const EXPORTS = 10;
const EXPORTED = 50;
const ROUNDS = 200;

/**
 * A host as it may be: of its three mounts each container has a volume of its own or one of an export, one that it shares
 * with its neighbour, and a directory, some inside others.
 */
function hostState(host: number): EngineState {
  const volumes = new Map<string, VolumeFacts>();
  for (let index = 0; index < VOLUMES; index += 1) {
    const name = `volume-${String(index)}`;
    const options = { type: 'nfs', o: 'addr=nas.example,rw', device: `:/export/${String(index % EXPORTS)}${host % 2 === 0 ? '' : '/part'}` };
    volumes.set(name, volumeFacts(name, index < EXPORTED ? { options } : {}));
  }
  const containers = new Map<string, ContainerFacts>();
  for (let index = 0; index < CONTAINERS; index += 1) containers.set(...containerOf(index));
  return { volumes, containers };
}

function containerOf(index: number): [string, ContainerFacts] {
  const id = index.toString(16).padStart(64, '0');
  const shared = CONTAINERS + (index >> 1);
  const mounts = [
    volumeMount(`volume-${String(index)}`, '/own'),
    volumeMount(`volume-${String(shared)}`, '/shared', index % 2 === 1),
    bindMount(index % 10 === 0 ? `/srv/app-${String(index)}` : `/srv/app-${String(index - (index % 10))}/data/${String(index)}`, '/bound'),
  ];
  return [id, containerFacts(id, { name: `c-${String(index)}`, state: 'RUNNING', startedAt: 1_000, mounts })];
}

let server: TestDatabase;

beforeAll(async () => {
  server = await startDatabase();
});

afterAll(async () => {
  await server.stop();
});

/** Bytes that the server has written to its log so far: what indexes cost, whatever else the machine does. */
async function walPosition(): Promise<bigint> {
  const [row] = await server.database.readRows<{ bytes: bigint }>(Prisma.sql`select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint as bytes`);
  return row?.bytes ?? 0n;
}

test('shares of 20 hosts with 20,000 volumes, 10,000 containers and 30,000 mounts', async () => {
  const hosts: { lease: Lease; picture: HostPicture; state: EngineState }[] = [];
  for (let index = 0; index < HOSTS; index += 1) {
    const name = `host-${String(index)}`;
    const { id } = await addHost(server.database, { id: newHostId(), name, endpoint: 'unix:///x', labels: {}, credentials: null }, 'bench');
    hosts.push({ lease: await holdLease(server.database, id), picture: emptyPicture({ id, name }), state: hostState(index) });
  }
  const beganAt = await walPosition();
  let decidingMs = 0;
  const allMs = await timeMs(async () => {
    for (const { lease, picture, state } of hosts) {
      const began = performance.now();
      const changes = reconcile(picture, seeAll(state), newId);
      decidingMs += performance.now() - began;
      await applyChanges(server.database, testSealer, lease, picture.host, changes);
      absorb(picture, changes);
      picture.sharesAreComplete = true;
    }
  });
  const counts = await server.database.$queryRaw<{ what: string; count: bigint }[]>`
    select 'volumes' as what, count(*) from volume union all select 'containers', count(*) from container union all select 'mounts', count(*) from mount
    union all select 'shares of ' || kind::text, count(*) from share group by kind union all select 'memberships', count(*) from share_mount order by 1`;
  report(counts.map(({ what, count }) => `${what}: ${String(count)}`).join(', '));
  const megabytes = Number((await walPosition()) - beganAt) / 1e6;
  report(`all of it from nothing: deciding ${decidingMs.toFixed(0)} ms, with writing ${allMs.toFixed(0)} ms; ${megabytes.toFixed(0)} MB of write-ahead log`);

  let added = 0;
  for (const [what, mounts] of [
    ['a volume and a directory of its host', [volumeMount('volume-900', '/a'), volumeMount('volume-501', '/b'), bindMount('/srv/app-100/data', '/c')]],
    ['an export of all hosts, too', [volumeMount('volume-7', '/a'), volumeMount('volume-501', '/b'), bindMount('/srv/app-100/data', '/c')]],
  ] as const) {
    const deciding: number[] = [];
    const own: number[] = [];
    const all: number[] = [];
    for (let round = 0; round < ROUNDS + 5; round += 1) {
      const host = hosts[round % HOSTS];
      if (host === undefined) throw new Error('there is no host');
      added += 1;
      const id = `b${added.toString(16).padStart(63, '0')}`;
      const facts = containerFacts(id, { name: `added-${String(added)}`, state: 'RUNNING', startedAt: 2_000, mounts });
      const state: EngineState = { volumes: new Map(), containers: new Map([[id, facts]]) };
      const cpu = process.cpuUsage();
      const began = performance.now();
      const changes = reconcile(host.picture, seeSome(state, [], [id]), newId);
      const decided = performance.now();
      await applyChanges(server.database, testSealer, host.lease, host.picture.host, changes);
      absorb(host.picture, changes);
      const done = performance.now();
      expect(changes.shares.length).toBeGreaterThan(0);
      if (round < 5) continue;
      deciding.push(decided - began);
      const { user, system } = process.cpuUsage(cpu);
      own.push((user + system) / 1_000);
      all.push(done - began);
    }
    report(describeMs(`one container with ${what}, deciding`, deciding));
    report(describeMs("  and written, the process's own CPU time", own));
    report(describeMs('  and written, with the time of the database', all));
  }
});
