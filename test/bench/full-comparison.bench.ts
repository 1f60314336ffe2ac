import http from 'node:http';
import { v7 as newId } from 'uuid';
import { closeDatabase, openDatabase } from '../../src/database/client.js';
import { parseEndpoint } from '../../src/engine/endpoint.js';
import { Engine } from '../../src/engine/engine.js';
import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { isEmpty } from '../../src/inventory/changes.js';
import { reconcile } from '../../src/inventory/reconcile.js';
import { applyChanges, loadPicture } from '../../src/inventory/store.js';
import { observe } from '../../src/sync/observe.js';
import { SlowObjects } from '../../src/sync/slow-objects.js';
import { holdLease, startDatabase, testSealer } from '../harness/database.js';
import { IMAGE, startEngine } from '../harness/engines.js';
import { describeMs, median, report, timeMs } from './figures.js';

const VOLUMES = 5_000;
const CONTAINERS = 500;
const ROUNDS = 41;

/** The same list calls, read to their end by plain node:http and not even parsed. */
function readPlainly(socketPath: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get({ socketPath, path: `/v1.41${path}` }, (response) => {
        response.resume();
        response.on('end', resolve);
        response.on('error', reject);
      })
      .on('error', reject);
  });
}

test('a full comparison of a host, beside what its engine needs to answer the same list calls', async () => {
  const engine = await startEngine({ name: 'bench' });
  const database = await startDatabase();
  for (let index = 0; index < VOLUMES; index += 1) await engine.docker.createVolume({ Name: `volume-${String(index)}`, Labels: { index: String(index) } });
  for (let index = 0; index < CONTAINERS; index += 1) {
    const binds = [`volume-${String(index)}:/first`, `volume-${String(index + CONTAINERS)}:/second`];
    await engine.docker.createContainer({ Image: IMAGE, Cmd: ['true'], NetworkDisabled: true, HostConfig: { Binds: binds } });
  }
  const host = await addHost(database.database, { id: newHostId(), name: 'bench', endpoint: engine.endpoint, labels: {}, credentials: null }, 'bench');
  const lease = await holdLease(database.database, host.id);
  const connected = await Engine.connect(parseEndpoint(engine.endpoint, {}), {}, 20_000);
  const slow = new SlowObjects(connected, new AbortController().signal, () => undefined);
  const everything = { all: true, objects: new Map(), uses: [], lost: false };
  const first = reconcile(
    await loadPicture(database.database, testSealer, host),
    await observe(connected, await loadPicture(database.database, testSealer, host), everything, true, slow),
    newId,
  );
  await applyChanges(database.database, testSealer, lease, host, first);
  const known = await loadPicture(database.database, testSealer, host);
  // As after the first comparison of a gateway that has just taken the host over.
  known.sharesAreComplete = true;

  const statements: string[] = [];
  const counted = openDatabase(database.url, { onStatement: (sql) => statements.push(sql) });
  const plain: number[] = [];
  const compared: number[] = [];
  for (let round = 0; round < ROUNDS + 2; round += 1) {
    const plainMs = await timeMs(async () => {
      await readPlainly(engine.socketPath, '/containers/json?all=1');
      await readPlainly(engine.socketPath, '/volumes');
    });
    const comparedMs = await timeMs(async () => {
      const changes = reconcile(known, await observe(connected, known, everything, false, slow), newId);
      if (!isEmpty(changes)) await applyChanges(counted, testSealer, lease, host, changes);
    });
    // The first two rounds warm both up.
    if (round < 2) continue;
    plain.push(plainMs);
    compared.push(comparedMs);
  }
  report(`${String(VOLUMES)} volumes, ${String(CONTAINERS)} containers, in turn:`);
  report(describeMs('the engine answers both lists', plain));
  report(describeMs('the gateway lists and compares', compared));
  report(`ratio of the medians ${(median(compared) / median(plain)).toFixed(2)}; statements to the database: ${String(statements.length)}`);
  connected.close();
  await closeDatabase(counted);
  await database.stop();
  await engine.stop();
});
