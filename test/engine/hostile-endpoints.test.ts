import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { AddressGuard, type Lookup } from '../../src/engine/address-guard.js';
import { parseEndpoint } from '../../src/engine/endpoint.js';
import { Engine } from '../../src/engine/engine.js';
import { parseNetwork } from '../../src/networks.js';

/** What every endpoint here would reach: the port of a listener on this machine's own addresses, which the rules do not allow. */
const PORT = 'PORT';
const ALLOWED = ['192.0.2.0/24', '2001:db8::/32'].flatMap((text) => parseNetwork(text) ?? []);

let sinks: Server[];
let port: number;
let connections = 0;

beforeAll(async () => {
  const first = await listen(0, '127.0.0.1');
  ({ port } = first.address() as AddressInfo);
  sinks = [first, await listen(port, '::1'), ...(await Promise.all(['127.0.0.2', '127.1.2.3'].map((address) => listen(port, address))))];
});

afterAll(() => {
  for (const sink of sinks) sink.close();
});

beforeEach(() => {
  connections = 0;
});

async function listen(at: number, address: string): Promise<Server> {
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  server.listen(at, address);
  await once(server, 'listening');
  return server;
}

/** Names as a hostile name server has them; everything else is looked up as usual. */
function names(answers: Readonly<Record<string, readonly (readonly string[])[]>>): Lookup {
  const asked = new Map<string, number>();
  return (name) => {
    const turns = answers[name] ?? [[]];
    const turn = asked.get(name) ?? 0;
    asked.set(name, turn + 1);
    return Promise.resolve((turns[Math.min(turn, turns.length - 1)] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
}

const HOSTILE_NAMES = names({
  'plain.example': [['127.0.0.1']],
  'six.example': [['::1']],
  'mapped.example': [['::ffff:127.0.0.1']],
  'zero.example': [['0.0.0.0']],
  'mixed.example': [['169.254.169.254', '127.0.0.1', '::1']],
  'metadata.google.internal': [['169.254.169.254']],
  'nat64.example': [['64:ff9b::7f00:1']],
  'nothing.example': [[]],
});

const connect = (endpoint: string, guard: AddressGuard) =>
  Engine.connect(parseEndpoint(endpoint.replace(PORT, String(port))), {}, 3_000, undefined, { addresses: guard }).then((engine) => {
    engine.close();
  });

test.each([
  ['its plain address', `tcp://127.0.0.1:${PORT}`],
  ['another one of it', `tcp://127.0.0.2:${PORT}`],
  ['one of another shape', `tcp://127.1.2.3:${PORT}`],
  ['its name', `tcp://localhost:${PORT}`],
  ['its name in capitals', `tcp://LOCALHOST:${PORT}`],
  ['a decimal number', `tcp://2130706433:${PORT}`],
  ['a decimal number with a dot', `tcp://2130706433.:${PORT}`],
  ['an octal number', `tcp://017700000001:${PORT}`],
  ['octal parts', `tcp://0177.0.0.1:${PORT}`],
  ['octal parts with zeros', `tcp://0000177.0.0.01:${PORT}`],
  ['a hexadecimal number', `tcp://0x7f000001:${PORT}`],
  ['hexadecimal parts', `tcp://0x7f.0x0.0x0.0x1:${PORT}`],
  ['an empty hexadecimal part', `tcp://127.0.0.0x:${PORT}`],
  ['two parts', `tcp://127.1:${PORT}`],
  ['three parts', `tcp://127.0.1:${PORT}`],
  ['too large a number', `tcp://4425673729:${PORT}`],
  ['an address with a dot', `tcp://127.0.0.1.:${PORT}`],
  ['nothing', `tcp://0:${PORT}`],
  ['the unspecified address', `tcp://0.0.0.0:${PORT}`],
  ['IPv6', `tcp://[::1]:${PORT}`],
  ['IPv6 in full', `tcp://[0:0:0:0:0:0:0:1]:${PORT}`],
  ['the unspecified address of IPv6', `tcp://[::]:${PORT}`],
  ['mapped IPv6', `tcp://[::ffff:127.0.0.1]:${PORT}`],
  ['mapped IPv6 in hexadecimal', `tcp://[::ffff:7f00:1]:${PORT}`],
  ['compatible IPv6', `tcp://[::127.0.0.1]:${PORT}`],
  ['NAT64', `tcp://[64:ff9b::127.0.0.1]:${PORT}`],
  ['6to4', `tcp://[2002:7f00:1::]:${PORT}`],
  ['a zone', `tcp://[fe80::1%25lo]:${PORT}`],
  ['other digits', `tcp://１２７.0.0.1:${PORT}`],
  ['an escaped address', `tcp://127%2e0.0.1:${PORT}`],
  ['a host behind a user', `tcp://192.0.2.1@127.0.0.1:${PORT}`],
  ['a host behind a user and a password', `tcp://192.0.2.1:2375@127.0.0.1:${PORT}`],
  ['a host behind a backslash', `tcp://127.0.0.1:${PORT}\\@192.0.2.1`],
  ['a host behind a fragment', `tcp://127.0.0.1:${PORT}#@192.0.2.1`],
  ['HTTP', `http://127.0.0.1:${PORT}`],
  ['a file', 'file:///var/run/docker.sock'],
  ['no scheme', `//127.0.0.1:${PORT}`],
  ['ssh', `ssh://root@127.0.0.1:${PORT}`],
  ['ssh and a number', `ssh://root@2130706433:${PORT}`],
  ['a name', `tcp://plain.example:${PORT}`],
  ['a name with IPv6', `tcp://six.example:${PORT}`],
  ['a name that is mapped', `tcp://mapped.example:${PORT}`],
  ['a name for nothing', `tcp://zero.example:${PORT}`],
  ['a name with several', `tcp://mixed.example:${PORT}`],
  ['a name through NAT64', `tcp://nat64.example:${PORT}`],
  ['a name of a cloud', `tcp://metadata.google.internal:${PORT}`],
  ['a name over ssh', `ssh://root@plain.example:${PORT}`],
  ['a name without an address', `tcp://nothing.example:${PORT}`],
])('this machine by %s is not connected to', async (_how, endpoint) => {
  const system = new AddressGuard(ALLOWED);
  const hostile = new AddressGuard(ALLOWED, HOSTILE_NAMES);
  const attempt = async () => connect(endpoint, /example|internal/.test(endpoint) ? hostile : system);
  await expect(attempt()).rejects.toMatchObject({ code: expect.stringMatching(/^(BAD_USER_INPUT|FORBIDDEN)$/) as string });
  expect(connections).toBe(0);
});

test('the listeners do hear of what is allowed', async () => {
  await expect(connect(`tcp://127.0.0.1:${PORT}`, new AddressGuard())).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  expect(connections).toBeGreaterThan(0);
});

test.each([
  '169.254.169.254',
  '[fe80::1]',
  '[::ffff:169.254.169.254]',
  '[fd00:ec2::254]',
  '192.0.0.192',
  '[::ffff:0:169.254.169.254]',
  '100.100.100.200',
  '168.63.129.16',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '[::]',
  '[64:ff9b::a9fe:a9fe]',
])('%s is refused unless the settings name it, also by those that allow everything', async (host) => {
  const bare = host.replace(/[[\]]/g, '');
  for (const guard of [new AddressGuard(), new AddressGuard(['0.0.0.0/0', '::/0'].flatMap((text) => parseNetwork(text) ?? []))]) {
    await expect(guard.resolve(bare)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  }
  if (bare.startsWith('::ffff:')) return;
  expect(await new AddressGuard([parseNetwork(bare) ?? fail(bare)]).resolve(bare)).toHaveLength(1);
});

function fail(what: string): never {
  throw new Error(what);
}

/** An engine as far as a connection needs one. */
async function startEngineOf(answer: (path: string) => { status?: number; headers?: Record<string, string>; body: unknown }, address = '127.0.0.1') {
  let asked = 0;
  const server = createHttpServer((request, response) => {
    asked += 1;
    const { status, headers, body } = answer(request.url ?? '');
    response.writeHead(status ?? 200, { 'content-type': 'application/json', connection: 'close', ...headers });
    response.end(JSON.stringify(body));
  });
  server.listen(0, address);
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, asked: () => asked };
}

const ENGINE = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12', ID: 'x', Name: 'x', Volumes: [] };
const LOOPBACK_ONE = [parseNetwork('127.0.0.1') ?? fail('127.0.0.1')];

test('a name that leads elsewhere after it was checked is of no use: a connection looks it up once, for all of its sockets', async () => {
  const engine = await startEngineOf(() => ({ body: ENGINE }));
  const elsewhere = await startEngineOf(() => ({ body: ENGINE }), '127.0.0.2').then((other) => other);
  const rebinding = names({ 'rebinding.example': [['127.0.0.1'], ['127.0.0.2']] });
  try {
    const guard = new AddressGuard(LOOPBACK_ONE, rebinding);
    const endpoint = parseEndpoint(`tcp://rebinding.example:${String(engine.port)}`);
    const connected = await Engine.connect(endpoint, {}, 3_000, undefined, { addresses: guard });
    // Each is a connection of its own, since the engine ends every one.
    for (let call = 0; call < 5; call += 1) await connected.listVolumes();
    connected.close();
    expect(engine.asked()).toBeGreaterThanOrEqual(7);
    // The next connection finds the other address, and that it is not allowed.
    await expect(Engine.connect(endpoint, {}, 3_000, undefined, { addresses: guard })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('127.0.0.2') as string,
    });
    expect(elsewhere.asked()).toBe(0);
  } finally {
    engine.server.close();
    elsewhere.server.close();
  }
});

test.each([301, 302, 303, 307, 308])('a redirect with %i is not followed', async (status) => {
  const engine = await startEngineOf(() => ({ status, headers: { location: `http://127.0.0.1:${String(port)}/version` }, body: {} }));
  try {
    await expect(connect(`tcp://127.0.0.1:${String(engine.port)}`, new AddressGuard())).rejects.toMatchObject({
      code: expect.stringMatching(/^(HOST_UNREACHABLE|ENGINE_ERROR)$/) as string,
    });
    expect(engine.asked()).toBe(1);
    expect(connections).toBe(0);
  } finally {
    engine.server.close();
  }
});
