import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { v7 as newId } from 'uuid';
import { addHost, newHostId, removeHost, type Host } from '../../src/inventory/hosts.js';
import { emptyPicture, type HostPicture } from '../../src/inventory/picture.js';
import { isWithin, pathComponents } from '../../src/inventory/storage-place.js';
import { applyChanges, loadPicture } from '../../src/inventory/store.js';
import { holdLease, testSealer } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { containerFacts, look, seeAll, volumeFacts, volumeMount } from './engine-states.js';

const server = ownDatabase();
let hosts: Host[];

beforeEach(async () => {
  hosts = await Promise.all(
    ['alpha', 'beta'].map((name) => addHost(server.database, { id: newHostId(), name, endpoint: `unix:///${name}`, labels: {}, credentials: null }, 'test')),
  );
});

afterEach(async () => {
  await server.database.share.deleteMany();
  await server.database.host.deleteMany();
});

/** Containers of one host by number, each with the path that it mounts of the one server. */
type Mounted = ReadonlyMap<number, string>;

/** Writes that a host has just these containers. */
async function become(host: Host, picture: HostPicture, mounted: Mounted): Promise<void> {
  const volumes = new Map(
    [...mounted].map(([number, device]) => {
      const name = `volume-${String(number)}-${Buffer.from(device).toString('hex')}`;
      return [name, volumeFacts(name, { options: { type: 'nfs', o: 'addr=nas', device: `:${device}` } })] as const;
    }),
  );
  const containers = new Map(
    [...volumes.keys()].map((name) => {
      const id = createHash('sha256').update(name).digest('hex');
      return [id, containerFacts(id, { name: `of ${host.name} ${name}`, mounts: [volumeMount(name, '/data')] })] as const;
    }),
  );
  const changes = look(picture, seeAll({ volumes, containers }), newId);
  const lease = await holdLease(server.database, host.id);
  await applyChanges(server.database, testSealer, lease, host, changes);
}

/** Shares as they stand in the database: path, whether they reach over hosts, and the containers. */
async function sharesInDatabase(): Promise<string[]> {
  const rows = await server.database.share.findMany({ include: { mounts: { include: { mount: { include: { container: true } } } } } });
  return rows
    .map(
      ({ path, hostId, mounts }) =>
        `${path ?? ''} ${hostId === null ? 'over hosts' : 'of one'}: ${mounts
          .map(({ mount }) => mount.container.name)
          .sort()
          .join(', ')}`,
    )
    .sort();
}

/** The same by comparing all with all. */
function byComparingAll(all: readonly { host: Host; mounted: Mounted }[]): string[] {
  const spots = all.flatMap(({ host, mounted }) =>
    [...mounted].map(([number, device]) => ({
      host: host.name,
      name: `of ${host.name} volume-${String(number)}-${Buffer.from(device).toString('hex')}`,
      path: pathComponents(device) ?? [],
    })),
  );
  const shares = new Map<string, string>();
  for (const { path } of spots) {
    const members = spots.filter((spot) => isWithin(spot.path, path));
    if (members.length < 2) continue;
    const over = new Set(members.map(({ host }) => host)).size > 1 ? 'over hosts' : 'of one';
    const key = `/${path.join('/')}`;
    shares.set(
      key,
      `${key} ${over}: ${members
        .map(({ name }) => name)
        .sort()
        .join(', ')}`,
    );
  }
  return [...shares.values()].sort();
}

test('whatever comes and goes on two hosts, the shares are those that comparing all mounts with all would give', async () => {
  const device = fc.constantFrom('/', '/a', '/a/b', '/a/b/c', '/ab', `/${'long/'.repeat(40)}a`, `/${'long/'.repeat(40)}b`);
  const mounted = fc.array(fc.tuple(fc.nat({ max: 3 }), device), { maxLength: 4 }).map((list) => new Map(list));
  const steps = fc.array(fc.tuple(fc.nat({ max: 1 }), mounted), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      await server.database.share.deleteMany();
      await server.database.container.deleteMany();
      await server.database.volume.deleteMany();
      const pictures = hosts.map((host) => emptyPicture(host));
      const now: Mounted[] = hosts.map(() => new Map());
      for (const [which, next] of list) {
        await become(hosts[which] as Host, pictures[which] as HostPicture, next);
        now[which] = next;
        expect(await sharesInDatabase()).toEqual(byComparingAll(hosts.map((host, index) => ({ host, mounted: now[index] as Mounted }))));
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);

test('two hosts that change at once lose no share', async () => {
  const pictures = hosts.map((host) => emptyPicture(host));
  for (let round = 1; round <= 10; round += 1) {
    const mounted = new Map(Array.from({ length: round }, (_, index) => [index, '/a'] as const));
    await Promise.all(hosts.map((host, index) => become(host, pictures[index] as HostPicture, mounted)));
    expect(await sharesInDatabase()).toEqual(byComparingAll(hosts.map((host) => ({ host, mounted }))));
  }
});

test('a host that is removed leaves the shares of the others true, and what was known is found again', async () => {
  const [alpha, beta] = hosts as [Host, Host];
  const pictures = hosts.map((host) => emptyPicture(host));
  const mounted = new Map([
    [0, '/a'],
    [1, '/a'],
  ]);
  await become(alpha, pictures[0] as HostPicture, mounted);
  await become(beta, pictures[1] as HostPicture, mounted);
  const ofThisTest = new Set((await server.database.share.findMany({ select: { id: true } })).map(({ id }) => id));
  const loaded = await loadPicture(server.database, testSealer, alpha);
  expect([...loaded.network.keys()].sort()).toEqual([...(pictures[0] as HostPicture).network.keys()].sort());
  expect(await removeHost(server.database, beta, 'test')).toBe(true);
  expect(await sharesInDatabase()).toEqual(byComparingAll([{ host: alpha, mounted }]));
  expect(await removeHost(server.database, alpha, 'test')).toBe(true);
  expect(await sharesInDatabase()).toEqual([]);
  // Those of one host, too, are told to end: who follows the journal has none left.
  const told = await server.database.$queryRaw<{ shareId: string; type: string }[]>`
    select share_id as "shareId", type from journal where type in ('SHARE_FORMED', 'SHARE_DISSOLVED') and host_name in ('alpha', 'beta') order by position`;
  const living = new Set<string>();
  for (const { shareId, type } of told)
    if (type === 'SHARE_FORMED') living.add(shareId);
    else living.delete(shareId);
  expect([...living].filter((id) => ofThisTest.has(id))).toEqual([]);
});
