import pLimit from 'p-limit';
import { EngineError } from '../engine/connection.js';
import { Problem } from '../problems.js';
import type { Engine } from '../engine/engine.js';
import type { EngineContainer, EngineMount, EngineVolume } from '../engine/model.js';
import { isAnonymousVolume, isObjectId, isObjectName } from '../engine/names.js';
import {
  isActive,
  volumeNames,
  type ContainerFacts,
  type ContainerState,
  type HostPicture,
  type MountFacts,
  type MountType,
  type VolumeFacts,
} from '../inventory/picture.js';
import { signKey, type Seen, type Signs } from '../inventory/seen.js';
import { compareVolume } from '../inventory/volume-identity.js';
import type { Pending } from './pending-objects.js';
import type { LookedAt, SlowObjects } from './slow-objects.js';

/** Objects of one engine that are looked at together. */
const LOOKS_AT_ONCE = 8;
/** From so many volumes on, one list is cheaper than a look at each: an engine under load answers each call slowly. */
const LIST_INSTEAD_OF_LOOKS = 16;
/** First API version whose CreatedAt of a volume stays the same (24.0, moby#44719). */
const TRUSTED_CREATED_AT_API = 43;

const MOUNT_TYPES: Readonly<Record<string, MountType>> = {
  volume: 'VOLUME',
  bind: 'BIND',
  tmpfs: 'TMPFS',
  npipe: 'NPIPE',
  cluster: 'CLUSTER',
  image: 'IMAGE',
};

const CONTAINER_STATES: Readonly<Record<string, Exclude<ContainerState, 'REMOVED'>>> = {
  created: 'CREATED',
  running: 'RUNNING',
  paused: 'PAUSED',
  restarting: 'RESTARTING',
  removing: 'REMOVING',
  exited: 'EXITED',
  dead: 'DEAD',
};

/**
 * Looks at an engine: at everything, or at what is pending. A container that is seen has its volumes seen, too.
 * @param slow objects that are not waited for; those for which no answer comes in time are added.
 * @param recheckRuns look at every running container again: after a gap, a restart may have gone unheard.
 */
export async function observe(engine: Engine, known: HostPicture, pending: Pending, recheckRuns: boolean, slow: SlowObjects): Promise<Seen> {
  const observedAt = Date.now();
  const engineTime = engine.clock.certainlyPastNano();
  const found = pending.all ? await observeAll(engine, known, pending, recheckRuns, slow) : await observeSome(engine, known, pending, slow);
  return {
    ...found,
    observedAt,
    engineTime,
    trustsCreatedAt: trustsCreatedAt(engine),
    signs: new Map([...pending.objects].flatMap(([key, { signs }]) => (signs.size === 0 ? [] : [[key, signs]]))),
    actors: new Map([...pending.objects].flatMap(([key, { actor }]) => (actor === undefined ? [] : [[key, actor]]))),
    // A container that was still there is journalled in full, from what was seen of it.
    briefUses: pending.uses.filter((use) => {
      const seen = found.containers.get(use.containerId);
      return !known.containers.has(use.containerId) && (seen === undefined || seen === 'GONE');
    }),
  };
}

type Found = Pick<Seen, 'complete' | 'volumes' | 'containers' | 'unreadableDrivers'>;

async function observeAll(engine: Engine, known: HostPicture, pending: Pending, recheckRuns: boolean, slow: SlowObjects): Promise<Found> {
  const limit = pLimit(LOOKS_AT_ONCE);
  const looks = { engine, pending, slow };
  const trusts = trustsCreatedAt(engine);
  const volumes = new Map<string, VolumeFacts | 'UNCHANGED' | 'GONE'>();
  const unreadableDrivers = new Set<string>();
  const { containers: listed } = await engine.listAll((list) => {
    for (const volume of list.volumes) {
      const facts = volumeFacts(volume);
      const old = known.volumes.get(volume.name);
      const heard = pending.objects.size > 0 && pending.objects.has(signKey('volume', volume.name));
      const same = old !== undefined && !heard && compareVolume(old, facts, trusts) === 'SAME';
      volumes.set(volume.name, same ? 'UNCHANGED' : facts);
    }
    if (list.warnings.length === 0) return;
    for (const { driver } of known.volumes.values()) if (list.warnings.some((warning) => warning.includes(driver))) unreadableDrivers.add(driver);
  });
  const summaries = listed.filter(({ isHelper }) => !isHelper);
  const containers = new Map<string, ContainerFacts | 'UNCHANGED' | 'GONE'>();
  await Promise.all(
    summaries.map(async (summary) => {
      const old = known.containers.get(summary.id);
      const same = old !== undefined && old.name === summary.name && old.state === CONTAINER_STATES[summary.state];
      const heard = pending.objects.has(signKey('container', summary.id));
      if (same && !heard && !(recheckRuns && isActive(old.state))) {
        containers.set(summary.id, 'UNCHANGED');
        return;
      }
      containers.set(summary.id, await limit(() => lookAtContainer(looks, summary.id)));
    }),
  );
  // What is missing is asked for by name: a list may leave out what is there (one name in two drivers), and what came
  // between the two lists.
  const missing = [...known.volumes.values()].filter(({ name, driver }) => !volumes.has(name) && !unreadableDrivers.has(driver)).map(({ name }) => name);
  const mounted = [...containers.values()].flatMap((container) => (typeof container === 'string' ? [] : [...volumeNames(container.mounts)]));
  const names = new Set([...missing, ...mounted.filter((name) => !volumes.has(name))]);
  await Promise.all([...names].filter(isObjectName).map((name) => limit(async () => volumes.set(name, await lookAtVolume(looks, name)))));
  return { complete: true, volumes, containers, unreadableDrivers };
}

async function observeSome(engine: Engine, known: HostPicture, pending: Pending, slow: SlowObjects): Promise<Found> {
  const limit = pLimit(LOOKS_AT_ONCE);
  const looks = { engine, pending, slow };
  const volumes = new Map<string, VolumeFacts | 'UNCHANGED' | 'GONE'>();
  const containers = new Map<string, ContainerFacts | 'UNCHANGED' | 'GONE'>();
  const objects = [...pending.objects.values()];
  await Promise.all(
    objects
      .filter((object) => object.kind === 'container' && isObjectId(object.key))
      .map((object) =>
        limit(async () => {
          containers.set(object.key, await lookAtContainer(looks, object.key));
        }),
      ),
  );
  const names = new Set(objects.filter((object) => object.kind === 'volume').map((object) => object.key));
  for (const container of containers.values()) {
    if (typeof container === 'string') continue;
    for (const name of volumeNames(container.mounts)) if (!known.volumes.has(name)) names.add(name);
  }
  const listed = new Map<string, EngineVolume>();
  if (names.size > LIST_INSTEAD_OF_LOOKS) for (const volume of (await engine.listVolumes()).volumes) listed.set(volume.name, volume);
  await Promise.all(
    [...names].filter(isObjectName).map(async (name) => {
      const volume = listed.get(name);
      volumes.set(name, volume === undefined ? await limit(() => lookAtVolume(looks, name)) : volumeFacts(volume));
    }),
  );
  return { complete: false, volumes, containers, unreadableDrivers: new Set() };
}

function trustsCreatedAt(engine: Engine): boolean {
  return Number(engine.info.apiVersion.split('.')[1]) >= TRUSTED_CREATED_AT_API;
}

const NO_SIGNS: Signs = new Map();

/** How objects of one engine are looked at. */
interface Looks {
  readonly engine: Engine;
  readonly pending: Pending;
  readonly slow: SlowObjects;
}

function lookAtVolume(looks: Looks, name: string): Promise<VolumeFacts | 'UNCHANGED' | 'GONE'> {
  return lookAtOne(looks, { kind: 'volume', key: name }, (patienceMs) => looks.engine.inspectVolume(name, patienceMs), volumeFacts);
}

function lookAtContainer(looks: Looks, id: string): Promise<ContainerFacts | 'UNCHANGED' | 'GONE'> {
  return lookAtOne(looks, { kind: 'container', key: id }, (patienceMs) => inspectUnlessHelper(looks.engine, id, patienceMs), containerFacts);
}

/** What the gateway makes for itself counts as not there. */
async function inspectUnlessHelper(engine: Engine, id: string, patienceMs: number): Promise<EngineContainer | undefined> {
  const container = await engine.inspectContainer(id, patienceMs);
  return container?.isHelper === true ? undefined : container;
}

/** One object that the engine fails to show (a driver that errs, say) is left as it is known; the others go on. */
async function lookAtOne<Raw, Facts>(
  { pending, slow }: Looks,
  object: LookedAt,
  inspect: (patienceMs: number) => Promise<Raw | undefined>,
  factsOf: (raw: Raw) => Facts,
): Promise<Facts | 'UNCHANGED' | 'GONE'> {
  // Somebody waits for this one, who has changed it or is about to.
  const { asked, signs } = pending.objects.get(signKey(object.kind, object.key)) ?? { asked: false, signs: NO_SIGNS };
  const patienceMs = asked ? Infinity : slow.patienceFor(object);
  if (patienceMs === undefined) {
    slow.add(object, signs);
    return 'UNCHANGED';
  }
  try {
    const raw = await inspect(patienceMs);
    slow.inTime(object);
    return raw === undefined ? 'GONE' : factsOf(raw);
  } catch (error) {
    if (error instanceof Problem && error.code === 'HOST_TIMEOUT') {
      slow.add(object, signs);
      return 'UNCHANGED';
    }
    if (error instanceof EngineError) return 'UNCHANGED';
    throw error;
  }
}

function volumeFacts(volume: EngineVolume): VolumeFacts {
  return {
    name: volume.name,
    driver: volume.driver,
    scope: volume.scope,
    mountpoint: volume.mountpoint,
    options: volume.options,
    labels: volume.labels,
    anonymous: isAnonymousVolume(volume.name, volume.labels),
    createdAt: volume.createdAt?.getTime() ?? null,
  };
}

function containerFacts(container: EngineContainer): ContainerFacts {
  return {
    engineId: container.id,
    name: container.name,
    image: container.image,
    state: CONTAINER_STATES[container.state] ?? 'DEAD',
    labels: container.labels,
    createdAt: container.createdAt.getTime(),
    startedAt: container.startedAt?.getTime() ?? null,
    finishedAt: container.finishedAt?.getTime() ?? null,
    mounts: container.mounts.map(mountFacts),
    declaredDestinations: container.declaredDestinations,
    volumesFrom: container.volumesFrom,
  };
}

function mountFacts(mount: EngineMount): MountFacts {
  const type = MOUNT_TYPES[mount.type] ?? (mount.name === undefined ? 'BIND' : 'VOLUME');
  return {
    type,
    volumeName: type === 'VOLUME' || type === 'CLUSTER' ? (mount.name ?? null) : null,
    source: mount.source === '' ? null : mount.source,
    destination: mount.destination,
    readOnly: mount.readOnly,
    propagation: mount.propagation === '' ? null : mount.propagation,
  };
}
