import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { WatchEndedError, HostSync } from '../../src/sync/host-sync.js';
import { holdLease, silent, startDatabase, testSealer, type TestDatabase } from '../harness/database.js';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { proveNothingIsLeft } from '../harness/stand.js';

let engine: TestEngine;
let server: TestDatabase;

beforeAll(async () => {
  [engine, server] = await Promise.all([startEngine({ name: 'alpha' }), startDatabase()]);
});

afterAll(async () => {
  await engine.stop();
  await server.stop();
  await proveNothingIsLeft();
});

test('a watcher whose host another gateway has taken vouches for nothing, not even for what has not changed', async () => {
  const { id, name, endpoint } = await addHost(
    server.database,
    { id: newHostId(), name: 'alpha', endpoint: engine.endpoint, labels: {}, credentials: null },
    'test',
  );
  const context = {
    database: server.database,
    sealer: testSealer,
    log: silent,
    resyncIntervalMs: 600_000,
    engineTimeoutMs: 10_000,
    committed: () => undefined,
  };
  const host = { id, name, endpoint, credentials: {}, lastSeenAt: undefined, engine: undefined };
  for (const ask of [(sync: HostSync) => sync.look('volume', 'nothing'), (sync: HostSync) => sync.syncNow()]) {
    const sync = new HostSync(host, await holdLease(server.database, id), context);
    sync.start();
    try {
      await ask(sync);
      await holdLease(server.database, id);
      await expect(ask(sync)).rejects.toBeInstanceOf(WatchEndedError);
    } finally {
      await sync.stop();
    }
  }
});
