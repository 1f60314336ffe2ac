import { addHost, newHostId, type Host } from '../../src/inventory/hosts.js';
import { CommandEngines } from '../../src/sync/command-engines.js';
import { AddressGuard } from '../../src/engine/address-guard.js';
import type { Engine } from '../../src/engine/engine.js';
import { startDatabase, testSealer, type TestDatabase } from '../harness/database.js';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { proveNothingIsLeft } from '../harness/stand.js';

let engine: TestEngine;
let server: TestDatabase;
let host: Host;

beforeAll(async () => {
  [engine, server] = await Promise.all([startEngine({ name: 'alpha' }), startDatabase()]);
  host = await addHost(server.database, { id: newHostId(), name: 'alpha', endpoint: engine.endpoint, labels: {}, credentials: null }, 'test');
});

afterAll(async () => {
  await engine.stop();
  await server.stop();
  await proveNothingIsLeft();
});

const make = () => new CommandEngines({ database: server.database, sealer: testSealer, addresses: new AddressGuard(), engineTimeoutMs: 10_000 });
const answers = (connected: Engine) => connected.ping(5_000).then(() => true);

test('a connection that is in use ends with its last use, and not before', async () => {
  const engines = make();
  let used: Engine | undefined;
  await engines.use(host, undefined, async (first) => {
    used = first;
    await engines.use(host, undefined, async (second) => {
      expect(second).toBe(first);
      engines.close();
      expect(await answers(second)).toBe(true);
    });
    expect(await answers(first)).toBe(true);
  });
  await expect(used?.ping(5_000)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
});

test('a connection is kept for the next command, until the watcher has another one of its own', async () => {
  const engines = make();
  const seen: Engine[] = [];
  const note = (connected: Engine) => {
    seen.push(connected);
    return Promise.resolve();
  };
  await engines.use(host, undefined, note);
  await engines.use(host, undefined, note);
  const [first] = seen as [Engine];
  expect(seen[1]).toBe(first);
  await engines.use(host, first, note);
  expect(seen[2]).not.toBe(first);
  await expect(first.ping(5_000)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  expect(await answers(seen[2] as Engine)).toBe(true);
  engines.close();
});

test('a host that could not be reached is tried again by the next command', async () => {
  const engines = make();
  await engine.shutdown();
  await expect(engines.use(host, undefined, answers)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  await engine.start();
  expect(await engines.use(host, undefined, answers)).toBe(true);
  engines.close();
});
