import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import WebSocket from 'ws';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

let engine: TestEngine;
let folder: string;

beforeAll(async () => {
  engine = await startEngine({ name: 'alpha' });
});

afterAll(async () => {
  await engine.stop();
  await proveNothingIsLeft();
});

beforeEach(async () => {
  folder = await makeTestFolder('start');
});

afterEach(async () => {
  await engine.reset();
  await rm(folder, { recursive: true, force: true });
});

const start = (environment: Record<string, string | undefined> = {}): Promise<TestGateway> =>
  startGateway({ dataDir: path.join(folder, 'data'), environment: { DOCKER_HOST: engine.endpoint, ...environment } });

test('a gateway with no settings finds the local engine, makes an ADMIN token, and keeps both over restarts', async () => {
  await engine.cli('volume', 'create', 'found');
  // A first start that comes to nothing must not take the secret with it.
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  await expect(start({ STOWAGE_ADMIN_TOKEN: undefined, STOWAGE_PORT: port })).rejects.toThrow(
    `STOWAGE_BIND and STOWAGE_PORT: 127.0.0.1 port ${port} cannot be listened on (EADDRINUSE): another program listens there.`,
  );
  other.close();
  let gateway = await start({ STOWAGE_ADMIN_TOKEN: undefined });
  const secret = await eventually(
    () => {
      const found = /ADMIN secret, shown this once: (stow_\S+)/.exec(gateway.output())?.[1];
      if (found === undefined) throw new Error(gateway.output());
      return found;
    },
    { what: 'the secret is printed' },
  );
  const ask = async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ query: '{ viewer { name role hosts } hosts { name endpoint } volumes { nodes { id name firstSeenAt } } }' }),
    });
    return (await response.json()) as { data: { viewer: unknown; hosts: unknown; volumes: { nodes: { id: string }[] } } };
  };
  const first = await eventually(
    async () => {
      const answer = await ask();
      expect(answer.data.volumes.nodes).toHaveLength(1);
      return answer;
    },
    { what: 'the volume shows' },
  );
  expect(first.data).toMatchObject({ viewer: { name: 'admin', role: 'ADMIN', hosts: null }, hosts: [{ name: 'local', endpoint: engine.endpoint }] });
  expect(await gateway.stop()).toBe(0);
  gateway = await start({ STOWAGE_ADMIN_TOKEN: undefined });
  expect(gateway.output()).not.toContain('shown this once');
  expect(await ask()).toEqual(first);
  await gateway.stop();
});

test('SIGTERM ends it within 5 seconds, with subscribers told 1001, and PostgreSQL stopped in order', async () => {
  const gateway = await start();
  await hostsAre(gateway, 'ONLINE');
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise<void>((resolve) => {
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${TEST_SECRET}` } }));
    });
    socket.on('message', () => {
      resolve();
    });
  });
  socket.send(JSON.stringify({ id: 'one', type: 'subscribe', payload: { query: 'subscription { events { cursor } }' } }));
  const began = Date.now();
  expect(await gateway.stop({ keepData: true })).toBe(0);
  expect(Date.now() - began).toBeLessThan(5_000);
  expect(await closed).toBe(1001);
  // A server that was not stopped in order says so at its next start.
  const again = await start({ STOWAGE_LOG_LEVEL: 'debug' });
  expect(again.output()).toContain('database system was shut down at');
  expect(again.output()).not.toContain('was not properly shut down');
  await again.stop();
});

test('killed hard and started again, it has lost nothing, and finds what happened meanwhile', async () => {
  const gateway = await start();
  await hostsAre(gateway, 'ONLINE');
  await gateway.query('mutation { createVolume(input: { hosts: ["local"], name: "survivor" }) { results { created } } }');
  const EVENTS = '{ events(first: 500) { nodes { cursor type volumeName occurredAt } } volume(host: "local", name: "survivor") { id firstSeenAt } }';
  interface Answer {
    events: { nodes: { cursor: string; type: string; volumeName: string | null }[] };
    volume: unknown;
  }
  const before = await gateway.query<Answer>(EVENTS);
  await gateway.kill();
  await engine.cli('volume', 'create', 'meanwhile');
  const again = await start();
  const after = await eventually(
    async () => {
      const answer = await again.query<Answer>(EVENTS);
      expect(answer.events.nodes.map(({ volumeName }) => volumeName)).toContain('meanwhile');
      return answer;
    },
    { what: 'what happened meanwhile is found' },
  );
  expect(after.volume).toEqual(before.volume);
  expect(after.events.nodes.slice(0, before.events.nodes.length)).toEqual(before.events.nodes);
  expect(after.events.nodes.filter(({ volumeName, type }) => volumeName === 'survivor' && type === 'VOLUME_CREATED')).toHaveLength(1);
  await again.stop();
});

test('a second gateway on the same data folder is refused with what to do', async () => {
  const gateway = await start();
  await expect(start()).rejects.toThrow(/Another gateway is using .*STOWAGE_DATA_DIR/s);
  expect(await gateway.query('{ viewer { name } }')).toEqual({ viewer: { name: 'admin' } });
  await gateway.stop();
});

test('a data folder that cannot be used ends the start in one line', async () => {
  const file = path.join(folder, 'file');
  await writeFile(file, '');
  await expect(start({ STOWAGE_DATA_DIR: file })).rejects.toThrow(/STOWAGE_DATA_DIR .* cannot be used/);
});

test('wrong settings end the start with every one of them named', async () => {
  await expect(start({ STOWAGE_PORT: 'many', STOWAGE_AUTH: 'maybe', STOWAGE_HOSTS: 'no-equals-sign' })).rejects.toThrow(
    /STOWAGE_HOSTS.*STOWAGE_PORT|STOWAGE_PORT.*STOWAGE_HOSTS/s,
  );
  await expect(start({ STOWAGE_AUTH: 'none', STOWAGE_BIND: '0.0.0.0' })).rejects.toThrow(/loopback/);
});

describe('without a token', () => {
  let gateway: TestGateway;

  beforeEach(async () => {
    gateway = await start();
  });

  afterEach(async () => {
    await gateway.stop();
  });

  test('nothing but /livez, /readyz and the files of pages answers', async () => {
    for (const open of ['/livez', '/readyz', '/', '/graphiql']) expect((await fetch(gateway.url + open)).status).toBe(200);
    const requests: [string, RequestInit][] = [
      ['/', { method: 'POST' }],
      ['/graphql', {}],
      ['/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' }],
      ['/graphql?query={__typename}', { headers: { 'apollo-require-preflight': '1' } }],
      ['/graphql', { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer wrong' }, body: '{"query":"{ __typename }"}' }],
      [
        '/graphql',
        { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${TEST_SECRET}` }, body: '{"query":"{ __typename }"}' },
      ],
      ['/metrics', {}],
      ['/livez/../graphql', {}],
      ['/nothing', {}],
    ];
    for (const [address, init] of requests) {
      const response = await fetch(gateway.url + address, init);
      expect([address, response.status]).toEqual([address, 401]);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    }
  });

  test('nobody ends it by resetting a connection in the middle of an upgrade', async () => {
    const { hostname, port } = new URL(gateway.url);
    for (const address of ['/nothing', '/graphql']) {
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const socket = connect(Number(port), hostname);
          await once(socket, 'connect');
          socket.write(`GET ${address} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`);
          socket.resetAndDestroy();
        }),
      );
    }
    expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
    expect(gateway.process.exitCode).toBeNull();
  });

  test('and with one, a subscription by HTTP and an endless document are refused in words', async () => {
    expect(await gateway.codeOf('subscription { events { cursor } }')).toBe('BAD_USER_INPUT');
    expect(await gateway.codeOf('['.repeat(50_000))).toBe('LIMIT_EXCEEDED');
    expect(await gateway.codeOf('{ node(id: "LifecycleEvent:00000000-0000-0000-0000-000000000000") { id } }')).toBe('BAD_USER_INPUT');
    expect(await gateway.codeOf('mutation { addHost(input: { name: "bad", endpoint: "ssh://%zz@host" }) { host { id } } }')).toBe('BAD_USER_INPUT');
    expect(gateway.output()).not.toContain('"level":50');
  });

  test('and with one, a request that is broken is told what is wrong with it', async () => {
    const send = (init: RequestInit) =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        ...init,
        headers: { authorization: `Bearer ${TEST_SECRET}`, ...(init.headers as Record<string, string>) },
      });
    const json = { 'content-type': 'application/json' };
    const cases: [RequestInit, number, string][] = [
      [{ headers: json, body: '{"query":' }, 400, 'BAD_USER_INPUT'],
      [{ headers: json, body: '{"query":"{ nope }"}' }, 400, 'BAD_USER_INPUT'],
      [{ headers: json, body: '{"query":"{ hosts {"}' }, 400, 'BAD_USER_INPUT'],
      [{ headers: json, body: '[]' }, 400, 'BAD_USER_INPUT'],
      [{ headers: json, body: `{"query":"${'x'.repeat(2_000_000)}"}` }, 413, 'LIMIT_EXCEEDED'],
      [{ headers: { 'content-type': 'text/plain' }, body: '{"query":"{ __typename }"}' }, 400, 'BAD_USER_INPUT'],
    ];
    for (const [init, status, code] of cases) {
      const response = await send(init);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
    }
  });
});
