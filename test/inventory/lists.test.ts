import fc from 'fast-check';
import { v4 as randomId } from 'uuid';
import type { ContainerState, MountType, Volume, VolumeState } from '../../src/generated/prisma/client.js';
import { ALL_COLUMNS } from '../../src/inventory/columns.js';
import { listContainers, type ContainerQuery } from '../../src/inventory/containers.js';
import { listShares, type ShareQuery } from '../../src/inventory/lookups.js';
import type { Page, PageRequest } from '../../src/inventory/pages.js';
import { listVolumes, type VolumeOrder, type VolumeQuery } from '../../src/inventory/volumes.js';
import type { EntryFilter, LifecycleEventType } from '../../src/journal/entry.js';
import { readEntries } from '../../src/journal/read.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { proveNothingIsLeft } from '../harness/stand.js';

// Lists as the gateway reads them, beside the same worked out plainly from all rows in memory.

const HOSTS = ['alpha', 'beta', 'gamma'];
const NAMES = ['data', 'Data_1', 'data.2', 'd%ta', 'web_cache', 'cache', 'x'.repeat(255), 'a0', 'A1', 'zz'];
const PROJECTS = ['shop', 'blog', 'p'.repeat(300)];
const LABELS: readonly Record<string, string>[] = [{}, { team: 'red' }, { team: 'blue', tier: '' }, { 'team"x': 'red', tier: 'gold' }];
const TYPES: readonly LifecycleEventType[] = ['VOLUME_CREATED', 'CONTAINER_STARTED', 'HOST_ONLINE'];
const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T00:00:00Z');

interface VolumeRow extends Pick<Volume, 'id' | 'hostId' | 'name' | 'driver' | 'anonymous' | 'composeProject' | 'state' | 'protected' | 'shareCount'> {
  readonly labels: Record<string, string>;
  readonly createdAt: Date | null;
  readonly sizeBytes: bigint | null;
  readonly lastMountedAt: Date | null;
  readonly lastInUseAt: Date | null;
  readonly firstSeenAt: Date;
}

interface ContainerRow {
  readonly id: string;
  readonly hostId: string;
  readonly name: string;
  readonly state: ContainerState;
  readonly labels: Record<string, string>;
  readonly composeProject: string | null;
}

interface MountRow {
  readonly id: string;
  readonly containerId: string;
  readonly volumeId: string | null;
  readonly volumeName: string | null;
  readonly type: MountType;
  readonly source: string | null;
  readonly destination: string;
}

interface ShareRow {
  readonly id: string;
  readonly kind: 'VOLUME' | 'BIND_PATH' | 'NETWORK';
  readonly identity: string;
  readonly hostId: string | null;
  readonly volumeId: string | null;
  readonly multipleWriters: boolean;
  readonly mountIds: readonly string[];
}

interface EventRow {
  readonly type: LifecycleEventType;
  readonly hostName: string | null;
  readonly volumeName: string | null;
  readonly containerName: string | null;
}

interface World {
  readonly hosts: ReadonlyMap<string, string>;
  readonly volumes: readonly VolumeRow[];
  readonly containers: readonly ContainerRow[];
  readonly mounts: readonly MountRow[];
  readonly shares: readonly ShareRow[];
  readonly events: readonly EventRow[];
}

const time = fc.option(
  fc.integer({ min: 1, max: 40 }).map((days) => new Date(NOW - days * DAY)),
  { nil: null },
);
const place = fc.nat({ max: 1_000 });
const among = <T>(values: readonly T[], at: number): T => {
  const value = values[at % values.length];
  if (value === undefined) throw new RangeError('nothing to choose from');
  return value;
};
const choice = <T>(values: readonly T[]) => fc.constantFrom(...values);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });

const world: fc.Arbitrary<World> = fc
  .record({
    volumes: fc.array(
      fc.record({
        host: choice(HOSTS),
        name: choice(NAMES),
        driver: choice(['local', 'rexray', 'd'.repeat(260)]),
        anonymous: fc.boolean(),
        composeProject: fc.option(choice(PROJECTS), { nil: null }),
        removed: fc.boolean(),
        inUse: fc.boolean(),
        protected: fc.boolean(),
        labels: choice(LABELS),
        createdAt: time,
        sizeBytes: fc.option(fc.bigInt({ min: 0n, max: 5n }), { nil: null }),
        lastMountedAt: time,
        lastInUseAt: time,
        firstSeenAt: time.map((at) => at ?? new Date(NOW)),
      }),
      { maxLength: 30 },
    ),
    containers: fc.array(
      fc.record({
        host: choice(HOSTS),
        name: choice([...NAMES, `${'n'.repeat(300)}1`, `${'n'.repeat(300)}2`]),
        state: choice<ContainerState>(['RUNNING', 'EXITED', 'REMOVED']),
        labels: choice(LABELS),
        composeProject: fc.option(choice(PROJECTS), { nil: null }),
      }),
      { maxLength: 20 },
    ),
    mounts: fc.array(
      fc.record({ container: place, volume: place, bind: fc.option(choice(['/srv/a', '/etc/x', '/var/run/docker.sock', '/']), { nil: null }) }),
      {
        maxLength: 40,
      },
    ),
    paths: fc.array(
      fc.record({
        identity: choice(['/srv', '/etc/x', '/srv/a', '/']),
        network: fc.boolean(),
        writers: fc.boolean(),
        mounts: fc.array(place, { maxLength: 4 }),
      }),
      {
        maxLength: 6,
      },
    ),
    events: fc.array(
      fc.record({
        type: choice(TYPES),
        hostName: fc.option(choice(HOSTS), { nil: null }),
        volumeName: fc.option(choice(NAMES), { nil: null }),
        containerName: fc.option(choice(['web', 'n'.repeat(300)]), { nil: null }),
      }),
      { maxLength: 40 },
    ),
  })
  .map(({ volumes, containers, mounts, paths, events }) => {
    const hosts = new Map(HOSTS.map((name) => [name, randomId()]));
    const idOf = (host: string) => hosts.get(host) ?? '';
    const taken = new Set<string>();
    const containerRows: ContainerRow[] = containers.map(({ host, ...rest }) => ({ ...rest, id: randomId(), hostId: idOf(host) }));
    const volumeIds = volumes.map(() => randomId());
    const mountRows: MountRow[] = [];
    for (const [index, { container, volume, bind }] of mounts.entries()) {
      if (containerRows.length === 0) break;
      const { id: containerId, hostId } = among(containerRows, container);
      const own = volumes.flatMap((each, at) => (idOf(each.host) === hostId ? [{ id: volumeIds[at] ?? '', name: each.name }] : []));
      const target = bind === null && own.length > 0 ? among(own, volume) : undefined;
      mountRows.push({
        id: randomId(),
        containerId,
        volumeId: target?.id ?? null,
        volumeName: target?.name ?? null,
        type: target === undefined ? 'BIND' : 'VOLUME',
        source: target === undefined ? (bind ?? '/srv/b') : '/var/lib/docker/volumes/x/_data',
        destination: `/m${String(index)}`,
      });
    }
    const livesIn = (containerId: string) => containerRows.some(({ id, state }) => id === containerId && state !== 'REMOVED');
    const volumeRows: VolumeRow[] = volumes.map(({ host, removed, inUse, ...rest }, at) => {
      const id = volumeIds[at] ?? '';
      const key = `${host} ${rest.name}`;
      // A name belongs to one living volume of a host.
      const gone = removed || taken.has(key);
      if (!gone) taken.add(key);
      const users = new Set(mountRows.filter(({ volumeId, containerId }) => volumeId === id && livesIn(containerId)).map(({ containerId }) => containerId));
      const state: VolumeState = gone ? 'REMOVED' : users.size === 0 ? 'DANGLING' : inUse ? 'IN_USE' : 'IDLE';
      return { ...rest, id, hostId: idOf(host), state, shareCount: gone ? 0 : users.size };
    });
    const ofVolumes = volumeRows
      .filter(({ shareCount }) => shareCount >= 2)
      .map(({ id, name, hostId }): ShareRow => {
        const mountIds = mountRows.filter(({ volumeId, containerId }) => volumeId === id && livesIn(containerId)).map((mount) => mount.id);
        return { id: randomId(), kind: 'VOLUME', identity: name, hostId, volumeId: id, multipleWriters: true, mountIds };
      });
    const livingMounts = mountRows.filter(({ containerId }) => livesIn(containerId));
    const places = new Set<string>();
    const ofPaths = paths.flatMap(({ identity, network, writers, mounts: members }): ShareRow[] => {
      if (livingMounts.length === 0) return [];
      const mountIds = [...new Set(members.map((member) => among(livingMounts, member).id))];
      const first = livingMounts.find(({ id }) => id === mountIds[0]);
      const hostId = network ? null : (containerRows.find(({ id }) => id === first?.containerId)?.hostId ?? idOf('alpha'));
      const key = `${hostId ?? ''} ${identity}`;
      if (places.has(key)) return [];
      places.add(key);
      return [{ id: randomId(), kind: network ? 'NETWORK' : 'BIND_PATH', identity, hostId, volumeId: null, multipleWriters: writers, mountIds }];
    });
    return { hosts, volumes: volumeRows, containers: containerRows, mounts: mountRows, shares: [...ofVolumes, ...ofPaths], events };
  });

let server: TestDatabase;

beforeAll(async () => {
  server = await startDatabase();
});

afterAll(async () => {
  await server.stop();
  await proveNothingIsLeft();
});

async function write({ hosts, volumes, containers, mounts, shares, events }: World): Promise<void> {
  const { database } = server;
  await database.$executeRaw`truncate host, volume, container, mount, share, share_mount, journal restart identity cascade`;
  await database.host.createMany({ data: [...hosts].map(([name, id]) => ({ id, name, endpoint: `unix:///${name}` })) });
  await database.volume.createMany({
    data: volumes.map((volume) => ({ ...volume, scope: 'local', mountpoint: '/v', removedAt: volume.state === 'REMOVED' ? new Date(NOW) : null })),
  });
  await database.container.createMany({
    data: containers.map((container, index) => ({
      ...container,
      engineId: index.toString(16).padStart(64, '0'),
      image: 'i',
      createdAt: new Date(NOW),
      firstSeenAt: new Date(NOW),
      removedAt: container.state === 'REMOVED' ? new Date(NOW) : null,
    })),
  });
  await database.mount.createMany({ data: mounts.map((mount) => ({ ...mount, readOnly: false, origin: 'DECLARED' as const })) });
  await database.share.createMany({
    data: shares.map(({ mountIds: _mounts, ...share }) => ({
      ...share,
      formedAt: new Date(NOW),
      ...(share.kind === 'NETWORK' ? { space: share.identity, path: share.identity } : {}),
    })),
  });
  await database.shareMount.createMany({ data: shares.flatMap(({ id, mountIds }) => mountIds.map((mountId) => ({ shareId: id, mountId }))) });
  for (const event of events) await database.journalEntry.create({ data: { ...event, source: 'ENGINE', occurredAt: new Date(NOW) } });
}

/** All rows of a list, page by page, and how many it says there are. */
async function walk<Row extends { readonly id: string }>(
  size: number,
  read: (page: PageRequest) => Promise<Page<Row>>,
): Promise<{ ids: string[]; count: number }> {
  const ids: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await read({ first: size, after });
    expect(page.hasPreviousPage).toBe(after !== undefined);
    expect(page.rows.length).toBeLessThanOrEqual(size);
    ids.push(...page.rows.map(({ id }) => id));
    if (!page.hasNextPage) return { ids, count: await page.count() };
    after = page.cursorOf(page.rows.length - 1);
  }
}

const inOrder = (a: string | number | bigint, b: string | number | bigint) => (a < b ? -1 : a > b ? 1 : 0);
const labelsMatch = (labels: Record<string, string>, wanted: VolumeQuery['labels']) =>
  (wanted ?? []).every(({ key, value }) => (value === undefined ? key in labels : labels[key] === value));
const hasPart = (name: string, part: string | undefined) => part === undefined || name.toLowerCase().includes(part.toLowerCase());
const isHost = ({ hosts }: World, hostId: string | null, wanted: readonly string[] | undefined) =>
  wanted === undefined || wanted.some((name) => hosts.get(name) === hostId);

function plainVolumes(known: World, query: VolumeQuery, { field, direction }: VolumeOrder): string[] {
  const sharedIds = new Set(known.shares.flatMap(({ mountIds }) => known.mounts.filter(({ id }) => mountIds.includes(id)).map(({ volumeId }) => volumeId)));
  const value = (volume: VolumeRow): string | number | bigint => {
    switch (field) {
      case 'NAME':
        return volume.name;
      case 'CREATED_AT':
        return volume.createdAt?.getTime() ?? -Infinity;
      case 'SIZE':
        return volume.sizeBytes ?? -1n;
      case 'LAST_MOUNTED_AT':
        return volume.lastMountedAt?.getTime() ?? -Infinity;
      case 'SHARE_COUNT':
        return volume.shareCount;
    }
  };
  const sign = direction === 'ASC' ? 1 : -1;
  return known.volumes
    .filter((volume) => {
      if (query.states === undefined ? volume.state === 'REMOVED' : !query.states.includes(volume.state)) return false;
      if (!isHost(known, volume.hostId, query.hosts) || !hasPart(volume.name, query.search) || !labelsMatch(volume.labels, query.labels)) return false;
      if (query.names !== undefined && !query.names.includes(volume.name)) return false;
      if (query.drivers !== undefined && !query.drivers.includes(volume.driver)) return false;
      if (query.anonymous !== undefined && volume.anonymous !== query.anonymous) return false;
      if (query.protected !== undefined && volume.protected !== query.protected) return false;
      if (query.shared !== undefined && sharedIds.has(volume.id) !== query.shared) return false;
      if (query.composeProject !== undefined && volume.composeProject !== query.composeProject) return false;
      if (query.minSizeBytes !== undefined && query.minSizeBytes > 0n && (volume.sizeBytes ?? -1n) < query.minSizeBytes) return false;
      if (query.unusedSince === undefined) return true;
      const used = [volume.lastInUseAt, volume.lastMountedAt].flatMap((at) => at?.getTime() ?? []);
      const last = used.length > 0 ? Math.max(...used) : volume.firstSeenAt.getTime();
      return volume.state !== 'IN_USE' && last <= query.unusedSince.getTime();
    })
    .sort((a, b) => sign * (inOrder(value(a), value(b)) || inOrder(a.id, b.id)))
    .map(({ id }) => id);
}

const labels = maybe(fc.array(fc.record({ key: choice(['team', 'tier', 'team"x']), value: maybe(choice(['red', '', 'gold'])) }), { maxLength: 2 }));
const someHosts = maybe(fc.array(choice([...HOSTS, 'nowhere']), { maxLength: 3 }));
const pageSize = fc.integer({ min: 1, max: 12 });
const volumeQueries: fc.Arbitrary<VolumeQuery> = fc.record({
  hosts: someHosts,
  names: maybe(fc.array(choice([...NAMES, 'nothing']), { maxLength: 3 })),
  search: maybe(choice(['DATA', 'd%', '_', 'x'.repeat(40), 'ca', ''])),
  drivers: maybe(fc.array(choice(['local', 'rexray', 'd'.repeat(260), 'd'.repeat(261)]), { maxLength: 2 })),
  states: maybe(fc.array(choice<VolumeState>(['IN_USE', 'IDLE', 'DANGLING', 'REMOVED']), { maxLength: 4 })),
  labels,
  anonymous: maybe(fc.boolean()),
  shared: maybe(fc.boolean()),
  protected: maybe(fc.boolean()),
  composeProject: maybe(choice(PROJECTS)),
  minSizeBytes: maybe(fc.bigInt({ min: 0n, max: 5n })),
  unusedSince: maybe(fc.integer({ min: 0, max: 40 }).map((days) => new Date(NOW - days * DAY))),
});
const volumeOrders: fc.Arbitrary<VolumeOrder> = fc.record({
  field: fc.constantFrom('NAME', 'CREATED_AT', 'SIZE', 'LAST_MOUNTED_AT', 'SHARE_COUNT'),
  direction: fc.constantFrom('ASC', 'DESC'),
});
const WORLDS = { numRuns: 25 };
/** Questions asked of each world. */
const QUESTIONS = 12;

test('every page of volumes, whatever the filter, the order and the size of pages', async () => {
  const question = fc.record({ query: volumeQueries, order: volumeOrders, size: pageSize });
  await fc.assert(
    fc.asyncProperty(world, fc.array(question, { minLength: QUESTIONS, maxLength: QUESTIONS }), async (known, questions) => {
      await write(known);
      for (const { query, order, size } of questions) {
        const expected = plainVolumes(known, query, order);
        const read = (page: PageRequest) => listVolumes(server.database, query, order, page, ALL_COLUMNS);
        expect(await walk(size, read)).toEqual({ ids: expected, count: expected.length });
      }
    }),
    WORLDS,
  );
}, 120_000);

test('every page of containers', async () => {
  const query: fc.Arbitrary<ContainerQuery> = fc.record({
    hosts: someHosts,
    search: maybe(choice(['DATA', 'n1', 'n2', '%'])),
    states: maybe(fc.array(choice<ContainerState>(['RUNNING', 'EXITED', 'REMOVED']), { maxLength: 3 })),
    labels,
    volume: maybe(choice(NAMES)),
    composeProject: maybe(choice(PROJECTS)),
    risks: maybe(fc.constantFrom('MULTIPLE_WRITERS' as const, 'ENGINE_SOCKET' as const).map((risk) => ({ anyOf: [risk], sensitivePaths: [] }))),
  });
  const plain = (known: World, { hosts, search, states, labels: wanted, volume, composeProject, risks }: ContainerQuery) =>
    known.containers
      .filter((container) => {
        const own = known.mounts.filter(({ containerId }) => containerId === container.id);
        if (states === undefined ? container.state === 'REMOVED' : !states.includes(container.state)) return false;
        if (!isHost(known, container.hostId, hosts) || !hasPart(container.name, search) || !labelsMatch(container.labels, wanted)) return false;
        if (volume !== undefined && !own.some(({ volumeName }) => volumeName === volume)) return false;
        if (composeProject !== undefined && container.composeProject !== composeProject) return false;
        if (risks === undefined) return true;
        if (risks.anyOf.includes('ENGINE_SOCKET'))
          return own.some(({ type, source }) => type === 'BIND' && ['/', '/var/run/docker.sock'].includes(source ?? ''));
        return known.shares.some(({ multipleWriters, mountIds }) => multipleWriters && own.some(({ id }) => mountIds.includes(id)));
      })
      // Ordered by the first 255 characters: two long names that begin alike are in the order of their ids.
      .sort((a, b) => inOrder(a.name.slice(0, 255), b.name.slice(0, 255)) || inOrder(a.id, b.id))
      .map(({ id }) => id);
  await fc.assert(
    fc.asyncProperty(world, fc.array(fc.tuple(query, pageSize), { minLength: QUESTIONS, maxLength: QUESTIONS }), async (known, questions) => {
      await write(known);
      for (const [asked, size] of questions) {
        const expected = plain(known, asked);
        expect(await walk(size, (page) => listContainers(server.database, asked, page, ALL_COLUMNS))).toEqual({ ids: expected, count: expected.length });
      }
    }),
    WORLDS,
  );
}, 120_000);

test('every page of shares', async () => {
  const query: fc.Arbitrary<ShareQuery> = fc.record({
    hosts: someHosts,
    kinds: maybe(fc.array(choice(['VOLUME', 'BIND_PATH', 'NETWORK'] as const), { maxLength: 2 })),
    crossHost: maybe(fc.boolean()),
    risks: maybe(fc.constant({ anyOf: ['MULTIPLE_WRITERS' as const], sensitivePaths: [] })),
  });
  const plain = (known: World, { hosts, kinds, crossHost, risks }: ShareQuery) =>
    known.shares
      .filter(({ kind, hostId, multipleWriters, mountIds }) => {
        const members = known.mounts.filter(({ id }) => mountIds.includes(id)).map(({ containerId }) => containerId);
        const reached = known.containers.filter(({ id }) => members.includes(id)).map((container) => container.hostId);
        if (hosts !== undefined && !(hostId === null ? reached : [hostId]).some((each) => isHost(known, each, hosts))) return false;
        if (kinds !== undefined && !kinds.includes(kind)) return false;
        return (crossHost === undefined || (hostId === null) === crossHost) && (risks === undefined || multipleWriters);
      })
      .sort((a, b) => inOrder(a.identity.slice(0, 255), b.identity.slice(0, 255)) || inOrder(a.id, b.id))
      .map(({ id }) => id);
  await fc.assert(
    fc.asyncProperty(world, fc.array(fc.tuple(query, pageSize), { minLength: QUESTIONS, maxLength: QUESTIONS }), async (known, questions) => {
      await write(known);
      for (const [asked, size] of questions) {
        const expected = plain(known, asked);
        expect(await walk(size, (page) => listShares(server.database, asked, page, ALL_COLUMNS))).toEqual({ ids: expected, count: expected.length });
      }
    }),
    WORLDS,
  );
}, 120_000);

test('every page of events', async () => {
  const filter: fc.Arbitrary<EntryFilter> = fc.record({
    hosts: someHosts,
    types: maybe(fc.array(choice([...TYPES, 'SHARE_FORMED' as const]), { maxLength: 3 })),
    volume: maybe(choice(NAMES)),
    container: maybe(choice(['web', 'n'.repeat(300), 'n'.repeat(299)])),
  });
  await fc.assert(
    fc.asyncProperty(world, fc.array(fc.tuple(filter, pageSize), { minLength: QUESTIONS, maxLength: QUESTIONS }), async (known, questions) => {
      await write(known);
      for (const [{ hosts, types, volume, container }, size] of questions) {
        const expected = known.events.flatMap((event, index) => {
          const wanted =
            (hosts === undefined || (event.hostName !== null && hosts.includes(event.hostName))) &&
            (types === undefined || types.includes(event.type)) &&
            (volume === undefined || event.volumeName === volume) &&
            (container === undefined || event.containerName === container);
          return wanted ? [BigInt(index + 1)] : [];
        });
        const found: bigint[] = [];
        for (;;) {
          const page = await readEntries(server.database.readRows, found.at(-1) ?? 0n, size, { hosts, types, volume, container });
          found.push(...page.map(({ position }) => position));
          if (page.length < size) break;
        }
        expect(found).toEqual(expected);
      }
    }),
    WORLDS,
  );
}, 120_000);

test('pages stay right while rows come and go: nothing that stays is left out or comes twice', async () => {
  await fc.assert(
    fc.asyncProperty(world, volumeOrders, pageSize, place, async (known, order, size, seed) => {
      await write(known);
      const { database } = server;
      const living = known.volumes.filter(({ state }) => state !== 'REMOVED');
      const removed = new Set<string>();
      const seen: string[] = [];
      let after: string | undefined;
      for (let round = 0; ; round += 1) {
        const page = await listVolumes(database, {}, order, { first: size, after }, ALL_COLUMNS);
        seen.push(...page.rows.map(({ id }) => id));
        if (!page.hasNextPage) break;
        after = page.cursorOf(page.rows.length - 1);
        const victim = among(living, seed + round * 7).id;
        removed.add(victim);
        await database.volume.update({ where: { id: victim }, data: { state: 'REMOVED', removedAt: new Date(NOW), shareCount: 0 } });
        const id = randomId();
        await database.volume.create({
          data: {
            id,
            hostId: known.hosts.get('alpha') ?? '',
            name: `new-${id}`,
            driver: 'local',
            scope: 'local',
            mountpoint: '/v',
            anonymous: false,
            state: 'DANGLING',
            firstSeenAt: new Date(NOW),
            createdAt: new Date(NOW - (seed % 40) * DAY),
          },
        });
      }
      expect(new Set(seen).size).toBe(seen.length);
      const staying = living.filter(({ id }) => !removed.has(id)).map(({ id }) => id);
      expect(staying.filter((id) => !seen.includes(id))).toEqual([]);
    }),
    WORLDS,
  );
}, 120_000);
