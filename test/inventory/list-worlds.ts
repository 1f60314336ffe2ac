import fc from 'fast-check';
import { v4 as randomId } from 'uuid';
import type { Database } from '../../src/database/client.js';
import type { ContainerState, MountType, OperationKind, OperationState, Volume, VolumeState } from '../../src/generated/prisma/client.js';
import type { LifecycleEventType } from '../../src/journal/entry.js';

// Small inventories with everything in them that lists can be asked for, at random.

export const HOSTS = ['alpha', 'beta', 'gamma'];
export const NAMES = ['data', 'Data_1', 'data.2', 'd%ta', 'web_cache', 'cache', 'x'.repeat(255), 'a0', 'A1', 'zz'];
export const PROJECTS = ['shop', 'blog', 'p'.repeat(300)];
export const LABELS: readonly Record<string, string>[] = [{}, { team: 'red' }, { team: 'blue', tier: '' }, { 'team"x': 'red', tier: 'gold' }];
export const TYPES: readonly LifecycleEventType[] = ['VOLUME_CREATED', 'CONTAINER_STARTED', 'HOST_ONLINE'];
/** Hosts, with one that is not known any more. */
export const ONCE_HOSTS = [...HOSTS, 'gone'];
export const OPERATION_KINDS: readonly OperationKind[] = ['CLONE', 'BACKUP', 'MEASURE'];
export const OPERATION_STATES: readonly OperationState[] = ['QUEUED', 'RUNNING', 'FAILED'];
/** Driver options, each of another meaning: of one export with different flags, of others, with a password. */
const OPTIONS: readonly Record<string, string>[] = [
  ...[{}, {}, {}],
  { type: 'nfs', o: 'addr=nas.example,rw', device: ':/export' },
  { type: 'nfs', o: 'addr=nas.example,ro', device: ':/export' },
  { type: 'nfs', o: 'addr=nas.example,rw', device: ':/other' },
  { type: 'tmpfs' },
  { type: 'cifs', o: 'username=u,password=secret', device: '//nas/media' },
];
export const DAY = 86_400_000;
/** Times of rows are whole days before. */
export const NOW = Date.now();
/** The fencing number under which all hosts are watched. */
export const EPOCH = 2n;
/** Hosts differ in whether they are watched now, since when, and whether who watches them has compared them since it does. */
const WATCHES = [
  { status: 'ONLINE', watchedSince: new Date(NOW - 100 * DAY), comparedEpoch: EPOCH },
  { status: 'ONLINE', watchedSince: new Date(NOW - 10 * DAY), comparedEpoch: EPOCH },
  { status: 'ONLINE', watchedSince: new Date(NOW - 100 * DAY), comparedEpoch: EPOCH - 1n },
  { status: 'ONLINE', watchedSince: null, comparedEpoch: EPOCH },
  { status: 'UNREACHABLE', watchedSince: new Date(NOW - 100 * DAY), comparedEpoch: EPOCH },
] as const;
/** How a host is watched; ids are random. */
export function watchOf(hostId: string): (typeof WATCHES)[number] {
  return WATCHES[Number.parseInt(hostId.slice(0, 2), 16) % WATCHES.length] ?? WATCHES[0];
}

export interface VolumeRow extends Pick<Volume, 'id' | 'hostId' | 'name' | 'driver' | 'anonymous' | 'composeProject' | 'state' | 'protected' | 'shareCount'> {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly options: Record<string, string>;
  readonly sealedOptions: Uint8Array<ArrayBuffer> | null;
  readonly createdAt: Date | null;
  readonly sizeBytes: bigint | null;
  readonly lastMountedAt: Date | null;
  readonly lastInUseAt: Date | null;
  readonly firstSeenAt: Date;
}

export interface ContainerRow {
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

export interface ShareRow {
  readonly id: string;
  readonly kind: 'VOLUME' | 'BIND_PATH' | 'NETWORK';
  readonly identity: string;
  readonly hostId: string | null;
  readonly volumeId: string | null;
  readonly multipleWriters: boolean;
  readonly crossHostWriters: boolean;
  readonly mountIds: readonly string[];
}

interface EventRow {
  readonly type: LifecycleEventType;
  readonly hostName: string | null;
  readonly volumeName: string | null;
  readonly containerName: string | null;
}

export interface BackupRow {
  readonly id: string;
  readonly hostId: string;
  readonly hostName: string;
  readonly volumeName: string;
}

export interface OperationRow {
  readonly id: string;
  readonly kind: OperationKind;
  readonly state: OperationState;
  readonly sourceHostId: string | null;
  readonly targetHostId: string | null;
}

export interface World {
  /** Ids by name. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly volumes: readonly VolumeRow[];
  readonly containers: readonly ContainerRow[];
  readonly mounts: readonly MountRow[];
  readonly shares: readonly ShareRow[];
  readonly events: readonly EventRow[];
  readonly backups: readonly BackupRow[];
  readonly operations: readonly OperationRow[];
}

const time = fc.option(
  fc.integer({ min: 1, max: 40 }).map((days) => new Date(NOW - days * DAY)),
  { nil: null },
);
export const place = fc.nat({ max: 1_000 });
export const among = <T>(values: readonly T[], at: number): T => {
  const value = values[at % values.length];
  if (value === undefined) throw new RangeError('nothing to choose from');
  return value;
};
export const choice = <T>(values: readonly T[]) => fc.constantFrom(...values);

export const worlds: fc.Arbitrary<World> = fc
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
        annotations: choice(LABELS),
        options: choice(OPTIONS),
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
      fc.record({ container: place, volume: place, bind: fc.option(choice(['/srv/a', '/etc/x', '/etc/hosts', '/var/run/docker.sock', '/']), { nil: null }) }),
      {
        maxLength: 40,
      },
    ),
    paths: fc.array(
      fc.record({
        identity: choice(['/srv', '/etc/x', '/srv/a', '/']),
        network: fc.boolean(),
        writers: fc.boolean(),
        crossing: fc.boolean(),
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
    backups: fc.array(fc.record({ host: choice(ONCE_HOSTS), volumeName: choice(NAMES) }), { maxLength: 15 }),
    operations: fc.array(
      fc.record({
        kind: choice(OPERATION_KINDS),
        state: choice(OPERATION_STATES),
        source: fc.option(choice(ONCE_HOSTS), { nil: null }),
        target: fc.option(choice(HOSTS), { nil: null }),
      }),
      { maxLength: 15 },
    ),
  })
  .map(({ volumes, containers, mounts, paths, events, backups, operations }) => {
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
    const volumeRows: VolumeRow[] = volumes.map(({ host, removed, inUse, options: given, ...rest }, at) => {
      const id = volumeIds[at] ?? '';
      const key = `${host} ${rest.name}`;
      // A name belongs to one living volume of a host.
      const gone = removed || taken.has(key);
      if (!gone) taken.add(key);
      const users = new Set(mountRows.filter(({ volumeId, containerId }) => volumeId === id && livesIn(containerId)).map(({ containerId }) => containerId));
      const state: VolumeState = gone ? 'REMOVED' : users.size === 0 ? 'DANGLING' : inUse ? 'IN_USE' : 'IDLE';
      const options = rest.driver === 'local' ? given : {};
      const sealedOptions = options['o']?.includes('password') === true ? new Uint8Array([1]) : null;
      return { ...rest, id, hostId: idOf(host), state, options, sealedOptions, shareCount: gone ? 0 : users.size };
    });
    const ofVolumes = volumeRows
      .filter(({ shareCount }) => shareCount >= 2)
      .map(({ id, name, hostId }): ShareRow => {
        const mountIds = mountRows.filter(({ volumeId, containerId }) => volumeId === id && livesIn(containerId)).map((mount) => mount.id);
        return { id: randomId(), kind: 'VOLUME', identity: name, hostId, volumeId: id, multipleWriters: true, crossHostWriters: false, mountIds };
      });
    const livingMounts = mountRows.filter(({ containerId }) => livesIn(containerId));
    const places = new Set<string>();
    const ofPaths = paths.flatMap(({ identity, network, writers, crossing, mounts: members }): ShareRow[] => {
      if (livingMounts.length === 0) return [];
      const mountIds = [...new Set(members.map((member) => among(livingMounts, member).id))];
      const first = livingMounts.find(({ id }) => id === mountIds[0]);
      const hostId = network ? null : (containerRows.find(({ id }) => id === first?.containerId)?.hostId ?? idOf('alpha'));
      const key = `${hostId ?? ''} ${identity}`;
      if (places.has(key)) return [];
      places.add(key);
      return [
        {
          id: randomId(),
          kind: network ? 'NETWORK' : 'BIND_PATH',
          identity,
          hostId,
          volumeId: null,
          multipleWriters: writers,
          crossHostWriters: crossing,
          mountIds,
        },
      ];
    });
    const gone = randomId();
    const backupRows = backups.map(({ host, volumeName }): BackupRow => ({ id: randomId(), hostId: hosts.get(host) ?? gone, hostName: host, volumeName }));
    const operationRows = operations.map(({ kind, state, source, target }): OperationRow => {
      const idOrNull = (host: string | null) => (host === null ? null : (hosts.get(host) ?? gone));
      return { id: randomId(), kind, state, sourceHostId: idOrNull(source), targetHostId: idOrNull(target) };
    });
    const shares = [...ofVolumes, ...ofPaths];
    return { hosts, volumes: volumeRows, containers: containerRows, mounts: mountRows, shares, events, backups: backupRows, operations: operationRows };
  });

/** Makes this all that the tables hold. */
export async function writeWorld(database: Database, known: World): Promise<void> {
  const { hosts, volumes, containers, mounts, shares, events, backups, operations } = known;
  await database.$executeRaw`truncate host, gateway, volume, container, mount, share, share_mount, journal, backup, operation restart identity cascade`;
  await database.host.createMany({
    data: [...hosts].map(([name, id]) => ({ id, name, endpoint: `unix:///${name}`, ...watchOf(id) })),
  });
  const holder = randomId();
  await database.gateway.create({ data: { id: holder, expiresAt: new Date(NOW + DAY) } });
  await database.lease.createMany({ data: [...hosts.values()].map((hostId) => ({ hostId, holder, epoch: EPOCH })) });
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
  await database.backup.createMany({
    data: backups.map((backup) => ({
      ...backup,
      volumeId: randomId(),
      ...{ sizeBytes: 1n, contentBytes: 1n, fileCount: 1, entryCount: 1, sha256: 'a', manifestSha256: 'b', location: 'c' },
      ...{ createdAt: new Date(NOW), encrypted: false, quiesce: 'LIVE' as const, consistent: true },
    })),
  });
  await database.operation.createMany({ data: operations.map((operation) => ({ ...operation, requestedBy: 'test' })) });
  for (const event of events) await database.journalEntry.create({ data: { ...event, source: 'ENGINE', occurredAt: new Date(NOW) } });
}
