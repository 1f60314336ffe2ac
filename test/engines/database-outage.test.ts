import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { startFaultProxy, type FaultProxy } from '../harness/fault-proxy.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

let engine: TestEngine;
let database: TestDatabase;
let proxy: FaultProxy;
let gateway: TestGateway;

beforeAll(async () => {
  engine = await startEngine({ name: 'alpha' });
  database = await startDatabase();
  const url = new URL(database.url);
  proxy = await startFaultProxy({ target: { host: url.hostname, port: Number(url.port) } });
  url.port = String(proxy.port);
  gateway = await startGateway({ hosts: { alpha: engine.endpoint }, environment: { DATABASE_URL: url.href } });
  await hostsAre(gateway, 'ONLINE');
});

afterAll(async () => {
  await gateway.stop();
  await proxy.close();
  await database.stop();
  await engine.stop();
  await proveNothingIsLeft();
});

test.each(['reset', 'blackhole'] as const)(
  'while its database is away (%s) a gateway says so, and catches up by itself when it is back',
  async (fault) => {
    proxy.setMode(fault);
    const began = Date.now();
    expect(await gateway.codeOf('{ hosts { name } }')).toBe('UNAVAILABLE');
    // A heartbeat that is not answered, and some more.
    expect(Date.now() - began).toBeLessThan(6_000);
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
    await engine.cli('volume', 'create', `during-${fault}`);
    await engine.cli('volume', 'create', 'passing');
    await engine.cli('volume', 'rm', 'passing');
    proxy.setMode('pass');
    await eventually(
      async () => {
        const { volumes } = await gateway.query<{ volumes: { nodes: { name: string }[] } }>('{ volumes { nodes { name } } }');
        expect(volumes.nodes.map(({ name }) => name)).toContain(`during-${fault}`);
        expect(volumes.nodes.map(({ name }) => name)).not.toContain('passing');
      },
      { what: 'what happened meanwhile shows', timeoutMs: 40_000 },
    );
    await engine.cli('volume', 'create', `after-${fault}`);
    await eventually(
      async () => {
        expect(await gateway.query('query ($name: String!) { volume(host: "alpha", name: $name) { state } }', { name: `after-${fault}` })).toEqual({
          volume: { state: 'DANGLING' },
        });
      },
      { what: 'live again', timeoutMs: 5_000 },
    );
    expect(gateway.process.exitCode).toBeNull();
  },
  120_000,
);

test('a gateway that is stopped while its database does not answer ends in order all the same', async () => {
  const url = new URL(database.url);
  url.port = String(proxy.port);
  const stopped = await startGateway({ hosts: { alpha: engine.endpoint }, environment: { DATABASE_URL: url.href } });
  await hostsAre(stopped, 'ONLINE');
  proxy.setMode('blackhole');
  try {
    await engine.cli('volume', 'create', 'unwritten');
    expect(await stopped.stop()).toBe(0);
  } finally {
    proxy.setMode('pass');
  }
  expect(stopped.output()).not.toContain('stopping took too long');
}, 60_000);
