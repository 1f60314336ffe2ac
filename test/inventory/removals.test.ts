import { v7 as newId } from 'uuid';
import { claimChanges, openClaims, releaseClaims } from '../../src/inventory/change-claims.js';
import { addHost, changeHost, newHostId, removeHost, type Host } from '../../src/inventory/hosts.js';
import { loadPicture, applyChanges, writeVolumeNotes } from '../../src/inventory/store.js';
import { whileRemoving } from '../../src/inventory/removal-claims.js';
import { findVolume } from '../../src/inventory/volumes.js';
import { readEntries } from '../../src/journal/read.js';
import { Problem } from '../../src/problems.js';
import { holdLease, testSealer } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { look, seeAll, volumeFacts } from './engine-states.js';

const server = ownDatabase();
let host: Host;

beforeAll(async () => {
  host = await addHost(server.database, { id: newHostId(), name: 'alpha', endpoint: 'unix:///x', labels: {}, credentials: null }, 'test');
});

/** Writes that the host has just these volumes. */
async function seen(...volumes: ReturnType<typeof volumeFacts>[]): Promise<void> {
  const { database } = server;
  const lease = await holdLease(database, host.id);
  const picture = await loadPicture(database, testSealer, host);
  const changes = look(picture, seeAll({ volumes: new Map(volumes.map((volume) => [volume.name, volume])), containers: new Map() }), newId);
  await applyChanges(database, testSealer, lease, host, changes);
}

const idOf = async (name: string) => (await findVolume(server.database, host.id, name))?.id ?? '';
const protect = (id: string, isProtected = true) => writeVolumeNotes(server.database, host, id, { protected: isProtected }, 'someone');

/** A removal that an engine works on until it is told how it ends; then `show` has the inventory show it. */
function removalUnderWay(id: string, show = () => Promise.resolve(true)): { begun: Promise<void>; end: (failure?: Problem) => void; over: Promise<unknown> } {
  let end: (failure?: Problem) => void = () => undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const remove = () => {
    begin();
    return new Promise<void>((resolve, reject) => {
      end = (failure) => {
        if (failure === undefined) resolve();
        else reject(failure);
      };
    });
  };
  const over = whileRemoving(server.database, [id], { limitMs: 1_000, remove, show }).catch((error: unknown) => error);
  return {
    begun,
    end: (failure) => {
      end(failure);
    },
    over,
  };
}

test('a volume cannot be protected while an engine removes it, and not be removed once it is protected', async () => {
  await seen(volumeFacts('wanted'));
  const id = await idOf('wanted');
  const [one, two] = [removalUnderWay(id), removalUnderWay(id)];
  await Promise.all([one.begun, two.begun]);
  await expect(protect(id)).rejects.toMatchObject({ code: 'CONFLICT' });
  one.end(new Problem('VOLUME_IN_USE', 'It is in use.'));
  expect(await one.over).toMatchObject({ code: 'VOLUME_IN_USE' });
  // The other one is still under way.
  await expect(protect(id)).rejects.toMatchObject({ code: 'CONFLICT' });
  two.end(new Problem('VOLUME_IN_USE', 'It is in use.'));
  await two.over;
  await protect(id);
  const late = removalUnderWay(id);
  expect(await late.over).toMatchObject({ code: 'VOLUME_PROTECTED' });
  await protect(id, false);
});

test('nor while the inventory does not show yet that it is gone, for as long as that takes', async () => {
  for (const shows of [true, false]) {
    await seen(volumeFacts('late'));
    const id = await idOf('late');
    const refusals: unknown[] = [];
    const removal = removalUnderWay(id, async () => {
      refusals.push(await protect(id).catch((error: unknown) => error));
      if (shows) await seen();
      return shows;
    });
    await removal.begun;
    removal.end();
    expect(await removal.over).toBeUndefined();
    expect(refusals).toMatchObject([{ code: 'CONFLICT' }]);
    await expect(protect(id)).rejects.toMatchObject({ code: shows ? 'NOT_FOUND' : 'CONFLICT' });
    await seen();
  }
});

test.each(['HOST_TIMEOUT', 'HOST_UNREACHABLE'] as const)('after %s it may still be going on, and protects nothing for a while', async (code) => {
  await seen(volumeFacts('unclear'));
  const id = await idOf('unclear');
  const removal = removalUnderWay(id);
  await removal.begun;
  removal.end(new Problem(code, 'Not known.'));
  await removal.over;
  await expect(protect(id)).rejects.toMatchObject({ code: 'CONFLICT' });
  // What was left by a gateway that is gone runs out.
  await server.database.removalClaim.updateMany({ where: { volumeId: id }, data: { until: new Date(Date.now() - 1) } });
  await protect(id);
  await protect(id, false);
  await seen();
});

test('the journal keeps all that was known of a volume that goes, and no secret', async () => {
  const facts = volumeFacts('gone', {
    scope: 'local',
    options: { type: 'cifs', o: 'username=u,password=canary-1', device: '//nas/x' },
    labels: { team: 'blue', 'db.password': 'canary-2' },
  });
  await seen(facts);
  const id = await idOf('gone');
  await writeVolumeNotes(server.database, host, id, { protected: true, annotations: { owner: 'me', token: 'canary-3' } }, 'someone');
  const lastMountedAt = new Date('2026-01-02T03:04:05.000Z');
  await server.database.volume.update({
    where: { id },
    data: { sizeBytes: 4_096n, sizeMeasuredAt: lastMountedAt, lastMountedAt, lastUsedBy: 'web' },
  });
  await seen();
  const entries = await readEntries(server.database.readRows, 0n, 500, { volume: 'gone' });
  const before = {
    driver: 'local',
    scope: 'local',
    mountpoint: facts.mountpoint,
    options: { type: 'cifs', device: '//nas/x', o: 'username=u,password=********' },
    labels: { team: 'blue', 'db.password': '********' },
    anonymous: false,
    state: 'DANGLING',
    createdAt: '2026-01-01T00:00:00.000Z',
    firstSeenAt: expect.any(String) as string,
    lastMountedAt: lastMountedAt.toISOString(),
    lastInUseAt: null,
    lastUsedBy: 'web',
    protected: true,
    annotations: { owner: 'me', token: '********' },
    sizeBytes: 4_096,
    sizeMeasuredAt: lastMountedAt.toISOString(),
  };
  const { driver, options, labels } = before;
  expect(entries.filter(({ type }) => type === 'VOLUME_CREATED')).toMatchObject([{ attributes: { before: null, after: { driver, options, labels } } }]);
  for (const type of ['VOLUME_REMOVED', 'PROTECTED_VOLUME_REMOVED']) {
    expect(entries.filter((entry) => entry.type === type)).toMatchObject([{ attributes: { before } }]);
  }
  expect(JSON.stringify(entries.map(({ attributes }) => attributes))).not.toContain('canary');
});

test('who changes something on a host that another gateway watches is told there until a moment after the change', async () => {
  const { database } = server;
  const claim = { kind: 'volume', key: 'some', actor: 'me' } as const;
  const ids = await claimChanges(database, host.id, [claim]);
  expect(await openClaims(database, host.id)).toEqual([claim]);
  await releaseClaims(database, ids);
  expect(await openClaims(database, host.id)).toEqual([claim]);
  await database.changeClaim.updateMany({ data: { until: new Date(Date.now() - 1) } });
  expect(await openClaims(database, host.id)).toEqual([]);
  await releaseClaims(database, await claimChanges(database, newHostId(), [claim]));
  expect(await database.changeClaim.findMany({ where: { id: { notIn: ids } } })).toEqual([]);
});

test('a host that is removed while it is changed is NOT_FOUND, and what it was is in the journal', async () => {
  const { database } = server;
  const other = await addHost(database, { id: newHostId(), name: 'other', endpoint: 'unix:///y', labels: { site: 'north' }, credentials: null }, 'test');
  await changeHost(database, other.id, { name: 'another' }, 'me');
  expect(await removeHost(database, { ...other, name: 'another' }, 'me')).toBe(true);
  await expect(changeHost(database, other.id, { name: 'late' }, 'me')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const entries = await readEntries(database.readRows, 0n, 500, { types: ['HOST_UPDATED', 'HOST_REMOVED'] });
  expect(entries).toMatchObject([
    { type: 'HOST_UPDATED', actor: 'me', attributes: { before: { name: 'other' }, after: { name: 'another', labels: { site: 'north' } } } },
    { type: 'HOST_REMOVED', actor: 'me', attributes: { before: { name: 'another', endpoint: 'unix:///y', labels: { site: 'north' } }, after: null } },
  ]);
});

test('a host that is removed takes protection and annotations of its volumes with it, and the journal says of which', async () => {
  const { database } = server;
  await seen(volumeFacts('guarded'), volumeFacts('noted'), volumeFacts('plain'));
  const [guarded, noted] = [await idOf('guarded'), await idOf('noted')];
  await protect(guarded);
  await writeVolumeNotes(database, host, noted, { annotations: { owner: 'me', token: 'canary-4' } }, 'someone');
  expect(await removeHost(database, host, 'me')).toBe(true);
  const entries = (await readEntries(database.readRows, 0n, 500, {})).filter(({ actor }) => actor === 'me').slice(-3);
  const after = null;
  expect(entries).toMatchObject([
    { type: 'VOLUME_UPDATED', volumeId: guarded, attributes: { before: { protected: true, annotations: {} }, after } },
    { type: 'VOLUME_UPDATED', volumeId: noted, attributes: { before: { protected: false, annotations: { owner: 'me', token: '********' } }, after } },
    { type: 'HOST_REMOVED', attributes: { forgotten: { protectedVolumes: 1, notedVolumes: 2, tokens: 0 } } },
  ]);
});
