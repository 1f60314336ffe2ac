import { randomBytes } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { applyChanges, loadPicture } from '../../src/inventory/store.js';
import { findContainer } from '../../src/inventory/containers.js';
import { holdLease, testSealer } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { bindMount, containerFacts, look, seeAll, volumeFacts, volumeMount } from './engine-states.js';

const server = ownDatabase();

/** Text that nothing can compress. */
const long = (length: number) => randomBytes(length).toString('base64url').slice(0, length);

test('what engines put no limit to is written at any length: names, paths, labels, drivers', async () => {
  const { database } = server;
  const host = await addHost(database, { id: newHostId(), name: 'alpha', endpoint: 'unix:///x', labels: {}, credentials: null }, 'test');
  const lease = await holdLease(database, host.id);
  const id = 'a'.repeat(64);
  const name = long(20_000);
  const labels = { 'com.docker.compose.project': long(20_000), 'com.docker.compose.service': long(20_000), [long(20_000)]: long(20_000) };
  const volume = volumeFacts('data', { driver: long(20_000), labels, options: { device: `/${long(20_000)}`, type: 'none', o: 'bind' } });
  const mounts = [volumeMount('data', `/${long(4_000)}`), bindMount(`/${long(4_000)}`, `/${long(4_000)}`)];
  const container = containerFacts(id, { name, labels, mounts, startedAt: 1_000, state: 'RUNNING' });
  const picture = await loadPicture(database, testSealer, host);
  const changes = look(picture, seeAll({ volumes: new Map([['data', volume]]), containers: new Map([[id, container]]) }), newId);
  await applyChanges(database, testSealer, lease, host, changes);
  expect(await findContainer(database, host.id, name)).toMatchObject({ engineId: id, name });
  expect(await database.mount.findMany({ select: { destination: true } })).toHaveLength(2);
});
