import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { parse } from 'yaml';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { composePrograms } from '../harness/engine-programs.js';
import { IMAGE, startEngine, type TestEngine } from '../harness/engines.js';
import { startFaultProxy, type FaultProxy } from '../harness/fault-proxy.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

// What docker-compose.yml describes, without images, which a machine of tests cannot pull: two gateways with the environment
// that it gives them, behind HAProxy with the file that it mounts, and an engine by a proxy that knows what it lets through.

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Service {
  readonly image?: string;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly ports?: readonly string[];
}

let services: Record<string, Service>;
let haproxy: string;
let compose: string;
let folder: string;
let engine: TestEngine;
let database: TestDatabase;
let socketProxy: FaultProxy;
let gateways: TestGateway[];
let balancer: ChildProcess;
let balancerUrl: string;

beforeAll(async () => {
  const text = await readFile(path.join(ROOT, 'docker-compose.yml'), 'utf8');
  ({ services } = parse(text, { merge: true }) as { services: Record<string, Service> });
  ({ haproxy, compose } = await composePrograms());
  [engine, database, folder] = await Promise.all([startEngine({ name: 'alpha' }), startDatabase(), makeTestFolder('compose')]);
  socketProxy = await startFaultProxy({ target: engine.socketPath });
  gateways = [];
  // At once, as compose starts them.
  gateways = await Promise.all(['gateway-1', 'gateway-2'].map((name) => startGateway({ environment: environmentOf(name) })));
  await startBalancer();
  await hostsAre(gateways[0] as TestGateway, 'ONLINE');
});

afterAll(async () => {
  await stopBalancer();
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await socketProxy.close();
  await Promise.all([engine.stop(), database.stop()]);
  await rm(folder, { recursive: true, force: true });
  await proveNothingIsLeft();
});

/** Fills in `${NAME:-default}` as compose does, with these variables set. */
function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Z_]+):-([^}]*)\}/g, (_match, name: string, otherwise: string) => variables[name] ?? otherwise);
}

/** The environment that the compose file gives a service, with what its names lead to here. */
function environmentOf(name: string): Record<string, string | undefined> {
  const places: [string, string][] = [
    ['postgresql://stowage:stowage@postgres:5432/stowage', database.url],
    ['socket-proxy:2375', `127.0.0.1:${String(socketProxy.port)}`],
  ];
  const given = Object.entries(services[name]?.environment ?? {}).map(([variable, text]): [string, string] => {
    const value = interpolate(text, { STOWAGE_ADMIN_TOKEN: TEST_SECRET });
    return [variable, places.reduce((filled, [from, to]) => filled.replace(from, to), value)];
  });
  // Both have one volume at /data; the image says the rest.
  const here = { STOWAGE_DATA_DIR: path.join(folder, 'data'), STOWAGE_PORT: '0', STOWAGE_ALLOWED_SOCKETS: undefined };
  return { NODE_ENV: 'production', STOWAGE_BIND: '127.0.0.1', ...here, ...Object.fromEntries(given) };
}

async function startBalancer(): Promise<void> {
  const port = await freePort();
  const [first, second] = gateways.map(({ url }) => new URL(url).host);
  const env = { PATH: process.env['PATH'], BALANCER_BIND: `127.0.0.1:${String(port)}`, GATEWAY_1: first, GATEWAY_2: second };
  let said = '';
  balancer = spawn(haproxy, ['-db', '-f', path.join(ROOT, 'deploy/haproxy.cfg')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [balancer.stdout, balancer.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  balancerUrl = `http://127.0.0.1:${String(port)}`;
  await eventually(
    async () => {
      const ready = await fetch(`${balancerUrl}/readyz`).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${said}`);
      });
      expect(ready.status).toBe(200);
    },
    { what: 'the balancer finds a gateway' },
  );
}

async function stopBalancer(): Promise<void> {
  if (balancer.exitCode !== null) return;
  const ended = once(balancer, 'exit');
  balancer.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Asks by the balancer. */
async function ask<Data>(query: string): Promise<Data> {
  const response = await fetch(`${balancerUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TEST_SECRET}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

const createVolume = (name: string) => ask(`mutation { createVolume(input: { hosts: ["local"], name: "${name}" }) { results { created error { message } } } }`);
const EVENTS = 'subscription ($after: String) { events(after: $after) { cursor type volumeName } }';
type Telling = AsyncIterableIterator<{ readonly data?: Told | null | undefined }>;
interface Told {
  readonly events: { readonly cursor: string; readonly type: string; readonly volumeName: string | null };
}

test('docker-compose.yml is one that compose takes, with every profile', async () => {
  const config = async (...profiles: string[]) => {
    const options = profiles.flatMap((profile) => ['--profile', profile]);
    await promisify(execFile)(compose, ['-f', path.join(ROOT, 'docker-compose.yml'), ...options, 'config', '--quiet'], { env: { PATH: process.env['PATH'] } });
  };
  await Promise.all([config(), config('socket-proxy'), config('balanced')]);
  const started = (profile?: string) =>
    Object.keys(services).filter((name) => services[name]?.profiles === undefined || services[name].profiles.includes(profile ?? ''));
  expect(started()).toEqual(['postgres', 'gateway']);
  expect(services['socket-proxy']?.profiles).toEqual(['socket-proxy', 'balanced']);
  for (const name of ['gateway', 'gateway-by-proxy', 'gateway-1', 'gateway-2', 'socket-proxy']) expect([name, services[name]?.read_only]).toEqual([name, true]);
  // Nothing but loopback is opened on the machine.
  for (const { ports = [] } of Object.values(services)) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('queries, WebSockets and event streams pass the balancer, and a subscriber goes on at the other gateway when its own stops', async () => {
  const socket = createClient({
    url: `${balancerUrl.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${TEST_SECRET}` },
    retryAttempts: 0,
  });
  const stream = createSseClient({ url: `${balancerUrl}/graphql`, headers: { authorization: `Bearer ${TEST_SECRET}` }, retryAttempts: 0 });
  const { latestCursor } = await ask<{ latestCursor: string }>('{ latestCursor }');
  const variables = { after: latestCursor };
  const bySocket = socket.iterate<Told>({ query: EVENTS, variables });
  const byStream = stream.iterate<Told>({ query: EVENTS, variables });
  const next = async (told: Telling, name: string): Promise<string> => {
    for await (const { data } of told) if (data?.events.volumeName === name) return data.events.cursor;
    throw new Error(`the stream ended before it told of ${name}`);
  };
  try {
    expect(await createVolume('one')).toEqual({ createVolume: { results: [{ created: true, error: null }] } });
    const firstOf = async (told: Telling) => {
      for await (const { data } of told) return data?.events;
      return undefined;
    };
    const [cursor, other] = await Promise.all([firstOf(bySocket), firstOf(byStream)]);
    expect(cursor).toMatchObject({ type: 'VOLUME_CREATED', volumeName: 'one' });
    expect(other).toEqual(cursor);

    await gateways.shift()?.stop();
    await createVolume('two');
    const again = createClient({
      url: `${balancerUrl.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${TEST_SECRET}` },
    });
    try {
      await next(again.iterate<Told>({ query: EVENTS, variables: { after: cursor?.cursor } }), 'two');
    } finally {
      await again.dispose();
    }
    expect(await ask('{ hosts { name status } }')).toEqual({ hosts: [{ name: 'local', status: 'ONLINE' }] });
  } finally {
    await socket.dispose();
    stream.dispose();
  }
});

test('all that Stowage asks of an engine is let through by the socket proxy, and what it never asks is not', async () => {
  const finished = async (id: string) => {
    await eventually(
      async () => {
        const { operation } = await ask<{ operation: { state: string; error: unknown } }>(`{ operation(id: "${id}") { state error { message } } }`);
        expect(operation).toEqual({ state: 'SUCCEEDED', error: null });
      },
      { what: 'the operation has ended' },
    );
  };
  const operate = async (mutation: string) => {
    const answer = await ask<Record<string, { operation: { id: string } }>>(`mutation { ${mutation} { operation { id } } }`);
    for (const { operation } of Object.values(answer)) await finished(operation.id);
  };
  await createVolume('data');
  await ask(`mutation { runContainer(input: { host: "local", image: "${IMAGE}", name: "writer", network: "none", command: ["sh", "-c", "trap exit TERM; sleep 1000 & wait"],
    mounts: [{ type: VOLUME, source: "data", destination: "/data" }] }) { container { id } } }`);
  await operate('backupVolume(input: { volume: { host: "local", name: "data" }, quiesce: PAUSE })');
  await operate('cloneVolume(input: { source: { host: "local", name: "data" }, name: "copy", quiesce: STOP })');
  await operate('measureVolumes(input: {})');
  const { backups } = await ask<{ backups: { nodes: { id: string }[] } }>('{ backups { nodes { id } } }');
  await operate(`restoreVolume(input: { backup: "${backups.nodes[0]?.id ?? ''}", host: "local", name: "restored" })`);
  await ask('{ volume(host: "local", name: "data") { files { nodes { name } } } }');
  await ask('mutation { stopContainer(input: { container: { host: "local", name: "writer" }, timeoutSeconds: 0 }) { container { id } } }');
  await ask('mutation { startContainer(container: { host: "local", name: "writer" }) { container { id } } }');
  await ask('mutation { removeContainer(input: { container: { host: "local", name: "writer" }, force: true }) { removed } }');
  await ask('mutation { removeVolumes(input: { volumes: [{ host: "local", name: "copy" }] }) { results { removed } } }');

  // As the proxy reads them: whole, one expression for each of several flags, with the path alone.
  const rules = (services['socket-proxy']?.command ?? []).flatMap((flag) => {
    const [, method, expression] = /^-allow([A-Z]+)=(.*)$/.exec(flag) ?? [];
    return method === undefined || expression === undefined ? [] : [{ method, path: new RegExp(`^(?:${expression})$`) }];
  });
  const isAllowed = (line: string) => {
    const [method, target = ''] = line.split(' ');
    return rules.some((rule) => rule.method === method && rule.path.test(decodeURIComponent(target.split('?')[0] ?? '')));
  };
  const asked = [...new Set(socketProxy.requestLines())];
  expect(asked.filter((line) => !isAllowed(line))).toEqual([]);
  const methods = new Set(asked.map((line) => line.split(' ')[0]));
  expect([...methods].sort()).toEqual(['DELETE', 'GET', 'POST', 'PUT']);
  const id = 'a'.repeat(64);
  for (const line of [
    `POST /v1.41/containers/${id}/exec`,
    'POST /v1.41/build',
    'POST /v1.41/exec/x/start',
    'GET /v1.41/secrets',
    'POST /v1.41/networks/create',
    'POST /v1.41/swarm/init',
    `GET /v1.41/containers/${id}/logs`,
    'POST /v1.41/volumes/prune',
    'POST /v1.41/plugins/pull',
    'GET /v1.41/images/x/get',
  ]) {
    expect([line, isAllowed(line)]).toEqual([line, false]);
  }
});
