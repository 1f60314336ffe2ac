import fc from 'fast-check';
import type { ContainerFacts, HostPicture, MountFacts, VolumeFacts } from '../../src/inventory/picture.js';
import { absorb, type Changes } from '../../src/inventory/changes.js';
import { reconcile } from '../../src/inventory/reconcile.js';
import type { Seen } from '../../src/inventory/seen.js';

// States of an engine, made up by fast-check, and what looking at one of them shows.

/** What an engine has. */
export interface EngineState {
  readonly volumes: ReadonlyMap<string, VolumeFacts>;
  readonly containers: ReadonlyMap<string, ContainerFacts>;
}

const NAMES = ['va', 'vb', 'vc', 'vd', 've'];
const IDS = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(64));
const START = Date.UTC(2026, 0, 1);

export function volumeFacts(name: string, change: Partial<VolumeFacts> = {}): VolumeFacts {
  return {
    name,
    driver: 'local',
    scope: 'local',
    mountpoint: `/var/lib/docker/volumes/${name}/_data`,
    options: {},
    labels: {},
    anonymous: false,
    createdAt: START,
    ...change,
  };
}

export function volumeMount(volumeName: string, destination = `/mnt/${volumeName}`, readOnly = false): MountFacts {
  return { type: 'VOLUME', volumeName, source: `/var/lib/docker/volumes/${volumeName}/_data`, destination, readOnly, propagation: null };
}

export function bindMount(source: string, destination = `/bound${source}`, readOnly = false): MountFacts {
  return { type: 'BIND', volumeName: null, source, destination, readOnly, propagation: 'rprivate' };
}

/** What the containers of made-up states bind, by the first letter of their ids. */
const BOUND: Readonly<Record<string, string>> = { a: '/srv', b: '/srv/a', c: '/srv/ab', d: '/srv/a', f: '/var/lib/docker/volumes/va' };

export function containerFacts(engineId: string, change: Partial<ContainerFacts> = {}): ContainerFacts {
  return {
    engineId,
    name: `c-${engineId.slice(0, 4)}`,
    image: 'busybox',
    state: 'CREATED',
    labels: {},
    createdAt: START,
    startedAt: null,
    finishedAt: null,
    mounts: [],
    declaredDestinations: new Set((change.mounts ?? []).map((mount) => mount.destination)),
    volumesFrom: [],
    ...change,
  };
}

const volume = fc.record({ name: fc.constantFrom(...NAMES), driver: fc.constantFrom('local', 'plugin'), label: fc.constantFrom('', 'x', 'y') });
const container = fc.record({
  engineId: fc.constantFrom(...IDS),
  name: fc.constantFrom('web', 'db', 'job'),
  state: fc.constantFrom('CREATED' as const, 'RUNNING' as const, 'PAUSED' as const, 'EXITED' as const),
  startedAt: fc.constantFrom(START + 1_000, START + 2_000),
});

/** Any state that an engine can be in: every volume that a container mounts is there. */
export const engineState: fc.Arbitrary<EngineState> = fc
  .record({
    volumes: fc.uniqueArray(volume, { selector: ({ name }) => name }),
    containers: fc.uniqueArray(container, { selector: ({ engineId }) => engineId }),
  })
  .map(({ volumes, containers }) => {
    const byName = new Map(volumes.map(({ name, driver, label }) => [name, volumeFacts(name, { driver, labels: label === '' ? {} : { label } })]));
    const byId = new Map(
      containers.map(({ engineId, name, state, startedAt }) => {
        // A container's mounts never change, so they follow from its id; those of volumes that are not there fall away,
        // and its identity with them.
        const wanted = NAMES.filter((_, index) => (engineId.charCodeAt(0) + index) % 2 === 0).filter((volumeName) => byName.has(volumeName));
        const id = `${engineId.slice(0, 58)}${wanted.map((volumeName) => NAMES.indexOf(volumeName) + 1).join('')}`.padEnd(64, '0');
        const bound = BOUND[engineId.charAt(0)];
        const mounts = [
          ...wanted.map((volumeName, index) => volumeMount(volumeName, `/mnt/${volumeName}`, index === 1)),
          ...(bound === undefined ? [] : [bindMount(bound)]),
        ];
        return [id, containerFacts(id, { name, state, startedAt: state === 'CREATED' ? null : startedAt, mounts })] as const;
      }),
    );
    return { volumes: byName, containers: byId };
  });

const QUIET = { unreadableDrivers: new Set<string>(), trustsCreatedAt: false, signs: new Map(), actors: new Map(), briefUses: [] };

/** What full lists show. */
export function seeAll(state: EngineState, change: Partial<Seen> = {}): Seen {
  return { ...QUIET, complete: true, volumes: state.volumes, containers: state.containers, observedAt: START + 5_000, engineTime: 1n, ...change };
}

/** What looking at these objects one by one shows. */
export function seeSome(state: EngineState, volumes: Iterable<string>, containers: Iterable<string>, change: Partial<Seen> = {}): Seen {
  return {
    ...QUIET,
    complete: false,
    volumes: new Map([...volumes].map((name) => [name, state.volumes.get(name) ?? 'GONE'])),
    containers: new Map([...containers].map((id) => [id, state.containers.get(id) ?? 'GONE'])),
    observedAt: START + 5_000,
    engineTime: 1n,
    ...change,
  };
}

/** Ids that are the same in each run. */
export function countingIds(): () => string {
  let count = 0;
  return () => `id-${String((count += 1)).padStart(6, '0')}`;
}

/** Reconciles and takes over the result. */
export function look(picture: HostPicture, seen: Seen, newId: () => string): Changes {
  const changes = reconcile(picture, seen, newId);
  absorb(picture, changes);
  return changes;
}
