import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';
import { makeAuthority } from '../harness/certificates.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder, temporaryRoot } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

const run = promisify(execFile);
const COMMAND = fileURLToPath(new URL('../../dist/bundle/main.js', import.meta.url));
const FRIEND = 'https://portal.example';
const STRANGER = 'https://evil.example';
const authorization = `Bearer ${TEST_SECRET}`;
const json = { 'content-type': 'application/json' };
const csrf = { 'x-stowage-csrf': '1' };
const VIEWER = JSON.stringify({ query: '{ viewer { name } }' });
const MUTATION = JSON.stringify({ query: 'mutation { removeHost(input: { name: "none" }) { removed } }' });

let database: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  database = await startDatabase();
  gateway = await startGateway({ environment: { DATABASE_URL: database.url, STOWAGE_ALLOWED_ORIGINS: FRIEND, STOWAGE_TRUSTED_PROXIES: '127.0.0.1' } });
});

afterAll(async () => {
  await gateway.stop();
  await database.stop();
  await proveNothingIsLeft();
});

interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Sends just these headers: fetch adds some, and takes others away. */
async function ask(address: string, options: { method?: string; headers?: http.OutgoingHttpHeaders; body?: string | Buffer } = {}): Promise<Reply> {
  const request = http.request(address, { method: options.method ?? 'GET', headers: options.headers ?? {} });
  request.end(options.body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  if (response.headers['content-type']?.startsWith('text/event-stream') === true) response.destroy();
  else response.setEncoding('utf8');
  let text = '';
  if (!response.destroyed) for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

const post = (headers: http.OutgoingHttpHeaders, body = VIEWER, to = gateway) =>
  ask(`${to.url}/graphql`, { method: 'POST', headers: { ...json, ...headers }, body });

/** Whether an upgrade is let through, and if so whether its connection_init is. */
async function upgrade(headers: Record<string, string>, params?: Record<string, string>, to = gateway, ca?: string): Promise<string> {
  const socket = new WebSocket(`${to.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers, ...(ca === undefined ? {} : { ca }) });
  try {
    return await new Promise<string>((resolve) => {
      socket.once('unexpected-response', (_request, response) => {
        resolve(`refused ${String(response.statusCode)}`);
      });
      socket.once('error', () => undefined);
      socket.once('open', () => {
        socket.send(JSON.stringify({ type: 'connection_init', payload: params }));
      });
      socket.once('message', (data: Buffer) => {
        resolve((JSON.parse(data.toString()) as { type: string }).type);
      });
      socket.once('close', (code) => {
        resolve(`closed ${String(code)}`);
      });
    });
  } finally {
    socket.terminate();
  }
}

async function signIn(to = gateway, as = authorization): Promise<string> {
  const { status, headers } = await ask(`${to.url}/session`, { method: 'POST', headers: { authorization: as } });
  expect(status).toBe(200);
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

describe('what a plain form or image of any page could send', () => {
  test.each([
    ['no type', undefined],
    ['text/plain', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['files', 'multipart/form-data; boundary=x'],
    ['text that names JSON behind', 'text/plain; charset=application/json'],
    ['text before JSON', 'text/plain, application/json'],
    ['a type that is none', 'x'],
    ['an empty type', ''],
    ['capitals', 'TEXT/PLAIN'],
  ])('is refused as a POST with %s', async (_name, type) => {
    const headers = { authorization, ...(type === undefined ? {} : { 'content-type': type }) };
    const { status, text } = await ask(`${gateway.url}/graphql`, { method: 'POST', headers, body: VIEWER });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).not.toContain('"data":{');
    expect(text).toContain('BAD_USER_INPUT');
  });

  test('is refused as a GET, and taken with a header that only a script can send', async () => {
    const address = `${gateway.url}/graphql?query=%7B__typename%7D`;
    expect((await ask(address, { headers: { authorization } })).status).toBe(400);
    expect((await ask(address, { headers: { authorization, 'content-type': 'text/plain' } })).status).toBe(400);
    expect((await ask(address, { headers: { authorization, 'apollo-require-preflight': '1' } })).text).toContain('"__typename":"Query"');
  });
});

describe('a page of another origin', () => {
  const stream = { accept: 'text/event-stream', ...json, authorization };
  const subscription = JSON.stringify({ query: 'subscription { events { cursor } }' });

  test('is refused over HTTP, event streams and WebSocket alike, unless it is named', async () => {
    for (const origin of [STRANGER, 'null', 'http://localhost.evil.example', `${gateway.url}.evil.example`, 'file://', `${FRIEND}.evil.example`]) {
      expect([origin, (await post({ authorization, origin })).status]).toEqual([origin, 403]);
      expect((await ask(`${gateway.url}/graphql`, { method: 'POST', headers: { ...stream, origin }, body: subscription })).status).toBe(403);
      expect(await upgrade({ origin }, { authorization })).toBe('refused 403');
    }
    for (const origin of [FRIEND, gateway.url]) {
      expect((await post({ authorization, origin })).status).toBe(200);
      expect((await ask(`${gateway.url}/graphql`, { method: 'POST', headers: { ...stream, origin }, body: subscription })).status).toBe(200);
      expect(await upgrade({ origin }, { authorization })).toBe('connection_ack');
    }
    expect((await post({ authorization, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  test('is told by CORS that it may ask when it is named, and nothing else', async () => {
    const preflight = (origin: string) =>
      ask(`${gateway.url}/graphql`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });
    const named = await preflight(FRIEND);
    expect(named.status).toBe(204);
    expect(named.headers).toMatchObject({ 'access-control-allow-origin': FRIEND });
    expect(named.headers).not.toHaveProperty('access-control-allow-credentials');
    for (const { headers } of [
      await post({ authorization, origin: FRIEND }),
      await ask(`${gateway.url}/graphql`, { method: 'POST', headers: { ...stream, origin: FRIEND }, body: subscription }),
    ]) {
      expect(headers['access-control-allow-origin']).toBe(FRIEND);
    }
    const stranger = await preflight(STRANGER);
    expect(stranger.status).toBe(403);
    expect(Object.keys(stranger.headers).filter((name) => name.startsWith('access-control-allow'))).toEqual([]);
  });
});

test('an address that cannot be decoded is answered with a problem like everything else', async () => {
  for (const address of ['/%', '/%ff%fe', '/graphiql/%']) {
    const { status, headers, text } = await ask(`${gateway.url}${address}`);
    expect({ address, status, type: headers['content-type'] }).toEqual({ address, status: 400, type: expect.stringContaining('application/json') as string });
    expect(JSON.parse(text)).toEqual({ errors: [expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })] });
  }
});

test('who offers another protocol than WebSockets is answered in HTTP/1.1 like everybody', async () => {
  const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
  expect(await post({ ...offer, authorization })).toMatchObject({ status: 200, text: expect.stringContaining('"admin"') as string });
  expect((await ask(`${gateway.url}/livez`, { headers: offer })).status).toBe(200);
  expect((await post(offer)).status).toBe(401);
  expect((await post({ ...offer, authorization, origin: STRANGER })).status).toBe(403);
});

test('every answer has headers that keep it out of frames, guesses and other pages', async () => {
  const answers = [
    await post({ authorization }),
    await post({}),
    await ask(`${gateway.url}/livez`),
    await ask(`${gateway.url}/nothing`),
    await ask(`${gateway.url}/session`),
  ];
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/) as string,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
  }
});

describe('a session', () => {
  test('is a cookie that no script and no other page can use, and holds the token sealed', async () => {
    const { headers, text } = await ask(`${gateway.url}/session`, { method: 'POST', headers: { authorization } });
    const cookie = headers['set-cookie']?.[0] ?? '';
    expect(cookie).toMatch(/^stowage=[\w-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/i);
    expect(cookie).not.toContain(TEST_SECRET);
    expect(Buffer.from(cookie.slice(8).split(';')[0] ?? '', 'base64url').toString('latin1')).not.toContain(TEST_SECRET);
    expect(JSON.parse(text)).toEqual({ name: 'admin', role: 'ADMIN', session: true });
    // Behind a proxy that ends TLS.
    const secure = await ask(`${gateway.url}/session`, { method: 'POST', headers: { authorization, 'x-forwarded-proto': 'https' } });
    expect(secure.headers['set-cookie']?.[0]).toMatch(/^__Host-stowage=.*; Secure/);
  });

  test('asks and changes only with the header that a form cannot send, and only from the gateway’s own pages', async () => {
    const cookie = await signIn();
    for (const body of [VIEWER, MUTATION]) {
      expect(await post({ cookie }, body)).toMatchObject({ status: 403, text: expect.stringContaining('x-stowage-csrf') as string });
      expect((await post({ cookie, ...csrf, origin: STRANGER }, body)).status).toBe(403);
      // Whoever is let in from elsewhere brings a token.
      expect((await post({ cookie, ...csrf, origin: FRIEND }, body)).status).toBe(403);
    }
    expect((await post({ cookie, ...csrf, origin: gateway.url })).text).toContain('"admin"');
    expect((await post({ cookie, ...csrf }, MUTATION)).text).toContain('NOT_FOUND');
    expect(await upgrade({ cookie, origin: gateway.url })).toBe('connection_ack');
    expect(await upgrade({ cookie, origin: FRIEND })).toBe('closed 4403');
    const stream = { method: 'GET', headers: { cookie, accept: 'text/event-stream', origin: gateway.url } };
    expect((await ask(`${gateway.url}/graphql?query=subscription%7Bevents%7Bcursor%7D%7D`, stream)).status).toBe(200);
  });

  test('ends with signing out, everywhere, its open connections too', async () => {
    const cookie = await signIn();
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers: { cookie, origin: gateway.url } });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await once(socket, 'message');
    const closed = once(socket, 'close');
    expect((await ask(`${gateway.url}/session`, { headers: { cookie } })).text).toContain('"admin"');
    expect((await ask(`${gateway.url}/session`, { method: 'DELETE', headers: { cookie } })).status).toBe(403);
    expect((await ask(`${gateway.url}/session`, { method: 'DELETE', headers: { cookie, ...csrf } })).headers['set-cookie']?.[0]).toContain('Max-Age=0');
    expect((await post({ cookie, ...csrf })).status).toBe(401);
    expect((await ask(`${gateway.url}/session`, { headers: { cookie } })).text).toBe('null');
    expect((await closed)[0]).toBe(4403);
    for (const wrong of ['stowage=', 'stowage=AAAA', `${cookie}x`]) expect((await post({ cookie: wrong, ...csrf })).status).toBe(401);
  });

  test('ends when the same caller has begun 500 more, and others have theirs', async () => {
    const made = await post({ authorization }, JSON.stringify({ query: 'mutation { createToken(input: { name: "busy", role: VIEWER }) { secret } }' }));
    const { secret } = (JSON.parse(made.text) as { data: { createToken: { secret: string } } }).data.createToken;
    const begin = () => signIn(gateway, `Bearer ${secret}`);
    const [mine, first, second] = [await signIn(), await begin(), await begin()];
    for (let index = 0; index < 499; index += 1) await begin();
    const statusOf = async (cookie: string) => (await post({ cookie, ...csrf })).status;
    expect([await statusOf(first), await statusOf(second), await statusOf(mine)]).toEqual([401, 200, 200]);
  });
});

test('what is refused at the door is journalled with the address that it came from', async () => {
  const own = await startGateway({
    environment: { DATABASE_URL: database.url, STOWAGE_TRUSTED_PROXIES: '127.0.0.1', STOWAGE_MAX_FAILED_SIGN_INS: '1' },
  });
  try {
    const from = (last: number) => ({ 'x-forwarded-for': `203.0.113.${String(last)}` });
    await post({ ...from(1), authorization, origin: STRANGER }, VIEWER, own);
    expect(await upgrade({ ...from(2), origin: STRANGER }, { authorization }, own)).toBe('refused 403');
    await post({ ...from(3), ...csrf, cookie: `stowage=${Buffer.from('made up').toString('base64url')}` }, VIEWER, own);
    await post({ ...from(4), cookie: 'stowage=made-up' }, VIEWER, own);
    for (let guess = 0; guess < 4; guess += 1) await post({ ...from(5), authorization: `Bearer guess-${String(guess)}` }, VIEWER, own);
    const about = async (last: number) => {
      const entries = await database.database.journalEntry.findMany({ where: { address: `203.0.113.${String(last)}` } });
      return entries.map(({ type, attributes }) => `${type}: ${String((attributes as { reason?: unknown }).reason)}`);
    };
    await eventually(
      async () => {
        expect(await about(1)).toEqual([expect.stringMatching(/^CALL_REFUSED: Pages of this origin/)]);
        expect(await about(2)).toEqual([expect.stringMatching(/^CALL_REFUSED: Pages of this origin/)]);
        expect(await about(3)).toEqual(['SIGN_IN_FAILED: the cookie is none that this gateway made']);
        expect(await about(4)).toEqual([expect.stringMatching(/^CALL_REFUSED: With a session's cookie/)]);
        expect(await about(5)).toContainEqual(expect.stringMatching(/^SIGN_IN_FAILED: too many wrong tokens/));
      },
      { what: 'all of it is journalled' },
    );
  } finally {
    await own.stop();
  }
});

test('without access control only names of this machine are answered, so that no page brings its own name here', async () => {
  const open = await startGateway({ environment: { DATABASE_URL: database.url, STOWAGE_AUTH: 'none', STOWAGE_ADMIN_TOKEN: undefined } });
  try {
    const { port } = new URL(open.url);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `10.0.0.1:${port}`,
      'localhost.',
      '[::1',
      `localhost:${port}@evil.example`,
    ]) {
      expect([host, (await post({ host }, VIEWER, open)).status]).toEqual([host, 403]);
      expect((await ask(`${open.url}/graphiql/`, { headers: { host } })).status).toBe(403);
      expect(await upgrade({ host }, undefined, open)).toBe('refused 403');
    }
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'LOCALHOST'])
      expect((await post({ host }, VIEWER, open)).text).toContain('"anyone"');
    expect((await post({ origin: STRANGER }, VIEWER, open)).status).toBe(403);
    expect(JSON.parse((await ask(`${open.url}/session`)).text)).toEqual({ name: 'anyone', role: 'ADMIN', session: false });
    expect(await upgrade({}, undefined, open)).toBe('connection_ack');
  } finally {
    await open.stop();
  }
});

test('a socket of the gateway’s machine is named by its settings only, whichever way it is written', async () => {
  for (const socket of [
    '/var/run/docker.sock',
    '/run/systemd/private',
    `${temporaryRoot()}/../../var/run/docker.sock`,
    `${temporaryRoot()}x/docker.sock`,
    '//var/run/docker.sock',
  ]) {
    expect(
      await gateway.codeOf('mutation ($input: AddHostInput!) { addHost(input: $input) { host { id } } }', {
        input: { name: 'own', endpoint: `unix://${socket}` },
      }),
    ).toBe('FORBIDDEN');
  }
});

describe('limits', () => {
  test('a caller who sends too much is told when to come back, at all gateways together, and others go on', async () => {
    // 20 in ten seconds.
    const environment = { DATABASE_URL: database.url, STOWAGE_MAX_REQUESTS_PER_SECOND: '2' };
    // A caller of its own: what the others of this file have sent just before counts for theirs.
    const { createToken } = await gateway.query<{ createToken: { secret: string } }>(
      'mutation { createToken(input: { name: "eager", role: VIEWER }) { secret } }',
    );
    const gateways = await Promise.all([startGateway({ environment }), startGateway({ environment })]);
    try {
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, index) => post({ authorization: `Bearer ${createToken.secret}` }, VIEWER, gateways[index % 2])),
      );
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThanOrEqual(20);
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(20);
      expect(answers.length - refused.length).toBeLessThanOrEqual(40);
      expect(refused[0]?.text).toContain('LIMIT_EXCEEDED');
      expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
      expect((await post({ authorization: 'Bearer wrong-one' }, VIEWER, gateways[0])).status).toBe(401);
    } finally {
      await Promise.all(gateways.map((one) => one.stop()));
    }
  });

  test('who guesses tokens must wait, at all gateways; who was right before does not, nor does another address', async () => {
    const environment = { DATABASE_URL: database.url, STOWAGE_MAX_FAILED_SIGN_INS: '5', STOWAGE_TRUSTED_PROXIES: '127.0.0.1' };
    const gateways = await Promise.all([startGateway({ environment }), startGateway({ environment })]);
    const from = (address: string, secret: string, to: TestGateway | undefined) =>
      post({ authorization: `Bearer ${secret}`, 'x-forwarded-for': address }, VIEWER, to);
    try {
      const [first, second] = gateways;
      expect((await from('192.0.2.1', TEST_SECRET, first)).status).toBe(200);
      for (let guess = 0; guess < 6; guess += 1) expect((await from('192.0.2.1', `guess-${String(guess)}`, first)).status).toBe(401);
      const slowed = await from('192.0.2.1', 'guess-6', first);
      expect(slowed).toMatchObject({ status: 429, text: expect.stringContaining('LIMIT_EXCEEDED') as string });
      expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0);
      expect((await from('192.0.2.1', TEST_SECRET, first)).status).toBe(200);
      expect((await from('192.0.2.2', 'guess', first)).status).toBe(401);
      // The other one hears of it with the next wrong token.
      expect((await from('192.0.2.1', 'guess-7', second)).status).toBe(401);
      expect((await from('192.0.2.1', 'guess-8', second)).status).toBe(429);
      expect((await from('192.0.2.1', TEST_SECRET, second)).status).toBe(429);
      expect(await upgrade({ 'x-forwarded-for': '192.0.2.1' }, { authorization: 'Bearer guess-9' }, second)).toBe('closed 1013');
      // Of IPv6 one holder has 2^64 addresses.
      for (let guess = 0; guess < 6; guess += 1) await from(`2001:db8::${String(guess)}`, `guess-${String(guess)}`, first);
      expect((await from('2001:db8::ffff', 'guess', first)).status).toBe(429);
      expect((await from('2001:db8:0:1::1', 'guess', first)).status).toBe(401);
    } finally {
      await Promise.all(gateways.map((one) => one.stop()));
    }
  });
});

test('over TLS a page that came by plain HTTP is of another origin: whoever is on its way could have changed it', async () => {
  const folder = await makeTestFolder('origin');
  const authority = await makeAuthority(folder, 'origin');
  const { ca } = authority;
  const { cert, key } = await authority.serverFiles(['IP:127.0.0.1']);
  const secure = await startGateway({ environment: { DATABASE_URL: database.url, STOWAGE_TLS_CERT: cert, STOWAGE_TLS_KEY: key } });
  try {
    const { host } = new URL(secure.url);
    const statusFrom = async (scheme: string) => {
      const headers = { ...json, authorization, origin: `${scheme}://${host}` };
      const request = https.request(`${secure.url}/graphql`, { method: 'POST', headers, ca });
      request.end(VIEWER);
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await statusFrom('https')).toBe(200);
    expect(await statusFrom('http')).toBe(403);
    const signedIn = https.request(`${secure.url}/session`, { method: 'POST', headers: { authorization }, ca });
    signedIn.end();
    const [{ headers }] = (await once(signedIn, 'response')) as [http.IncomingMessage];
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect(await upgrade({ cookie, origin: `https://${host}` }, undefined, secure, ca)).toBe('connection_ack');
    expect(await upgrade({ cookie, origin: `http://${host}` }, undefined, secure, ca)).toBe('refused 403');
  } finally {
    await secure.stop();
    await rm(folder, { recursive: true });
  }
});

test('a certificate that is replaced is used from then on, and connections that are there stay', async () => {
  const folder = await makeTestFolder('tls');
  const file = (name: string) => path.join(folder, name);
  for (const name of ['one', 'two']) {
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-nodes'];
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      ...subject,
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.crt`),
    ]);
  }
  await copyFile(file('one.crt'), file('crt'));
  await copyFile(file('one.key'), file('key'));
  const secure = await startGateway({ environment: { DATABASE_URL: database.url, STOWAGE_TLS_CERT: file('crt'), STOWAGE_TLS_KEY: file('key') } });
  const open: TLSSocket[] = [];
  const dial = async (): Promise<TLSSocket> => {
    const socket = connectTls({
      port: Number(new URL(secure.url).port),
      host: '127.0.0.1',
      ca: await Promise.all(['one', 'two'].map((name) => readFile(file(`${name}.crt`)))),
    });
    open.push(socket);
    await once(socket, 'secureConnect');
    return socket;
  };
  const isAlive = async (socket: TLSSocket) => {
    socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    return String(((await once(socket, 'data')) as [Buffer])[0]).startsWith('HTTP/1.1 200');
  };
  try {
    expect(secure.url).toMatch(/^https:/);
    const settings = { PATH: process.env['PATH'], STOWAGE_PORT: new URL(secure.url).port, STOWAGE_TLS_CERT: file('crt'), STOWAGE_TLS_KEY: file('key') };
    expect((await run(process.execPath, [COMMAND, 'health'], { env: settings, cwd: folder })).stdout).toBe(`The gateway at ${secure.url} is ready.\n`);
    const before = await dial();
    expect(before.getPeerCertificate().subject.CN).toBe('one');
    expect(await isAlive(before)).toBe(true);
    // In between the two do not belong together.
    await copyFile(file('two.crt'), file('crt'));
    await eventually(
      () => {
        expect(secure.output()).toContain('cannot be used together');
      },
      { what: 'the half pair is noticed', timeoutMs: 20_000 },
    );
    expect((await dial()).getPeerCertificate().subject.CN).toBe('one');
    await copyFile(file('two.key'), file('key'));
    await eventually(
      async () => {
        expect((await dial()).getPeerCertificate().subject.CN).toBe('two');
      },
      { what: 'the new pair is used', timeoutMs: 20_000 },
    );
    expect(await isAlive(before)).toBe(true);
  } finally {
    for (const socket of open) socket.destroy();
    await secure.stop();
    await rm(folder, { recursive: true });
  }
});
