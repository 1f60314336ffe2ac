/** @alone What another host shows meanwhile is given one second. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startEngines, type TestEngine } from '../harness/engines.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { startFaultProxy } from '../harness/fault-proxy.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { temporaryRoot } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

let engines: TestEngine[];
let gateway: TestGateway;

beforeAll(async () => {
  engines = await startEngines(['alpha', 'beta']);
  gateway = await startGateway();
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(engines.map((engine) => engine.stop()));
  await proveNothingIsLeft();
});

afterEach(async () => {
  const { hosts } = await gateway.query<{ hosts: { name: string }[] }>('{ hosts { name } }');
  for (const { name } of hosts) await gateway.query('mutation ($name: String!) { removeHost(input: { name: $name }) { removed } }', { name });
  await Promise.all(engines.map((engine) => engine.reset()));
});

const ADD =
  'mutation ($input: AddHostInput!) { addHost(input: $input) { host { name endpoint status engine { version apiVersion } labels { key value } stats { volumes } } } }';
const UPDATE = 'mutation ($input: UpdateHostInput!) { updateHost(input: $input) { host { name endpoint status } } }';

const [alpha, beta] = [() => engines[0] as TestEngine, () => engines[1] as TestEngine];
const add = (input: Record<string, unknown>) => gateway.query<{ addHost: { host: Record<string, unknown> } }>(ADD, { input }).then((data) => data.addHost.host);

test('a gateway without any engine starts, says so, and takes hosts by mutation', async () => {
  expect(gateway.output()).toContain('no Docker engine was found');
  await alpha().cli('volume', 'create', 'before');
  const host = await add({ name: 'first', endpoint: alpha().endpoint, labels: [{ key: 'site', value: 'north' }] });
  expect(host).toMatchObject({
    name: 'first',
    endpoint: alpha().endpoint,
    status: 'ONLINE',
    labels: [{ key: 'site', value: 'north' }],
    stats: { volumes: 1 },
  });
  expect(host['engine']).toEqual({ version: expect.stringContaining('.') as string, apiVersion: expect.stringMatching(/^1\.\d+$/) as string });
});

test('a host that is renamed, moved to another engine, disabled and enabled keeps what is known of it', async () => {
  await alpha().cli('volume', 'create', 'on-alpha');
  await beta().cli('volume', 'create', 'on-beta');
  await add({ name: 'host', endpoint: alpha().endpoint });
  expect(await gateway.query(UPDATE, { input: { name: 'host', newName: 'renamed' } })).toMatchObject({
    updateHost: { host: { name: 'renamed', status: 'ONLINE' } },
  });
  await gateway.query(UPDATE, { input: { name: 'renamed', endpoint: beta().endpoint } });
  const states = async () => {
    const { volumes } = await gateway.query<{ volumes: { nodes: { name: string; state: string }[] } }>(
      '{ volumes(filter: { states: [DANGLING, REMOVED] }) { nodes { name state } } }',
    );
    return Object.fromEntries(volumes.nodes.map(({ name, state }) => [name, state]));
  };
  await eventually(
    async () => {
      expect(await states()).toEqual({ 'on-alpha': 'REMOVED', 'on-beta': 'DANGLING' });
    },
    { what: 'the other engine is listed' },
  );
  expect(await gateway.query(UPDATE, { input: { name: 'renamed', enabled: false } })).toMatchObject({ updateHost: { host: { status: 'DISABLED' } } });
  expect(await gateway.query('mutation { createVolume(input: { hosts: ["renamed"], name: "no" }) { results { error { code } } } }')).toEqual({
    createVolume: { results: [{ error: { code: 'HOST_DISABLED' } }] },
  });
  await beta().cli('volume', 'rm', 'on-beta');
  expect(await states()).toMatchObject({ 'on-beta': 'DANGLING' });
  await gateway.query(UPDATE, { input: { name: 'renamed', enabled: true } });
  await eventually(
    async () => {
      expect(await states()).toMatchObject({ 'on-beta': 'REMOVED' });
    },
    { what: 'what happened meanwhile is found' },
  );
});

test('calls under way are not cut by a new name of their host', async () => {
  const proxy = await startFaultProxy({ target: alpha().socketPath });
  try {
    await add({ name: 'before', endpoint: proxy.endpoint });
    // Answers come, but late: what a call asks first must not keep it from asking for the volume.
    proxy.setMode('slow', { bytesPerSecond: 1_000_000, delayMs: 1_500 });
    const names = Array.from({ length: 10 }, (_, index) => `made-${String(index)}`);
    const making = names.map((name) =>
      gateway.query('mutation ($name: String!) { createVolume(input: { hosts: ["before"], name: $name }) { results { created error { code message } } } }', {
        name,
      }),
    );
    await eventually(
      () => {
        expect(proxy.requestLines().filter((line) => line.includes('/volumes/create'))).toHaveLength(names.length);
      },
      { what: 'all calls wait for the engine' },
    );
    await gateway.query(UPDATE, { input: { name: 'before', newName: 'after' } });
    proxy.setMode('pass');
    for (const made of await Promise.all(making)) expect(made).toEqual({ createVolume: { results: [{ created: true, error: null }] } });
    await gateway.query(UPDATE, { input: { name: 'after', endpoint: alpha().endpoint } });
  } finally {
    await proxy.close();
  }
  await alpha().cli('volume', 'create', 'later');
  await eventually(
    async () => {
      const { events } = await gateway.query<{ events: { nodes: { hostName: string }[] } }>('{ events(filter: { volume: "later" }) { nodes { hostName } } }');
      expect(events.nodes).toEqual([{ hostName: 'after' }]);
    },
    { what: 'the journal has the new name' },
  );
});

test('a removed host takes its inventory with it, and its events stay', async () => {
  await alpha().cli('volume', 'create', 'leaves');
  await add({ name: 'going', endpoint: alpha().endpoint });
  expect(await gateway.query('mutation { removeHost(input: { name: "going" }) { removed } }')).toEqual({ removeHost: { removed: true } });
  const { volumes, events } = await gateway.query<{ volumes: { totalCount: number }; events: { nodes: Record<string, unknown>[] } }>(
    '{ volumes(filter: { states: [IN_USE, IDLE, DANGLING, REMOVED] }) { totalCount } events(first: 500, filter: { hosts: ["going"] }) { nodes { type hostName volumeName host { name } actor } } }',
  );
  expect(volumes.totalCount).toBe(0);
  expect(events.nodes.map(({ type }) => type)).toEqual(['HOST_ADDED', 'VOLUME_CREATED', 'HOST_ONLINE', 'HOST_REMOVED']);
  expect(events.nodes[1]).toMatchObject({ hostName: 'going', volumeName: 'leaves', host: null });
  expect(events.nodes[3]).toMatchObject({ actor: 'admin' });
  expect(await alpha().cli('volume', 'ls', '-q')).toBe('leaves\n');
});

test('a host that is down keeps its inventory as of the last comparison, the others go on, and it comes back by itself', async () => {
  await alpha().cli('volume', 'create', 'kept');
  await add({ name: 'alpha', endpoint: alpha().endpoint });
  await add({ name: 'beta', endpoint: beta().endpoint });
  await alpha().kill();
  await hostsAre(gateway, 'UNREACHABLE', 'alpha', 5_000);
  await beta().cli('volume', 'create', 'meanwhile');
  interface Answer {
    hosts: { name: string; status: string; statusReason: string | null; lastSyncedAt: string }[];
    volumes: { nodes: { name: string; host: { name: string; status: string } }[] };
  }
  const { hosts, volumes } = await eventually(
    async () => {
      const answer = await gateway.query<Answer>('{ hosts { name status statusReason lastSyncedAt } volumes { nodes { name host { name status } } } }');
      expect(answer.volumes.nodes).toHaveLength(2);
      return answer;
    },
    { what: 'the other host goes on', timeoutMs: 1_000 },
  );
  expect(hosts[0]).toMatchObject({ name: 'alpha', status: 'UNREACHABLE', statusReason: expect.stringContaining('engine') as string });
  expect(Date.parse(hosts[0]?.lastSyncedAt ?? '')).toBeLessThanOrEqual(Date.now());
  expect(volumes.nodes).toEqual([
    { name: 'kept', host: { name: 'alpha', status: 'UNREACHABLE' } },
    { name: 'meanwhile', host: { name: 'beta', status: 'ONLINE' } },
  ]);
  const { syncHosts } = await gateway.query<{ syncHosts: { results: { host: { name: string }; error: { code: string } | null }[] } }>(
    'mutation { syncHosts { results { host { name } error { code } } } }',
  );
  expect(syncHosts.results).toEqual([
    { host: { name: 'alpha' }, error: { code: 'HOST_UNREACHABLE' } },
    { host: { name: 'beta' }, error: null },
  ]);
  await alpha().start();
  await hostsAre(gateway, 'ONLINE', 'alpha', 40_000);
  const types = await gateway.query<{ events: { nodes: { type: string }[] } }>(
    '{ events(first: 500, filter: { hosts: ["alpha"], types: [HOST_UNREACHABLE, HOST_ONLINE, VOLUME_REMOVED] }) { nodes { type } } }',
  );
  expect(types.events.nodes.slice(-3).map(({ type }) => type)).toEqual(['HOST_ONLINE', 'HOST_UNREACHABLE', 'HOST_ONLINE']);
});

test('an engine that accepts connections and answers nothing is found out, and calls to it end', async () => {
  const proxy = await startFaultProxy({ target: alpha().socketPath });
  const slow = await startGateway({ environment: { STOWAGE_ENGINE_TIMEOUT_SECONDS: '2' } });
  try {
    const input = { name: 'proxied', endpoint: proxy.endpoint };
    await slow.query(ADD, { input });
    proxy.setMode('blackhole');
    const { createVolume } = await slow.query<{ createVolume: { results: { error: { code: string } }[] } }>(
      'mutation { createVolume(input: { hosts: ["proxied"], name: "into-the-dark" }) { results { error { code } } } }',
    );
    expect(createVolume.results[0]?.error.code).toMatch(/HOST_TIMEOUT|HOST_UNREACHABLE/);
    await hostsAre(slow, 'UNREACHABLE', 'proxied', 30_000);
    proxy.setMode('pass');
    await hostsAre(slow, 'ONLINE', 'proxied', 40_000);
  } finally {
    await slow.stop();
    await proxy.close();
  }
});

describe('addHost is refused, and nothing is added,', () => {
  test.each([
    ['with an endpoint that is no URL', { name: 'bad', endpoint: 'not a url' }, 'BAD_USER_INPUT'],
    ['with an empty endpoint', { name: 'bad', endpoint: '' }, 'BAD_USER_INPUT'],
    ['with a scheme that is not supported', { name: 'bad', endpoint: 'http://127.0.0.1:2375' }, 'BAD_USER_INPUT'],
    ['with a password in the endpoint', { name: 'bad', endpoint: 'ssh://me:secret@127.0.0.1' }, 'BAD_USER_INPUT'],
    ['with a socket that the settings do not name', { name: 'bad', endpoint: 'unix:///no/such.sock' }, 'FORBIDDEN'],
    ['with a socket that is not there', { name: 'bad', endpoint: `unix://${temporaryRoot()}/no/such.sock` }, 'HOST_UNREACHABLE'],
    ['with a port where nothing listens', { name: 'bad', endpoint: 'tcp://127.0.0.1:1' }, 'HOST_UNREACHABLE'],
    ['with keys that are none', { name: 'bad', endpoint: 'tcp://127.0.0.1:1', tls: { ca: 'x', cert: 'y', key: 'z' } }, 'BAD_USER_INPUT'],
    ['with an empty name', { name: '', endpoint: 'unix:///var/run/docker.sock' }, 'BAD_USER_INPUT'],
    ['with a name that is a path', { name: '../x', endpoint: 'unix:///var/run/docker.sock' }, 'BAD_USER_INPUT'],
  ])('%s', async (_what, input, code) => {
    expect(await gateway.codeOf(ADD, { input })).toBe(code);
    expect(await gateway.query('{ hosts { name } }')).toEqual({ hosts: [] });
  });

  test('with a name that is taken', async () => {
    await add({ name: 'taken', endpoint: alpha().endpoint });
    expect(await gateway.codeOf(ADD, { input: { name: 'taken', endpoint: beta().endpoint } })).toBe('CONFLICT');
  });

  test('when something answers that is no engine, without showing what it said', async () => {
    const other = createServer((_request, response) => response.end('{"password":"of-another-service"}'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { errors } = await gateway.send(ADD, { input: { name: 'bad', endpoint: `tcp://127.0.0.1:${String(port)}` } });
    expect(errors?.[0]).toMatchObject({
      message: 'Something answers at that endpoint, but it is not a Docker engine.',
      extensions: { code: 'HOST_UNREACHABLE' },
    });
    other.close();
  });
});
