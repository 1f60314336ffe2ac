import type { EventSource, JsonValue, LifecycleEventType, NewEntry } from '../journal/entry.js';
import type { Changes } from './changes.js';
import { maskOptions } from './driver-options.js';
import { originOf } from './mount-origin.js';
import { sharesTouched, type Spot } from './place-index.js';
import {
  addUser,
  isActive,
  shareKey,
  spotInNetwork,
  spotsOnHost,
  volumeNames,
  type ContainerFacts,
  type HostPicture,
  type KnownContainer,
  type KnownMount,
  type KnownShare,
  type KnownVolume,
  type NetworkSpot,
  type VolumeFacts,
} from './picture.js';
import { asMilliseconds, signKey, type BriefUse, type Seen, type Signs } from './seen.js';
import { shareAttributes } from './share-attributes.js';
import { risksOfWriters } from './share-risks.js';
import { DonorIndex } from './donor-index.js';
import { pathText } from './storage-place.js';
import { compareVolume } from './volume-identity.js';

/**
 * The heart: what was known of a host and what was seen of its engine go in, what changed comes out. No clock, no
 * network, no database; `newId` gives ids. The picture is not changed: `absorb` does that, after the commit.
 */
export function reconcile(known: HostPicture, seen: Seen, newId: () => string): Changes {
  return new Reconciliation(known, seen, newId).run();
}

/** One run of {@link reconcile}: known values with the changes laid over them. */
class Reconciliation {
  private readonly volumes = new Map<string, KnownVolume | undefined>();
  private readonly containers = new Map<string, KnownContainer | undefined>();
  /** Engine ids of the containers in `containers` that refer to a volume, by its name. */
  private readonly changedUsers = new Map<string, Set<string>>();
  private readonly removedVolumes: { volume: KnownVolume; at: number }[] = [];
  private readonly removedContainers: { container: KnownContainer; at: number }[] = [];
  /** Volumes whose users or whose own facts changed. */
  private readonly touched = new Set<string>();
  private readonly shares: KnownShare[] = [];
  private readonly dissolvedShares: KnownShare[] = [];
  private readonly networkSpots: NetworkSpot[] = [];
  private readonly leftNetworkSpots: NetworkSpot[] = [];
  private readonly created: NewEntry[] = [];
  private readonly happened: NewEntry[] = [];
  private readonly endedContainers: NewEntry[] = [];
  private readonly endedShares: NewEntry[] = [];
  private readonly endedVolumes: NewEntry[] = [];
  private donors: DonorIndex | undefined;

  constructor(
    private readonly known: HostPicture,
    private readonly seen: Seen,
    private readonly newId: () => string,
  ) {}

  run(): Changes {
    for (const [name, facts] of this.seen.volumes) this.lookAtVolume(name, facts);
    if (this.seen.complete) this.missVolumes();
    const found: ContainerFacts[] = [];
    for (const [engineId, facts] of this.seen.containers) {
      if (facts === 'GONE') this.removeContainer(engineId);
      else if (facts !== 'UNCHANGED') found.push(facts);
    }
    if (this.seen.complete) this.missContainers();
    // Older first: the container that --volumes-from names is older than the one that names it.
    found.sort((a, b) => a.createdAt - b.createdAt || (a.engineId < b.engineId ? -1 : 1));
    for (const facts of found) this.lookAtContainer(facts);
    for (const use of this.seen.briefUses) this.countBriefUse(use);
    for (const name of this.touched) this.settleVolume(name);
    this.settleBereft();
    this.settlePlaces();
    return {
      volumes: [...this.volumes.values()].filter((volume) => volume !== undefined),
      removedVolumes: this.removedVolumes,
      containers: [...this.containers.values()].filter((container) => container !== undefined),
      removedContainers: this.removedContainers,
      shares: this.shares,
      dissolvedShares: this.dissolvedShares,
      networkSpots: this.networkSpots,
      leftNetworkSpots: this.leftNetworkSpots,
      // What refers to a thing goes before it.
      entries: [...this.created, ...this.happened, ...this.endedContainers, ...this.endedShares, ...this.endedVolumes],
    };
  }

  // ---- volumes

  private lookAtVolume(name: string, facts: VolumeFacts | 'UNCHANGED' | 'GONE'): void {
    if (facts === 'UNCHANGED') return;
    const old = this.known.volumes.get(name);
    if (facts === 'GONE') {
      if (old !== undefined) this.removeVolume(old);
      return;
    }
    if (old === undefined) {
      this.addVolume(facts);
      return;
    }
    const { trustsCreatedAt } = this.seen;
    const verdict = this.wasDestroyed(old) ? 'ANOTHER' : compareVolume(old, facts, trustsCreatedAt);
    if (verdict === 'ANOTHER') {
      this.removeVolume(old);
      this.addVolume(facts);
    } else if (verdict === 'CHANGED') {
      // An engine upgraded to 24.0 tells another time of each volume, and keeps to it from then on.
      const fixes = trustsCreatedAt && !old.createdAtFixed && facts.createdAt !== null;
      const createdAt = fixes ? facts.createdAt : (old.createdAt ?? facts.createdAt);
      const { mountpoint, options } = facts;
      this.volumes.set(name, { ...old, mountpoint, options, optionsMasked: false, createdAt, createdAtFixed: old.createdAtFixed || fixes });
      // Its mounts lie elsewhere now.
      if (old.mountpoint !== facts.mountpoint) for (const user of this.users(name)) this.setContainer(user);
    }
  }

  private missVolumes(): void {
    for (const volume of this.known.volumes.values()) {
      if (!this.seen.volumes.has(volume.name) && !this.seen.unreadableDrivers.has(volume.driver)) this.removeVolume(volume);
    }
  }

  /** Whether the engine told of its end: what has its name now is another volume, however much alike. */
  private wasDestroyed(old: KnownVolume): boolean {
    return this.seen.signs.size > 0 && (this.seen.signs.get(signKey('volume', old.name))?.get('destroy') ?? 0n) > old.aliveAt;
  }

  private addVolume(facts: VolumeFacts): void {
    const signs = this.seen.signs.get(signKey('volume', facts.name));
    // Field by field, here and below: V8 gives each object that begins with a spread a hidden class of its own, of 700 bytes.
    const volume: KnownVolume = {
      name: facts.name,
      driver: facts.driver,
      scope: facts.scope,
      mountpoint: facts.mountpoint,
      options: facts.options,
      labels: facts.labels,
      anonymous: facts.anonymous,
      createdAt: facts.createdAt,
      id: this.newId(),
      optionsMasked: false,
      state: 'DANGLING',
      createdAtFixed: this.seen.trustsCreatedAt && facts.createdAt !== null,
      firstSeenAt: this.seen.observedAt,
      lastMountedAt: null,
      lastUsedBy: null,
      lastInUseAt: null,
      aliveAt: [this.seen.engineTime, ...(signs?.values() ?? [])].reduce((a, b) => (a > b ? a : b)),
      shareCount: 0,
    };
    this.volumes.set(facts.name, volume);
    this.touched.add(facts.name);
    this.created.push(
      this.entry('VOLUME_CREATED', signKey('volume', facts.name), ['create'], facts.createdAt, {
        volume,
        attributes: {
          driver: volume.driver,
          scope: volume.scope,
          anonymous: volume.anonymous,
          labels: maskOptions(volume.labels),
          options: maskOptions(volume.options),
          before: null,
          after: describeMade(volume),
        },
      }),
    );
    // Containers that refer to it by name, and were seen before it, get it now.
    for (const user of this.users(facts.name)) {
      const mounts = user.mounts.map((mount) => (mount.volumeName === facts.name ? { ...mount, volumeId: volume.id } : mount));
      this.setContainer({ ...user, mounts });
    }
  }

  private removeVolume(volume: KnownVolume): void {
    const entry = this.entry('VOLUME_REMOVED', signKey('volume', volume.name), ['destroy'], null, {
      volume,
      attributes: { driver: volume.driver, lastMountedAt: asIso(volume.lastMountedAt), lastUsedBy: volume.lastUsedBy, before: describeVolume(volume) },
    });
    this.removedVolumes.push({ volume, at: entry.occurredAt });
    this.volumes.set(volume.name, undefined);
    this.touched.add(volume.name);
    const share = this.known.shares.get(volume.id);
    if (share !== undefined) this.dissolve(share);
    // A volume that was replaced goes before the one that took its name comes.
    const list = this.seen.volumes.get(volume.name) === 'GONE' || !this.seen.volumes.has(volume.name) ? this.endedVolumes : this.created;
    list.push(entry);
  }

  /** Containers whose volume went under them reach its storage no more: where they lie is worked out anew. */
  private settleBereft(): void {
    for (const { volume } of this.removedVolumes) {
      if (this.volume(volume.name) === undefined) for (const user of this.users(volume.name)) this.setContainer(user);
    }
  }

  private countBriefUse(use: BriefUse): void {
    const volume = this.volume(use.volumeName);
    if (volume === undefined || use.at <= (volume.lastMountedAt ?? 0)) return;
    this.volumes.set(use.volumeName, { ...volume, lastMountedAt: use.at, lastUsedBy: use.containerName, lastInUseAt: use.at });
    for (const type of ['VOLUME_MOUNTED', 'VOLUME_UNMOUNTED'] as const) {
      const attributes = { container: use.containerName, brief: true };
      this.happened.push({ type, source: 'ENGINE', occurredAt: use.at, host: this.known.host, volume: pick(volume), attributes });
    }
  }

  /** Works out what follows for a volume from the containers that refer to it now. */
  private settleVolume(name: string): void {
    const volume = this.volume(name);
    if (volume === undefined) return;
    const users = this.users(name);
    const state = users.some((user) => isActive(user.state)) ? 'IN_USE' : users.length > 0 ? 'IDLE' : 'DANGLING';
    if (volume.state !== state || volume.shareCount !== users.length) this.volumes.set(name, { ...volume, state, shareCount: users.length });
    this.settleShare(volume, users);
  }

  // ---- containers

  private lookAtContainer(facts: ContainerFacts): void {
    const old = this.known.containers.get(facts.engineId);
    const container = old === undefined ? this.addContainer(facts) : this.changeContainer(old, facts);
    if (container === undefined) return;
    this.setContainer(container);
    for (const name of volumeNames(container.mounts)) this.touched.add(name);
    this.journalRuns(old, container, facts.finishedAt);
  }

  private addContainer(facts: ContainerFacts): KnownContainer {
    const donors = facts.volumesFrom.map((given) => this.findDonor(given)).filter((donor) => donor !== undefined);
    const container: KnownContainer = {
      engineId: facts.engineId,
      name: facts.name,
      image: facts.image,
      state: facts.state,
      labels: facts.labels,
      createdAt: facts.createdAt,
      startedAt: facts.startedAt,
      id: this.newId(),
      firstSeenAt: this.seen.observedAt,
      volumesFrom: donors.map((donor) => donor.id),
      mounts: facts.mounts.map((mount) => ({
        type: mount.type,
        volumeName: mount.volumeName,
        source: mount.source,
        destination: mount.destination,
        readOnly: mount.readOnly,
        propagation: mount.propagation,
        id: this.newId(),
        volumeId: mount.volumeName === null ? null : (this.volume(mount.volumeName)?.id ?? null),
        origin: originOf(mount, facts, donors, mount.volumeName !== null && this.hasUsers(mount.volumeName)),
      })),
    };
    this.created.push(
      this.entry('CONTAINER_CREATED', signKey('container', facts.engineId), ['create'], facts.createdAt, {
        container,
        attributes: {
          engineId: facts.engineId,
          image: facts.image,
          state: facts.state,
          labels: maskOptions(facts.labels),
          mounts: container.mounts.map(describeMount),
          volumesFrom: [...facts.volumesFrom],
          before: null,
          after: describeContainer(container),
        },
      }),
    );
    return container;
  }

  private changeContainer(old: KnownContainer, facts: ContainerFacts): KnownContainer | undefined {
    // A mount of a volume that was added in this very run has its id by now.
    const current = this.container(old.engineId) ?? old;
    if (old.name === facts.name && old.state === facts.state && old.startedAt === facts.startedAt) return undefined;
    const changed: KnownContainer = { ...current, name: facts.name, state: facts.state, startedAt: facts.startedAt };
    if (old.name !== facts.name) {
      this.happened.push(
        this.entry('CONTAINER_RENAMED', signKey('container', facts.engineId), ['rename'], null, {
          container: changed,
          attributes: { from: old.name, to: facts.name, before: { name: old.name }, after: { name: facts.name } },
        }),
      );
    }
    return changed;
  }

  /** Entries for the starts and stops between two looks. A run in between shows itself by another time of start. */
  private journalRuns(old: KnownContainer | undefined, container: KnownContainer, finishedAt: number | null): void {
    const wasActive = old !== undefined && isActive(old.state);
    const active = isActive(container.state);
    const ranAnew = container.startedAt !== null && container.startedAt !== (old?.startedAt ?? null);
    if (wasActive && (ranAnew || !active)) this.journalStop(old, container.state, ranAnew ? null : finishedAt, ranAnew ? container.startedAt : null);
    if (ranAnew || (!wasActive && active)) {
      this.journalStart(old, container);
      if (!active) this.journalStop(container, container.state, finishedAt, null);
    }
  }

  private journalStart(old: KnownContainer | undefined, container: KnownContainer): void {
    const started = this.entry('CONTAINER_STARTED', signKey('container', container.engineId), ['start', 'restart'], container.startedAt, {
      container,
      attributes: {
        state: container.state,
        startedAt: asIso(container.startedAt),
        before: { state: old?.state ?? null, startedAt: asIso(old?.startedAt ?? null) },
        after: { state: container.state, startedAt: asIso(container.startedAt) },
      },
    });
    this.happened.push(started);
    for (const { volume, mounts } of this.volumesOf(container)) {
      this.volumes.set(volume.name, {
        ...volume,
        lastMountedAt: Math.max(container.startedAt ?? started.occurredAt, volume.lastMountedAt ?? 0),
        lastUsedBy: container.name,
      });
      this.touched.add(volume.name);
      const attributes = { destinations: mounts.map((mount) => mount.destination), readOnly: mounts.every((mount) => mount.readOnly) };
      this.happened.push({ ...started, type: 'VOLUME_MOUNTED', volume: pick(volume), attributes });
    }
  }

  /** `container` as it was known; `after`: the state that it was seen in, null where it is gone. */
  private journalStop(container: KnownContainer, after: KnownContainer['state'] | null, finishedAt: number | null, restartedAt: number | null): void {
    const actions = restartedAt === null ? ['die', 'stop', 'kill'] : ['die'];
    const stopped = this.entry('CONTAINER_STOPPED', signKey('container', container.engineId), actions, finishedAt ?? restartedAt, {
      container,
      attributes: {
        finishedAt: asIso(finishedAt),
        before: { state: container.state, startedAt: asIso(container.startedAt) },
        after: { state: after },
      },
    });
    this.happened.push(stopped);
    for (const { volume, mounts } of this.volumesOf(container)) {
      this.volumes.set(volume.name, { ...volume, lastInUseAt: Math.max(stopped.occurredAt, volume.lastInUseAt ?? 0) });
      this.touched.add(volume.name);
      this.happened.push({
        ...stopped,
        type: 'VOLUME_UNMOUNTED',
        volume: pick(volume),
        attributes: { destinations: mounts.map((mount) => mount.destination) },
      });
    }
  }

  private removeContainer(engineId: string): void {
    const container = this.known.containers.get(engineId);
    if (container === undefined) return;
    if (isActive(container.state)) this.journalStop(container, null, null, null);
    const entry = this.entry('CONTAINER_REMOVED', signKey('container', engineId), ['destroy'], null, {
      container,
      attributes: { engineId, image: container.image, before: describeContainer(container) },
    });
    this.removedContainers.push({ container, at: entry.occurredAt });
    this.containers.set(engineId, undefined);
    for (const name of volumeNames(container.mounts)) this.touched.add(name);
    this.endedContainers.push(entry);
  }

  private missContainers(): void {
    for (const engineId of this.known.containers.keys()) {
      if (!this.seen.containers.has(engineId)) this.removeContainer(engineId);
    }
  }

  /** `name`, `id` or the beginning of an id, with an optional mode, as --volumes-from takes it. */
  private findDonor(given: string): KnownContainer | undefined {
    const key = given.replace(/:(ro|rw|z|Z)(,(ro|rw|z|Z))*$/, '').replace(/^\//, '');
    const exact = this.container(key);
    if (exact !== undefined) return exact;
    this.donors ??= new DonorIndex(this.livingContainers());
    const found = this.donors.find(key).map((engineId) => this.container(engineId));
    const named = found.find((container) => container?.name === key);
    if (named !== undefined) return named;
    const candidates = found.filter((container) => container?.engineId.startsWith(key) === true);
    return candidates.length === 1 ? candidates[0] : undefined;
  }

  // ---- shares

  private settleShare(volume: KnownVolume, users: readonly KnownContainer[]): void {
    const members = users.flatMap((user) =>
      user.mounts
        .filter((mount) => mount.volumeName === volume.name)
        .map(({ id, readOnly }) => ({ mountId: id, containerId: user.id, hostId: this.known.host.id, readOnly, path: [] })),
    );
    const names = new Map(users.map(({ id, name }) => [id, name]));
    this.settleMembers({ kind: 'VOLUME', volumeId: volume.id, identity: volume.name }, users.length < 2 ? [] : members, 0, names);
  }

  /** Works out what is shared at the paths of the host that changed containers lie at. */
  private settlePlaces(): void {
    const { places, host } = this.known;
    const changed = new Map<string, readonly Spot[]>();
    const look = (container: KnownContainer) => {
      for (const mount of container.mounts) {
        const volume = mount.volumeName === null ? undefined : this.volume(mount.volumeName);
        this.settleNetworkSpot(mount.id, spotInNetwork(container, mount, volume));
        const spots = spotsOnHost(host.id, container, mount, volume);
        if (!sameSpots(places.of(mount.id), spots)) changed.set(mount.id, spots);
      }
    };
    for (const [engineId, container] of this.containers) {
      if (container !== undefined) look(container);
      else {
        for (const mount of this.known.containers.get(engineId)?.mounts ?? []) {
          this.settleNetworkSpot(mount.id, undefined);
          changed.set(mount.id, []);
        }
      }
    }
    if (!this.known.sharesAreComplete && this.seen.complete) {
      for (const container of this.known.containers.values()) {
        if (this.containers.has(container.engineId)) continue;
        look(container);
        for (const mount of container.mounts) if (!changed.has(mount.id)) changed.set(mount.id, places.of(mount.id));
      }
    }
    const shares = sharesTouched(places, changed);
    if (shares.length === 0) return;
    const names = new Map(this.livingContainers().map(({ id, name }) => [id, name]));
    for (const { path, members } of shares) {
      this.settleMembers({ kind: 'BIND_PATH', volumeId: null, identity: pathText(path) }, members ?? [], path.length, names);
    }
  }

  private settleNetworkSpot(mountId: string, spot: NetworkSpot | undefined): void {
    const old = this.known.network.get(mountId);
    if (old?.space === spot?.space && old?.path === spot?.path && old?.volumeId === spot?.volumeId && old?.readOnly === spot?.readOnly) return;
    // What it leaves is settled, too, when it only moves.
    if (old !== undefined) this.leftNetworkSpots.push(old);
    if (spot !== undefined) this.networkSpots.push(spot);
  }

  /**
   * `members` are the mounts of a share, none when there is none; `depth` is the length of its path; `names` are those of
   * its containers, by our id.
   */
  private settleMembers(
    about: Pick<KnownShare, 'kind' | 'volumeId' | 'identity'>,
    members: readonly Pick<Spot, 'mountId' | 'containerId' | 'hostId' | 'readOnly' | 'path'>[],
    depth: number,
    names: ReadonlyMap<string, string>,
  ): void {
    const old = this.known.shares.get(shareKey(about));
    if (members.length === 0) {
      if (old !== undefined) this.dissolve(old);
      return;
    }
    const mountIds = members.map(({ mountId }) => mountId).sort();
    const multipleWriters = risksOfWriters(members, depth).includes('MULTIPLE_WRITERS');
    if (old !== undefined && sameList(old.mountIds, mountIds) && old.multipleWriters === multipleWriters) return;
    const share: KnownShare = { id: old?.id ?? this.newId(), ...about, formedAt: old?.formedAt ?? this.seen.observedAt, mountIds, multipleWriters };
    this.shares.push(share);
    this.happened.push(this.shareEntry(old === undefined ? 'SHARE_FORMED' : 'SHARE_CHANGED', share, shareAttributes(share, members, names)));
  }

  private dissolve(share: KnownShare): void {
    this.dissolvedShares.push(share);
    this.endedShares.push(this.shareEntry('SHARE_DISSOLVED', share, shareAttributes(share, [], new Map())));
  }

  private shareEntry(type: LifecycleEventType, share: KnownShare, attributes: NewEntry['attributes']): NewEntry {
    const volume = share.volumeId === null ? undefined : (this.volume(share.identity) ?? this.known.volumes.get(share.identity));
    // It follows from what was seen of containers.
    const key = signKey('volume', share.identity);
    const entry = this.entry(type, key, [], null, { ...(volume === undefined ? {} : { volume }), attributes });
    return { ...entry, shareId: share.id };
  }

  // ---- known values with the changes laid over them

  private volume(name: string): KnownVolume | undefined {
    return this.volumes.has(name) ? this.volumes.get(name) : this.known.volumes.get(name);
  }

  private container(engineId: string): KnownContainer | undefined {
    return this.containers.has(engineId) ? this.containers.get(engineId) : this.known.containers.get(engineId);
  }

  private setContainer(container: KnownContainer): void {
    this.containers.set(container.engineId, container);
    this.donors?.add(container);
    addUser(this.changedUsers, container);
  }

  private livingContainers(): KnownContainer[] {
    const engineIds = new Set([...this.known.containers.keys(), ...this.containers.keys()]);
    return [...engineIds].map((engineId) => this.container(engineId)).filter((container) => container !== undefined);
  }

  /** Whether any living container refers to a volume; without gathering them, since thousands may. */
  private hasUsers(name: string): boolean {
    for (const engineIds of [this.known.users.get(name), this.changedUsers.get(name)]) {
      for (const engineId of engineIds ?? []) if (this.container(engineId) !== undefined) return true;
    }
    return false;
  }

  /** Living containers that refer to a volume. */
  private users(name: string): KnownContainer[] {
    const engineIds = new Set([...(this.known.users.get(name) ?? []), ...(this.changedUsers.get(name) ?? [])]);
    return [...engineIds].map((engineId) => this.container(engineId)).filter((container) => container !== undefined);
  }

  private volumesOf(container: KnownContainer): { volume: KnownVolume; mounts: KnownMount[] }[] {
    return [...volumeNames(container.mounts)].flatMap((name) => {
      const volume = this.volume(name);
      return volume === undefined ? [] : [{ volume, mounts: container.mounts.filter((mount) => mount.volumeName === name) }];
    });
  }

  // ---- entries

  /**
   * `actions` are the engine's words for it: when one was heard, the entry has its time and is the engine's; when the
   * engine said something else of the object, it still comes of looking there on its word.
   */
  private entry(
    type: LifecycleEventType,
    key: string,
    actions: readonly string[],
    ownTime: number | null,
    about: { volume?: KnownVolume; container?: KnownContainer; attributes: NewEntry['attributes'] },
  ): NewEntry {
    const signs = this.seen.signs.get(key);
    const heard = actions.map((action) => signs?.get(action)).find((time) => time !== undefined);
    const actor = this.seen.actors.get(key);
    return {
      type,
      source: this.sourceOf(signs, actor, actions.length === 0),
      occurredAt: heard === undefined ? (ownTime ?? this.seen.observedAt) : asMilliseconds(heard),
      host: this.known.host,
      ...(about.volume === undefined ? {} : { volume: pick(about.volume) }),
      ...(about.container === undefined ? {} : { container: pick(about.container) }),
      ...(actor === undefined ? {} : { actor }),
      attributes: about.attributes,
    };
  }

  /** `follows`: the engine has no word for it, it follows from what was seen of others. */
  private sourceOf(signs: Signs | undefined, actor: string | undefined, follows: boolean): EventSource {
    if (signs !== undefined || (follows && this.seen.signs.size > 0)) return 'ENGINE';
    return actor !== undefined || (follows && this.seen.actors.size > 0) ? 'GATEWAY' : 'RECONCILED';
  }
}

/** All that was known of a volume, for whoever has to make it again. What users noted of it is added where that is written. */
function describeVolume(volume: KnownVolume): { readonly [key: string]: JsonValue } {
  return {
    driver: volume.driver,
    scope: volume.scope,
    mountpoint: volume.mountpoint,
    options: maskOptions(volume.options),
    labels: maskOptions(volume.labels),
    anonymous: volume.anonymous,
    state: volume.state,
    createdAt: asIso(volume.createdAt),
    firstSeenAt: asIso(volume.firstSeenAt),
    lastMountedAt: asIso(volume.lastMountedAt),
    lastInUseAt: asIso(volume.lastInUseAt),
    lastUsedBy: volume.lastUsedBy,
  };
}

/** What a new volume is; who uses it is told by those who do. */
function describeMade(volume: KnownVolume): { readonly [key: string]: JsonValue } {
  const { state: _state, lastMountedAt: _mounted, lastInUseAt: _inUse, lastUsedBy: _by, ...made } = describeVolume(volume);
  return made;
}

function describeContainer(container: KnownContainer): { readonly [key: string]: JsonValue } {
  return {
    name: container.name,
    image: container.image,
    state: container.state,
    labels: maskOptions(container.labels),
    createdAt: asIso(container.createdAt),
    startedAt: asIso(container.startedAt),
    mounts: container.mounts.map(describeMount),
  };
}

function describeMount(mount: KnownMount): JsonValue {
  return {
    type: mount.type,
    source: mount.volumeName ?? mount.source,
    destination: mount.destination,
    readOnly: mount.readOnly,
    origin: mount.origin,
  };
}

function pick({ id, name }: { id: string; name: string }): { id: string; name: string } {
  return { id, name };
}

function asIso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

function sameSpots(a: readonly Spot[], b: readonly Spot[]): boolean {
  return a.length === b.length && a.every((spot, index) => isSameSpot(spot, b[index]));
}

function isSameSpot(a: Spot, b: Spot | undefined): boolean {
  return a.volumeId === b?.volumeId && a.readOnly === b.readOnly && a.anchor === b.anchor && sameList(a.path, b.path);
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
