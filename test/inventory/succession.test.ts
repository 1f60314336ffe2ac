import { v7 as newId } from 'uuid';
import { addHost, newHostId, type Host } from '../../src/inventory/hosts.js';
import { whileRemoving } from '../../src/inventory/removal-claims.js';
import { applyChanges, handOn, loadPicture, writeVolumeNotes } from '../../src/inventory/store.js';
import { heirOf } from '../../src/inventory/succession.js';
import { findVolume } from '../../src/inventory/volumes.js';
import { readEntries } from '../../src/journal/read.js';
import { Problem } from '../../src/problems.js';
import { holdLease, testSealer } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { look, seeAll, volumeFacts } from './engine-states.js';

// What users set on a volume whose content goes to another one.

const server = ownDatabase();
let alpha: Host;
let beta: Host;

beforeAll(async () => {
  const add = (name: string) => addHost(server.database, { id: newHostId(), name, endpoint: `unix:///${name}`, labels: {}, credentials: null }, 'test');
  [alpha, beta] = [await add('alpha'), await add('beta')];
});

afterEach(async () => {
  await server.database.volume.deleteMany();
  await server.database.backup.deleteMany();
});

/** Writes that a host has just these volumes; gives their ids. */
async function seen(host: Host, ...names: string[]): Promise<string[]> {
  const { database } = server;
  const lease = await holdLease(database, host.id);
  const picture = await loadPicture(database, testSealer, host);
  const volumes = new Map(names.map((name) => [name, volumeFacts(name)]));
  await applyChanges(database, testSealer, lease, host, look(picture, seeAll({ volumes, containers: new Map() }), newId));
  return Promise.all(names.map(async (name) => (await findVolume(database, host.id, name))?.id ?? ''));
}

async function set(volumeId: string, keepLast = 3): Promise<void> {
  await writeVolumeNotes(server.database, alpha, volumeId, { annotations: { owner: 'blue', tier: 'one' } }, 'someone');
  const counts = { keepLast, keepDaily: 0, keepWeekly: 0 };
  await server.database.backupPolicy.create({
    data: { volumeId, cron: '0 3 * * *', quiesce: 'PAUSE', requestedBy: 'someone', nextRunAt: new Date(), ...counts },
  });
  await server.database.backup.create({
    data: {
      ...{ id: newId(), hostId: alpha.id, hostName: 'alpha', volumeId, volumeName: 'old', createdAt: new Date(), quiesce: 'LIVE', consistent: true },
      ...{ sizeBytes: 1, contentBytes: 1, fileCount: 1, entryCount: 1, sha256: '', manifestSha256: '', location: '', encrypted: false },
    },
  });
}

/** What is set on a volume now. */
async function held(volumeId: string): Promise<unknown> {
  const { annotations, backupPolicy } = await server.database.volume.findUniqueOrThrow({ where: { id: volumeId }, include: { backupPolicy: true } });
  return { annotations, keepLast: backupPolicy?.keepLast, backups: await server.database.backup.count({ where: { volumeId } }) };
}

const SET = { annotations: { owner: 'blue', tier: 'one' }, keepLast: 3, backups: 1 };
const UNSET = { annotations: {}, keepLast: undefined, backups: 0 };
const removing = (from: string, to: string, remove: () => Promise<unknown>, show = () => Promise.resolve(true)) =>
  whileRemoving(server.database, [from], { limitMs: 1_000, successorId: to, remove, show });

test('goes over in the moment in which the inventory shows that the old one is gone, and the journal tells of it', async () => {
  const [old = ''] = await seen(alpha, 'old');
  const [heir = ''] = await seen(beta, 'new');
  await set(old);
  const before = (await readEntries(server.database.readRows, 0n, 1_000)).at(-1)?.position ?? 0n;
  await removing(
    old,
    heir,
    async () => {
      expect([await held(old), await held(heir)]).toEqual([SET, UNSET]);
      await seen(alpha);
    },
    async () => {
      expect(await held(heir)).toEqual(SET);
      return Promise.resolve(true);
    },
  );
  // As history it stays with the old one, too, but for what does something.
  expect(await held(old)).toEqual({ ...UNSET, annotations: SET.annotations });
  const told = await readEntries(server.database.readRows, before, 1_000);
  const policy = { cron: '0 3 * * *', quiesce: 'PAUSE', keepLast: 3, keepDaily: 0, keepWeekly: 0 };
  const notes = { protected: false, annotations: SET.annotations };
  expect(told).toMatchObject([
    { type: 'VOLUME_UPDATED', hostName: 'beta', volumeName: 'new', otherHostIds: [alpha.id], attributes: { before: { annotations: {} }, after: notes } },
    { type: 'BACKUP_POLICY_CHANGED', hostName: 'alpha', volumeName: 'old', otherHostIds: [beta.id], attributes: { before: policy, after: null } },
    { type: 'BACKUP_POLICY_CHANGED', hostName: 'beta', volumeName: 'new', otherHostIds: [alpha.id], attributes: { before: null, after: policy } },
    { type: 'VOLUME_REMOVED', hostName: 'alpha', volumeName: 'old' },
  ]);
});

test('goes over also when the engine has not said whether it removed the old one, and did so a moment later', async () => {
  const [old = '', heir = ''] = await seen(alpha, 'old', 'new');
  await set(old);
  const timeout = removing(old, heir, () => Promise.reject(new Problem('HOST_TIMEOUT', 'No answer.')));
  await expect(timeout).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
  expect(await held(heir)).toEqual(UNSET);
  await seen(alpha, 'new');
  expect(await held(heir)).toEqual(SET);
});

test('stays when the removal was refused, or came much later by another hand', async () => {
  const [old = '', heir = ''] = await seen(alpha, 'old', 'new');
  await set(old);
  await expect(removing(old, heir, () => Promise.reject(new Problem('VOLUME_IN_USE', 'In use.')))).rejects.toMatchObject({ code: 'VOLUME_IN_USE' });
  await expect(removing(old, heir, () => Promise.reject(new Problem('HOST_TIMEOUT', 'No answer.')))).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
  await server.database.removalClaim.updateMany({ data: { until: new Date(Date.now() - 1) } });
  await seen(alpha, 'new');
  expect([await held(old), await held(heir)]).toEqual([SET, UNSET]);
});

test('goes over once only, and what was set on the new one meanwhile stands', async () => {
  const [old = '', heir = ''] = await seen(alpha, 'old', 'new');
  await set(old);
  await writeVolumeNotes(server.database, alpha, heir, { annotations: { owner: 'red' } }, 'someone');
  await server.database.backupPolicy.create({
    data: { volumeId: heir, cron: '0 4 * * *', quiesce: 'LIVE', keepLast: 9, keepDaily: 0, keepWeekly: 0, requestedBy: 'x', nextRunAt: new Date() },
  });
  const again = () => server.database.$transaction((transaction) => handOn(transaction, { from: old, to: heir, actor: 'x' }));
  await again();
  expect(await held(heir)).toEqual({ annotations: { owner: 'red', tier: 'one' }, keepLast: 9, backups: 1 });
  expect(await held(old)).toMatchObject({ keepLast: undefined, backups: 0 });
  await writeVolumeNotes(server.database, alpha, heir, { annotations: {} }, 'someone');
  await again();
  expect(await held(heir)).toMatchObject({ annotations: {} });
});

test('leads from a volume to the last one that its content went to', async () => {
  const [one = '', two = '', three = ''] = await seen(alpha, 'one', 'two', 'three');
  await server.database.$transaction((transaction) => handOn(transaction, { from: one, to: two, actor: 'x' }));
  await server.database.$transaction((transaction) => handOn(transaction, { from: two, to: three, actor: 'x' }));
  const heirs = await server.database.$transaction(async (transaction) => [await heirOf(transaction, one), await heirOf(transaction, three)]);
  expect(heirs).toEqual([three, three]);
});
