import { PlaceIndex, type Spot } from './place-index.js';
import { hostPlace, isMountedReadOnly, pathText, spaceKey, storageBehind, type StoragePlace } from './storage-place.js';

/**
 * What is known of one host, in memory: the living volumes and containers, as they stand in the database. One gateway
 * holds it for each host that it watches. Times are milliseconds since 1970.
 */

export type VolumeState = 'IN_USE' | 'IDLE' | 'DANGLING' | 'REMOVED';
export type ContainerState = 'CREATED' | 'RUNNING' | 'PAUSED' | 'RESTARTING' | 'REMOVING' | 'EXITED' | 'DEAD' | 'REMOVED';
export type MountType = 'VOLUME' | 'BIND' | 'TMPFS' | 'NPIPE' | 'CLUSTER' | 'IMAGE';
export type MountOrigin = 'DECLARED' | 'ANONYMOUS' | 'VOLUMES_FROM';

/** Labels and options: string to string. */
export type TextRecord = Readonly<Record<string, string>>;

/** What an engine says of a volume. Driver, options and labels cannot change in its life. */
export interface VolumeFacts {
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly mountpoint: string;
  readonly options: TextRecord;
  readonly labels: TextRecord;
  readonly anonymous: boolean;
  readonly createdAt: number | null;
}

export interface KnownVolume extends VolumeFacts {
  readonly id: string;
  readonly state: Exclude<VolumeState, 'REMOVED'>;
  /** Whether passwords in the options are not known, but masked: they were stored with another key. */
  readonly optionsMasked: boolean;
  /** Whether createdAt was told by an engine that keeps it: only then another one means another volume. */
  readonly createdAtFixed: boolean;
  readonly firstSeenAt: number;
  /** When a container last started with it. */
  readonly lastMountedAt: number | null;
  readonly lastUsedBy: string | null;
  /** When its last use ended; null: none ended that is known of. */
  readonly lastInUseAt: number | null;
  /** Engine time in nanoseconds at which it certainly was there: a destroy event after it means that it went. */
  readonly aliveAt: bigint;
  readonly shareCount: number;
}

/** What an engine says of a mount. It cannot change in its container's life. */
export interface MountFacts {
  readonly type: MountType;
  readonly volumeName: string | null;
  readonly source: string | null;
  readonly destination: string;
  readonly readOnly: boolean;
  readonly propagation: string | null;
}

export interface KnownMount extends MountFacts {
  readonly id: string;
  readonly volumeId: string | null;
  readonly origin: MountOrigin;
}

/** What an engine says of a container. */
export interface ContainerFacts {
  readonly engineId: string;
  readonly name: string;
  readonly image: string;
  readonly state: Exclude<ContainerState, 'REMOVED'>;
  readonly labels: TextRecord;
  readonly createdAt: number;
  readonly startedAt: number | null;
  /** When its last run ended; only used to tell when it was. */
  readonly finishedAt: number | null;
  readonly mounts: readonly MountFacts[];
  /** Destinations that the user named together with a source. */
  readonly declaredDestinations: ReadonlySet<string>;
  /** As given with --volumes-from: names or ids, with an optional `:ro`. */
  readonly volumesFrom: readonly string[];
}

export interface KnownContainer extends Omit<ContainerFacts, 'mounts' | 'volumesFrom' | 'declaredDestinations' | 'finishedAt'> {
  readonly id: string;
  readonly firstSeenAt: number;
  readonly mounts: readonly KnownMount[];
  /** Our ids of the containers that --volumes-from named when it was first seen. */
  readonly volumesFrom: readonly string[];
}

/** Kinds of shares that lie on one host. */
export type LocalShareKind = 'VOLUME' | 'BIND_PATH';

/** One piece of storage of this host that two or more containers reach. */
export interface KnownShare {
  readonly id: string;
  readonly kind: LocalShareKind;
  /** null for a BIND_PATH. */
  readonly volumeId: string | null;
  /** Name of the volume, or the path. */
  readonly identity: string;
  readonly formedAt: number;
  /** Sorted, so that equal sets are equal lists. */
  readonly mountIds: readonly string[];
  readonly multipleWriters: boolean;
}

/** How a share is named in {@link HostPicture.shares}: one for each volume, one for each path. */
export function shareKey({ volumeId, identity }: Pick<KnownShare, 'volumeId' | 'identity'>): string {
  return volumeId ?? identity;
}

export interface HostPicture {
  readonly host: { readonly id: string; readonly name: string };
  /** By name. */
  readonly volumes: Map<string, KnownVolume>;
  /** By the engine's id. */
  readonly containers: Map<string, KnownContainer>;
  /** By {@link shareKey}. */
  readonly shares: Map<string, KnownShare>;
  /** Where on the host its mounts lie. Kept by {@link absorb}. */
  readonly places: PlaceIndex;
  /** Its mounts of storage that several hosts can reach, by mount id. */
  readonly network: Map<string, NetworkSpot>;
  /** Whether the shares were worked out from all mounts since this picture was loaded: an older version may have known fewer. */
  sharesAreComplete: boolean;
  /** Engine ids of the containers that refer to a volume, by its name. Kept by {@link absorb}. */
  readonly users: Map<string, Set<string>>;
}

export function emptyPicture(host: { id: string; name: string }): HostPicture {
  return {
    host,
    volumes: new Map(),
    containers: new Map(),
    shares: new Map(),
    places: new PlaceIndex(),
    network: new Map(),
    sharesAreComplete: false,
    users: new Map(),
  };
}

/** Names of the volumes that a container refers to, each once. */
export function volumeNames(mounts: readonly MountFacts[]): Set<string> {
  return new Set(mounts.flatMap((mount) => (mount.volumeName === null ? [] : [mount.volumeName])));
}

/** Whether its volumes are mounted now. */
export function isActive(state: ContainerState): boolean {
  return state === 'RUNNING' || state === 'PAUSED' || state === 'RESTARTING';
}

/**
 * Where on its host a mount lies: where it is bound from, or where its volume lies and what that volume binds.
 * @param volume what is known of its volume; undefined for a mount of none, or of one that was not seen yet.
 */
export function spotsOnHost(hostId: string, container: { id: string }, mount: KnownMount, volume: KnownVolume | undefined): Spot[] {
  // Field by field: V8 gives each object that begins with a spread a hidden class of its own, of 700 bytes.
  const at = (place: StoragePlace | undefined, anchor: boolean, readOnly: boolean): Spot[] =>
    place?.space.kind === 'host'
      ? [{ mountId: mount.id, containerId: container.id, hostId, volumeId: mount.volumeId, readOnly, path: place.path, anchor }]
      : [];
  if (mount.type === 'BIND') return at(hostPlace(mount.source ?? '', hostId), true, mount.readOnly);
  if (mount.type !== 'VOLUME') return [];
  const lies = at(hostPlace(volume?.mountpoint ?? mount.source ?? '', hostId), false, mount.readOnly);
  if (volume === undefined) return lies;
  return [...at(storageBehind(volume, hostId), true, mount.readOnly || isMountedReadOnly(volume)), ...lies];
}

/** A mount of storage that several hosts can reach: where it lies, and who reaches it there. */
export interface NetworkSpot {
  readonly mountId: string;
  readonly containerId: string;
  readonly volumeId: string;
  readonly readOnly: boolean;
  /** {@link spaceKey} of a server or driver. */
  readonly space: string;
  /** Its path there, as `/a/b`. */
  readonly path: string;
}

/** Where in the network a mount lies; undefined for one that lies on its host alone. */
export function spotInNetwork(container: { id: string }, mount: KnownMount, volume: KnownVolume | undefined): NetworkSpot | undefined {
  // The host matters to paths of hosts only.
  const place = volume === undefined ? undefined : storageBehind(volume, '');
  if (volume === undefined || mount.volumeId === null || place === undefined || place.space.kind === 'host') return undefined;
  return {
    mountId: mount.id,
    containerId: container.id,
    volumeId: mount.volumeId,
    readOnly: mount.readOnly || isMountedReadOnly(volume),
    space: spaceKey(place.space),
    path: pathText(place.path),
  };
}

/** Puts a container into the picture, in place of what was known of it. Its volumes are to be there. */
export function putContainer(picture: HostPicture, container: KnownContainer): void {
  picture.containers.set(container.engineId, container);
  for (const mount of container.mounts) {
    const volume = mount.volumeName === null ? undefined : picture.volumes.get(mount.volumeName);
    for (const spot of spotsOnHost(picture.host.id, container, mount, volume)) picture.places.add(spot);
  }
  addUser(picture.users, container);
}

/** Notes a container with each volume that it refers to, in what {@link HostPicture.users} is. */
export function addUser(users: Map<string, Set<string>>, container: KnownContainer): void {
  for (const name of volumeNames(container.mounts)) {
    const known = users.get(name);
    if (known === undefined) users.set(name, new Set([container.engineId]));
    else known.add(container.engineId);
  }
}

/** Takes a container out of the picture. */
export function dropContainer(picture: HostPicture, engineId: string): void {
  const container = picture.containers.get(engineId);
  if (container === undefined) return;
  picture.containers.delete(engineId);
  for (const mount of container.mounts) picture.places.remove(mount.id);
  for (const name of volumeNames(container.mounts)) {
    const users = picture.users.get(name);
    users?.delete(engineId);
    if (users?.size === 0) picture.users.delete(name);
  }
}
