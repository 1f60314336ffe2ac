import { AddressGuard } from '../../src/engine/address-guard.js';
import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { FullLooks } from '../../src/sync/full-looks.js';
import { WatchEndedError, HostSync } from '../../src/sync/host-sync.js';
import { holdLease, silent, startDatabase, testSealer, type TestDatabase } from '../harness/database.js';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { startFaultProxy } from '../harness/fault-proxy.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

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
    addresses: new AddressGuard(),
    sealer: testSealer,
    log: silent,
    resyncIntervalMs: 600_000,
    engineTimeoutMs: 10_000,
    fullLooks: new FullLooks(),
    committed: () => undefined,
  };
  const host = { id, name, endpoint, credentials: {}, lastSeenAt: undefined, heardEvent: undefined, engine: undefined };
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

test('an engine whose clock was set back by an hour is watched again at once', async () => {
  const proxy = await startFaultProxy({ target: engine.socketPath });
  const name = 'set-back';
  const { id } = await addHost(server.database, { id: newHostId(), name, endpoint: proxy.endpoint, labels: {}, credentials: null }, 'test');
  const context = {
    database: server.database,
    addresses: new AddressGuard(),
    sealer: testSealer,
    log: silent,
    resyncIntervalMs: 600_000,
    engineTimeoutMs: 10_000,
    fullLooks: new FullLooks(),
    committed: () => undefined,
  };
  const host = { id, name, endpoint: proxy.endpoint, credentials: {}, lastSeenAt: undefined, heardEvent: undefined, engine: undefined };
  const sync = new HostSync(host, await holdLease(server.database, id), context);
  sync.start();
  try {
    await sync.syncNow();
    // What it told before: an hour later than its clock shows now.
    Reflect.set(sync, 'witness', { key: 'an event', timeNano: BigInt(Date.now() + 3_600_000) * 1_000_000n });
    proxy.setMode('reset');
    await eventually(
      () => {
        expect(sync.freshness).toBeUndefined();
      },
      { what: 'the link is cut' },
    );
    proxy.setMode('pass');
    await eventually(
      () => {
        expect(sync.freshness).toBeDefined();
      },
      { what: 'it is watched again' },
    );
    await engine.docker.createVolume({ Name: 'after' });
    await eventually(
      async () => {
        expect(await server.database.volume.count({ where: { hostId: id, name: 'after' } })).toBe(1);
      },
      {
        what: 'what happens is heard',
      },
    );
  } finally {
    await sync.stop();
    await proxy.close();
  }
}, 30_000);
