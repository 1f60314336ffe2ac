import fc from 'fast-check';
import type { NewEntry } from '../../src/journal/entry.js';
import { emptyPicture, isActive, type HostPicture } from '../../src/inventory/picture.js';
import { isEmpty } from '../../src/inventory/changes.js';
import { reconcile } from '../../src/inventory/reconcile.js';
import { signKey } from '../../src/inventory/seen.js';
import { bindMount, containerFacts, countingIds, engineState, look, seeAll, seeSome, volumeFacts, volumeMount, type EngineState } from './engine-states.js';

const HOST = { id: 'host-1', name: 'alpha' };
const ID = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

/** The picture in the engine's terms, with everything that follows from it checked on the way. */
function asEngineState(picture: HostPicture): EngineState {
  const users = (name: string) => [...picture.containers.values()].filter((container) => container.mounts.some((mount) => mount.volumeName === name));
  for (const volume of picture.volumes.values()) {
    const active = users(volume.name).some((user) => isActive(user.state));
    expect(volume.shareCount).toBe(users(volume.name).length);
    expect(volume.state).toBe(active ? 'IN_USE' : volume.shareCount > 0 ? 'IDLE' : 'DANGLING');
    expect(picture.shares.has(volume.id)).toBe(volume.shareCount >= 2);
    const mountIds = users(volume.name).flatMap((user) => user.mounts.filter((mount) => mount.volumeName === volume.name).map((mount) => mount.id));
    if (volume.shareCount >= 2) expect(picture.shares.get(volume.id)?.mountIds).toEqual(mountIds.sort());
    expect(new Set(picture.users.get(volume.name) ?? [])).toEqual(new Set(users(volume.name).map((user) => user.engineId)));
  }
  const ofVolumes = [...picture.shares.values()].filter(({ kind }) => kind === 'VOLUME');
  expect(ofVolumes).toHaveLength([...picture.volumes.values()].filter((volume) => volume.shareCount >= 2).length);
  for (const container of picture.containers.values()) {
    for (const mount of container.mounts) expect(mount.volumeId).toBe(mount.type === 'BIND' ? null : picture.volumes.get(mount.volumeName ?? '')?.id);
  }
  return {
    volumes: new Map([...picture.volumes].map(([name, { driver, labels, options }]) => [name, volumeFacts(name, { driver, labels, options })])),
    containers: new Map(
      [...picture.containers].map(([id, { name, state, startedAt, mounts }]) => {
        const facts = mounts.map(({ type, source, volumeName, destination, readOnly }) =>
          type === 'BIND' ? bindMount(source ?? '', destination, readOnly) : volumeMount(volumeName ?? '', destination, readOnly),
        );
        return [id, containerFacts(id, { name, state, startedAt, mounts: facts })];
      }),
    ),
  };
}

/** What is shared at which path, by the engine ids of the containers, in pictures whose own ids differ. */
function sharesOfPaths(picture: HostPicture): Record<string, string[]> {
  const owners = new Map(
    [...picture.containers.values()].flatMap(({ engineId, mounts }) => mounts.map(({ id, destination }) => [id, `${engineId} ${destination}`])),
  );
  const ofPaths = [...picture.shares.values()].filter(({ kind }) => kind === 'BIND_PATH');
  return Object.fromEntries(
    ofPaths.map(({ identity, mountIds, multipleWriters }) => [`${identity} ${String(multipleWriters)}`, mountIds.map((id) => owners.get(id) ?? id).sort()]),
  );
}

/** What someone knows who was told of nothing but the journal. */
function replay(entries: readonly NewEntry[]): { volumes: string[]; containers: string[]; shares: string[] } {
  const volumes = new Map<string, string>();
  const containers = new Map<string, { name: string; active: boolean }>();
  const shares = new Set<string>();
  for (const { type, volume, container, shareId } of entries) {
    const known = containers.get(container?.id ?? '');
    if (type === 'VOLUME_CREATED' && volume !== undefined) volumes.set(volume.id, volume.name);
    if (type === 'VOLUME_REMOVED' && volume !== undefined) expect(volumes.delete(volume.id)).toBe(true);
    if (type === 'CONTAINER_CREATED' && container !== undefined) containers.set(container.id, { name: container.name, active: false });
    if (type === 'CONTAINER_RENAMED' && known !== undefined && container !== undefined) known.name = container.name;
    if (type === 'CONTAINER_STARTED' && known !== undefined) known.active = true;
    if (type === 'CONTAINER_STOPPED' && known !== undefined) known.active = false;
    if (type === 'CONTAINER_REMOVED' && container !== undefined) expect(containers.delete(container.id)).toBe(true);
    if (type === 'SHARE_FORMED' && shareId !== undefined) shares.add(shareId);
    if (type === 'SHARE_DISSOLVED' && shareId !== undefined) expect(shares.delete(shareId)).toBe(true);
  }
  return {
    volumes: [...volumes].map(([id, name]) => `${id} ${name}`).sort(),
    containers: [...containers].map(([id, { name, active }]) => `${id} ${name} ${String(active)}`).sort(),
    shares: [...shares].sort(),
  };
}

function asReplayed(picture: HostPicture): ReturnType<typeof replay> {
  return {
    volumes: [...picture.volumes.values()].map(({ id, name }) => `${id} ${name}`).sort(),
    containers: [...picture.containers.values()].map(({ id, name, state }) => `${id} ${name} ${String(isActive(state))}`).sort(),
    shares: [...picture.shares.values()].map(({ id }) => id).sort(),
  };
}

describe('from any known state and any engine state', () => {
  test('applying the changes gives exactly the state of the engine', () => {
    fc.assert(
      fc.property(fc.array(engineState, { minLength: 1, maxLength: 4 }), (states) => {
        const picture = emptyPicture(HOST);
        const newId = countingIds();
        for (const state of states) {
          look(picture, seeAll(state), newId);
          expect(asEngineState(picture)).toEqual({
            volumes: state.volumes,
            containers: new Map([...state.containers].map(([id, { declaredDestinations: _declared, ...facts }]) => [id, containerFacts(id, facts)])),
          });
        }
      }),
    );
  });

  test('a second look gives no change', () => {
    fc.assert(
      fc.property(engineState, engineState, (first, second) => {
        const picture = emptyPicture(HOST);
        const newId = countingIds();
        look(picture, seeAll(first), newId);
        look(picture, seeAll(second), newId);
        expect(isEmpty(reconcile(picture, seeAll(second), newId))).toBe(true);
      }),
    );
  });

  test('looking at objects one by one, in any order, leads to the same as full lists', () => {
    fc.assert(
      fc.property(engineState, engineState, fc.infiniteStream(fc.nat()), (first, second, random) => {
        const picture = emptyPicture(HOST);
        const newId = countingIds();
        look(picture, seeAll(first), newId);
        const volumes = [...new Set([...first.volumes.keys(), ...second.volumes.keys()])];
        const containers = [...new Set([...first.containers.keys(), ...second.containers.keys()])];
        const steps = [...volumes.map((name) => seeSome(second, [name], [])), ...containers.map((id) => seeSome(second, [], [id]))];
        while (steps.length > 0) {
          const [step] = steps.splice((random.next().value ?? 0) % steps.length, 1);
          if (step !== undefined) look(picture, step, newId);
        }
        const whole = emptyPicture(HOST);
        look(whole, seeAll(second), countingIds());
        expect(asEngineState(picture)).toEqual(asEngineState(whole));
        expect(sharesOfPaths(picture)).toEqual(sharesOfPaths(whole));
      }),
    );
  });

  test('the journal replayed from the start gives the same state', () => {
    fc.assert(
      fc.property(fc.array(engineState, { minLength: 1, maxLength: 5 }), (states) => {
        const picture = emptyPicture(HOST);
        const newId = countingIds();
        const journal = states.flatMap((state) => look(picture, seeAll(state), newId).entries);
        expect(replay(journal)).toEqual(asReplayed(picture));
      }),
    );
  });
});

describe('whatever the event stream says, and however little is looked at', () => {
  const word = fc.record({
    name: fc.constantFrom('va', 'vb', 'vc', 'vd', 've'),
    action: fc.constantFrom('create', 'destroy', 'mount'),
    at: fc.bigInt(1n, 40n),
  });
  const step = fc.record({
    state: engineState,
    complete: fc.boolean(),
    part: fc.infiniteStream(fc.boolean()),
    words: fc.array(word, { maxLength: 6 }),
    engineTime: fc.bigInt(0n, 40n),
    trustsCreatedAt: fc.boolean(),
    unreadable: fc.constantFrom('none', 'plugin'),
  });

  test('the journal replayed from the start gives the state that is known, and full lists lead back to the truth', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), engineState, (steps, last) => {
        const picture = emptyPicture(HOST);
        const newId = countingIds();
        const journal: NewEntry[] = [];
        for (const { state, complete, part, words, engineTime, trustsCreatedAt, unreadable } of steps) {
          const signs = new Map<string, Map<string, bigint>>();
          for (const { name, action, at } of words)
            signs.set(signKey('volume', name), (signs.get(signKey('volume', name)) ?? new Map<string, bigint>()).set(action, at));
          const some = <T>(list: Iterable<T>) => [...list].filter(() => part.next().value === true);
          const change = { signs, engineTime, trustsCreatedAt, unreadableDrivers: new Set([unreadable]) };
          const seen = complete
            ? seeAll(state, change)
            : seeSome(
                state,
                some(new Set([...state.volumes.keys(), ...picture.volumes.keys()])),
                some(new Set([...state.containers.keys(), ...picture.containers.keys()])),
                change,
              );
          journal.push(...look(picture, seen, newId).entries);
          expect(replay(journal)).toEqual(asReplayed(picture));
        }
        look(picture, seeAll(last), newId);
        expect([...asEngineState(picture).volumes.keys()].sort()).toEqual([...last.volumes.keys()].sort());
        expect([...picture.containers.keys()].sort()).toEqual([...last.containers.keys()].sort());
        expect(isEmpty(reconcile(picture, seeAll(last), newId))).toBe(true);
      }),
    );
  });
});

describe('a volume', () => {
  test('that was removed and made again with other labels is another volume, and the first becomes history', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    look(picture, seeAll({ volumes: new Map([['va', volumeFacts('va')]]), containers: new Map() }), newId);
    const first = picture.volumes.get('va');
    const changes = look(picture, seeAll({ volumes: new Map([['va', volumeFacts('va', { labels: { made: 'again' } })]]), containers: new Map() }), newId);
    expect(changes.removedVolumes.map(({ volume }) => volume.id)).toEqual([first?.id]);
    expect(picture.volumes.get('va')?.id).not.toBe(first?.id);
    expect(changes.entries.map(({ type }) => type)).toEqual(['VOLUME_REMOVED', 'VOLUME_CREATED']);
  });

  test('that was removed and made again just so is another volume when the engine told of its end', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    const state = { volumes: new Map([['va', volumeFacts('va')]]), containers: new Map() };
    look(picture, seeAll(state, { engineTime: 100n }), newId);
    const first = picture.volumes.get('va')?.id;
    const destroyed = new Map([
      ['destroy', 200n],
      ['create', 201n],
    ]);
    look(picture, seeSome(state, ['va'], [], { engineTime: 150n, signs: new Map([[signKey('volume', 'va'), destroyed]]) }), newId);
    const second = picture.volumes.get('va')?.id;
    expect(second).not.toBe(first);
    // The same event again, from an overlapping stream, is about the first one.
    look(picture, seeSome(state, ['va'], [], { engineTime: 300n, signs: new Map([[signKey('volume', 'va'), destroyed]]) }), newId);
    expect(picture.volumes.get('va')?.id).toBe(second);
  });

  test('with another CreatedAt is another volume only where the engine keeps that time fixed', () => {
    for (const trustsCreatedAt of [false, true]) {
      const picture = emptyPicture(HOST);
      const newId = countingIds();
      look(picture, seeAll({ volumes: new Map([['va', volumeFacts('va', { createdAt: 1_000 })]]), containers: new Map() }, { trustsCreatedAt }), newId);
      const changes = look(
        picture,
        seeAll({ volumes: new Map([['va', volumeFacts('va', { createdAt: 2_000 })]]), containers: new Map() }, { trustsCreatedAt }),
        newId,
      );
      expect(changes.removedVolumes).toHaveLength(trustsCreatedAt ? 1 : 0);
      expect(isEmpty(changes)).toBe(!trustsCreatedAt);
    }
  });

  test('stays the same when its engine is upgraded to one that tells another CreatedAt, and from then on keeps to it', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    const at = (createdAt: number) => ({ volumes: new Map([['va', volumeFacts('va', { createdAt })]]), containers: new Map() });
    look(picture, seeAll(at(1_000), { trustsCreatedAt: false }), newId);
    const upgraded = look(picture, seeAll(at(2_000), { trustsCreatedAt: true }), newId);
    expect(upgraded).toMatchObject({ removedVolumes: [], entries: [] });
    expect(picture.volumes.get('va')).toMatchObject({ createdAt: 2_000, createdAtFixed: true });
    expect(isEmpty(reconcile(picture, seeAll(at(2_000), { trustsCreatedAt: true }), newId))).toBe(true);
    expect(reconcile(picture, seeAll(at(3_000), { trustsCreatedAt: true }), newId).removedVolumes).toHaveLength(1);
    // Downgraded it tells nothing that could be trusted.
    expect(isEmpty(reconcile(picture, seeAll(at(4_000), { trustsCreatedAt: false }), newId))).toBe(true);
  });

  test('that was removed and made again a moment after it was first seen is another volume', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    const state = { volumes: new Map([['va', volumeFacts('va')]]), containers: new Map() };
    const key = signKey('volume', 'va');
    const first = look(picture, seeSome(state, ['va'], [], { engineTime: 90n, signs: new Map([[key, new Map([['create', 100n]])]]) }), newId);
    const signs = new Map([
      [
        key,
        new Map([
          ['destroy', 101n],
          ['create', 102n],
        ]),
      ],
    ]);
    const second = look(picture, seeSome(state, ['va'], [], { engineTime: 95n, signs }), newId);
    expect([...first.entries, ...second.entries].map(({ type }) => type)).toEqual(['VOLUME_CREATED', 'VOLUME_REMOVED', 'VOLUME_CREATED']);
  });

  test('of a driver that does not answer its engine is never taken for removed', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    look(picture, seeAll({ volumes: new Map([['va', volumeFacts('va', { driver: 'nfs' })]]), containers: new Map() }), newId);
    const nothing = { volumes: new Map(), containers: new Map() };
    expect(isEmpty(reconcile(picture, seeAll(nothing, { unreadableDrivers: new Set(['nfs']) }), newId))).toBe(true);
    expect(reconcile(picture, seeAll(nothing), newId).removedVolumes).toHaveLength(1);
  });

  test('keeps when and by whom it was last used after that container is gone', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    const running = containerFacts(ID, { name: 'job', state: 'RUNNING', startedAt: 5_000, mounts: [volumeMount('va')] });
    look(picture, seeAll({ volumes: new Map([['va', volumeFacts('va')]]), containers: new Map([[ID, running]]) }), newId);
    look(picture, seeAll({ volumes: new Map([['va', volumeFacts('va')]]), containers: new Map() }, { observedAt: 9_000 }), newId);
    expect(picture.volumes.get('va')).toMatchObject({ state: 'DANGLING', lastMountedAt: 5_000, lastUsedBy: 'job', lastInUseAt: 9_000, shareCount: 0 });
  });

  test('counts as used by a container that was gone before anyone could look at it', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    const state = { volumes: new Map([['va', volumeFacts('va')]]), containers: new Map() };
    look(picture, seeAll(state), newId);
    const briefUses = [{ volumeName: 'va', containerName: 'nightly', at: 7_000 }];
    const changes = look(picture, seeSome(state, ['va'], [], { briefUses }), newId);
    expect(picture.volumes.get('va')).toMatchObject({ lastMountedAt: 7_000, lastUsedBy: 'nightly' });
    expect(changes.entries.map(({ type }) => type)).toEqual(['VOLUME_MOUNTED', 'VOLUME_UNMOUNTED']);
    expect(isEmpty(look(picture, seeSome(state, ['va'], [], { briefUses }), newId))).toBe(true);
  });

  test('that comes to be seen after a container that mounts it gets that mount', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    const state = {
      volumes: new Map([['va', volumeFacts('va')]]),
      containers: new Map([[ID, containerFacts(ID, { state: 'RUNNING', startedAt: 1_000, mounts: [volumeMount('va')] })]]),
    };
    look(picture, seeSome(state, [], [ID]), newId);
    expect(picture.containers.get(ID)?.mounts[0]?.volumeId).toBeNull();
    look(picture, seeSome(state, ['va'], []), newId);
    expect(picture.containers.get(ID)?.mounts[0]?.volumeId).toBe(picture.volumes.get('va')?.id);
    expect(picture.volumes.get('va')?.state).toBe('IN_USE');
  });
});

describe('a container', () => {
  test('that ran between two looks is journalled with its start and its stop', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    const volumes = new Map([['va', volumeFacts('va')]]);
    const mounts = [volumeMount('va')];
    look(picture, seeAll({ volumes, containers: new Map([[ID, containerFacts(ID, { mounts })]]) }), newId);
    const ended = containerFacts(ID, { mounts, state: 'EXITED', startedAt: 5_000, finishedAt: 6_000 });
    const { entries } = look(picture, seeAll({ volumes, containers: new Map([[ID, ended]]) }), newId);
    expect(entries.map(({ type, occurredAt }) => [type, occurredAt])).toEqual([
      ['CONTAINER_STARTED', 5_000],
      ['VOLUME_MOUNTED', 5_000],
      ['CONTAINER_STOPPED', 6_000],
      ['VOLUME_UNMOUNTED', 6_000],
    ]);
    expect(picture.volumes.get('va')).toMatchObject({ state: 'IDLE', lastMountedAt: 5_000 });
  });

  test('that was restarted between two looks is journalled with a stop and a start', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    const running = (startedAt: number) => ({ volumes: new Map(), containers: new Map([[ID, containerFacts(ID, { state: 'RUNNING', startedAt })]]) });
    look(picture, seeAll(running(1_000)), newId);
    expect(look(picture, seeAll(running(2_000)), newId).entries.map(({ type }) => type)).toEqual(['CONTAINER_STOPPED', 'CONTAINER_STARTED']);
  });

  test('shows how each mount came: declared, anonymous, or from another container, also along a chain', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    const third = 'c'.repeat(64);
    const anonymous = 'f'.repeat(64);
    const volumes = new Map([
      ['va', volumeFacts('va')],
      [anonymous, volumeFacts(anonymous, { anonymous: true })],
    ]);
    const mounts = [volumeMount('va', '/data'), volumeMount(anonymous, '/cache')];
    const containers = new Map([
      [ID, containerFacts(ID, { name: 'donor', createdAt: 1, mounts, declaredDestinations: new Set(['/data']) })],
      [OTHER, containerFacts(OTHER, { name: 'taker', createdAt: 2, mounts, declaredDestinations: new Set(), volumesFrom: ['donor:ro'] })],
      [third, containerFacts(third, { name: 'chained', createdAt: 3, mounts, declaredDestinations: new Set(), volumesFrom: [OTHER.slice(0, 12)] })],
    ]);
    look(picture, seeAll({ volumes, containers }), newId);
    const origins = (id: string) => picture.containers.get(id)?.mounts.map((mount) => mount.origin);
    expect(origins(ID)).toEqual(['DECLARED', 'ANONYMOUS']);
    expect(origins(OTHER)).toEqual(['VOLUMES_FROM', 'VOLUMES_FROM']);
    expect(origins(third)).toEqual(['VOLUMES_FROM', 'VOLUMES_FROM']);
    expect(picture.containers.get(OTHER)?.volumesFrom).toEqual([picture.containers.get(ID)?.id]);
    expect(picture.containers.get(third)?.volumesFrom).toEqual([picture.containers.get(OTHER)?.id]);
  });

  test('whose donor is gone still shows that its volume came from another container', () => {
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    const volumes = new Map([['va', volumeFacts('va')]]);
    look(picture, seeAll({ volumes, containers: new Map([[ID, containerFacts(ID, { mounts: [volumeMount('va')] })]]) }), newId);
    const taker = containerFacts(OTHER, { mounts: [volumeMount('va')], declaredDestinations: new Set(), volumesFrom: ['gone'] });
    look(picture, seeSome({ volumes, containers: new Map([[OTHER, taker]]) }, [], [OTHER]), newId);
    expect(picture.containers.get(OTHER)?.mounts[0]?.origin).toBe('VOLUMES_FROM');
    expect(picture.containers.get(OTHER)?.volumesFrom).toEqual([]);
  });
});

describe('an entry of the journal', () => {
  const state = { volumes: new Map([['va', volumeFacts('va', { options: { o: 'username=me,password=hunter2' } })]]), containers: new Map() };

  test("is RECONCILED when it was found by comparing, and the engine's, with its time, when the engine spoke", () => {
    const found = reconcile(emptyPicture(HOST), seeAll(state), countingIds()).entries[0];
    expect(found).toMatchObject({ type: 'VOLUME_CREATED', source: 'RECONCILED' });
    const signs = new Map([[signKey('volume', 'va'), new Map([['create', 1_795_462_901_163_231_177n]])]]);
    const heard = reconcile(emptyPicture(HOST), seeSome(state, ['va'], [], { signs }), countingIds()).entries[0];
    expect(heard).toMatchObject({ source: 'ENGINE', occurredAt: 1_795_462_901_163.231 });
  });

  test('names who did it through the gateway', () => {
    const actors = new Map([[signKey('volume', 'va'), 'ada']]);
    expect(reconcile(emptyPicture(HOST), seeSome(state, ['va'], [], { actors }), countingIds()).entries[0]).toMatchObject({ source: 'GATEWAY', actor: 'ada' });
  });

  test('holds no password of a driver option', () => {
    expect(JSON.stringify(reconcile(emptyPicture(HOST), seeAll(state), countingIds()).entries)).not.toContain('hunter2');
  });
});

describe('a container whose volume is lost under it', () => {
  test('reaches its storage no more, and again when there is such a volume', () => {
    const export_ = { options: { type: 'nfs', o: 'addr=nas.example', device: ':/media' } };
    const whole = {
      volumes: new Map([['va', volumeFacts('va', export_)]]),
      containers: new Map([[ID, containerFacts(ID, { mounts: [volumeMount('va', '/data')] })]]),
    };
    const picture = emptyPicture(HOST);
    const newId = countingIds();
    look(picture, seeAll(whole), newId);
    expect(picture.network.size).toBe(1);
    // As in a running gateway: from now on only what changes is looked at.
    picture.sharesAreComplete = true;
    look(picture, seeAll({ ...whole, volumes: new Map() }), newId);
    expect(picture.network.size).toBe(0);
    expect(isEmpty(reconcile(picture, seeAll({ ...whole, volumes: new Map() }), newId))).toBe(true);
    look(picture, seeAll(whole), newId);
    expect([...picture.network.values()].map(({ volumeId }) => volumeId)).toEqual([picture.volumes.get('va')?.id]);
  });
});
