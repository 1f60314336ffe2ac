import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { createToken, makeFirstToken, revokeToken } from '../../src/access/tokens.js';
import type { Database } from '../../src/database/client.js';
import { addHost, newHostId, type Host } from '../../src/inventory/hosts.js';
import { appendEntries } from '../../src/journal/append.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startGateway, TEST_SECRET, type Answer, type TestGateway } from '../harness/gateway.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

let server: TestDatabase;
let database: Database;
let gateways: readonly [TestGateway, TestGateway];
let hosts: Readonly<Record<string, Host>>;

beforeAll(async () => {
  server = await startDatabase();
  ({ database } = server);
  const environment = { DATABASE_URL: server.url, STOWAGE_SECRET_KEY: 'one secret of all gateways here' };
  // The hosts are disabled: there are no engines here.
  hosts = Object.fromEntries(await Promise.all(['alpha', 'beta'].map(async (name) => [name, await disabledHost(name)] as const)));
  gateways = await Promise.all([startGateway({ environment }), startGateway({ environment })]);
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await server.stop();
  await proveNothingIsLeft();
});

async function disabledHost(name: string): Promise<Host> {
  const host = await addHost(database, { id: newHostId(), name, endpoint: `unix:///nowhere/${name}.sock`, labels: {}, credentials: null }, 'test');
  return database.host.update({ where: { id: host.id }, data: { enabled: false, status: 'DISABLED' } });
}

interface Made {
  readonly secret: string;
  readonly token: { readonly id: string };
}

const CREATE = 'mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret token { id name role hosts expiresAt lastUsedAt revokedAt } } }';

async function make(input: Record<string, unknown>): Promise<Made> {
  return (await gateways[0].query<{ createToken: Made }>(CREATE, { input: { role: 'VIEWER', name: 'test', ...input } })).createToken;
}

const revoke = (id: string) => gateways[0].query<{ revokeToken: { removed: boolean } }>('mutation ($id: ID!) { revokeToken(id: $id) { removed } }', { id });

async function ask<Data>(gateway: TestGateway, secret: string | undefined, query: string): Promise<Answer<Data>> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }) },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: Answer<Data>['errors'] };
  return { status: response.status, data, errors };
}

const codeOf = async (gateway: TestGateway, secret: string | undefined, query: string) => (await ask(gateway, secret, query)).errors?.[0]?.extensions.code;
const refusedBy = (gateway: TestGateway, secret: string) =>
  eventually(
    async () => {
      expect(await ask(gateway, secret, '{ viewer { name } }')).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    },
    { what: 'the token is refused' },
  );

/** Listens to events with a secret, over WebSocket and as an event stream; each that ends says so. */
function listenTo(gateway: TestGateway, secret: string, filter = '') {
  const heard: { socket: string[]; stream: string[] } = { socket: [], stream: [] };
  const ended: string[] = [];
  const query = `subscription { events${filter} { type hostName attributes } }`;
  const socket = createClient({
    url: `${gateway.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${secret}` },
    retryAttempts: 0,
    on: { closed: (event) => ended.push(`socket ${String((event as { code: number }).code)}`) },
  });
  const stream = createSseClient({ url: `${gateway.url}/graphql`, headers: { authorization: `Bearer ${secret}` }, retryAttempts: 0 });
  for (const [name, client] of [
    ['socket', socket],
    ['stream', stream],
  ] as const) {
    client.subscribe<{ events: { hostName: string | null; attributes: { mark?: string } } }>(
      { query },
      {
        next: ({ data }) => heard[name].push(`${String(data?.events.hostName)} ${data?.events.attributes.mark ?? ''}`),
        error: () => ended.push(name),
        complete: () => ended.push(name),
      },
    );
  }
  return {
    heard,
    ended,
    async dispose() {
      await socket.dispose();
      stream.dispose();
    },
  };
}

const entry = (host: string | undefined, mark: string, otherHosts: readonly string[] = []) => ({
  type: 'VOLUME_UPDATED' as const,
  source: 'GATEWAY' as const,
  occurredAt: Date.now(),
  ...(host === undefined ? {} : { host: { id: hosts[host]?.id ?? '', name: host } }),
  otherHosts: otherHosts.map((name) => hosts[name]?.id ?? ''),
  attributes: { mark },
});

test('a token is made with a secret of 256 random bits that is kept nowhere, and is known to all gateways', async () => {
  const made = await make({ name: 'portal', role: 'OPERATOR', hosts: ['beta', 'alpha'], expiresIn: 'P1D' });
  expect(made).toMatchObject({ secret: expect.stringMatching(/^stow_[A-Za-z0-9_-]{43}$/) as string, token: { hosts: ['alpha', 'beta'], role: 'OPERATOR' } });
  for (const gateway of gateways) {
    expect((await ask(gateway, made.secret, '{ viewer { name role hosts } }')).data).toEqual({
      viewer: { name: 'portal', role: 'OPERATOR', hosts: ['alpha', 'beta'] },
    });
  }
  const rows = JSON.stringify([await database.accessToken.findMany(), await database.$queryRaw`select * from journal`], (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : typeof value === 'bigint' ? String(value) : value,
  );
  expect(rows).toContain('portal');
  for (const part of [made.secret, made.secret.slice(5)]) expect(rows).not.toContain(part);
});

test('the use of a token is noted, and not again for each request', async () => {
  const { secret, token } = await make({ name: 'used' });
  const used = async () => {
    const { tokens } = await gateways[0].query<{ tokens: { id: string; lastUsedAt: string | null }[] }>('{ tokens { id lastUsedAt } }');
    return tokens.find(({ id }) => id === token.id)?.lastUsedAt;
  };
  expect(await used()).toBeNull();
  const first = await eventually(
    async () => {
      await ask(gateways[1], secret, '{ viewer { name } }');
      const at = await used();
      if (typeof at !== 'string') throw new Error('it is not noted yet');
      return at;
    },
    { what: 'the use is noted' },
  );
  for (const gateway of [...gateways, ...gateways]) await ask(gateway, secret, '{ viewer { name } }');
  expect(await used()).toBe(first);
});

test('a revoked token is refused by all gateways, and all that is open with it ends', async () => {
  const { secret, token } = await make({ name: 'revoked' });
  const open = gateways.map((gateway) => listenTo(gateway, secret));
  const other = listenTo(gateways[1], TEST_SECRET);
  try {
    await eventually(
      async () => {
        await database.$transaction((transaction) => appendEntries(transaction, [entry('alpha', 'before')]));
        for (const { heard } of [...open, other]) expect([heard.socket.length > 0, heard.stream.length > 0]).toEqual([true, true]);
      },
      { what: 'everyone hears' },
    );
    expect(await revoke(token.id)).toEqual({ revokeToken: { removed: true } });
    for (const gateway of gateways) await refusedBy(gateway, secret);
    await eventually(
      () => {
        for (const { ended } of open) expect(ended).toEqual(expect.arrayContaining(['socket 4403', 'stream']));
      },
      { what: 'what was open has ended' },
    );
    expect(other.ended).toEqual([]);
    expect(await revoke(token.id)).toEqual({ revokeToken: { removed: false } });
  } finally {
    for (const each of [...open, other]) await each.dispose();
  }
});

test('a token that is revoked while its request is still being sent is refused', async () => {
  const { secret, token } = await make({ name: 'slow', role: 'OPERATOR' });
  const body = JSON.stringify({ query: '{ viewer { name } }' });
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'content-length': body.length };
  const slow = request(`${gateways[0].url}/graphql`, { method: 'POST', headers });
  slow.write(body.slice(0, 1));
  const began = performance.now();
  await eventually(
    async () => {
      const { tokens } = await gateways[0].query<{ tokens: { id: string; lastUsedAt: string | null }[] }>('{ tokens { id lastUsedAt } }');
      expect(tokens.find(({ id }) => id === token.id)?.lastUsedAt).not.toBeNull();
    },
    { what: 'it was let in' },
  );
  await revoke(token.id);
  await eventually(
    () => {
      // What is sent within a second is looked at once.
      expect(performance.now() - began).toBeGreaterThan(1_500);
    },
    { what: 'it takes long' },
  );
  slow.end(body.slice(1));
  const [response] = (await once(slow, 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(401);
});

test('a token ends by itself when it expires', async () => {
  const { secret, token } = await make({ name: 'short', expiresIn: 'P1D' });
  expect((await ask(gateways[1], secret, '{ viewer { name } }')).status).toBe(200);
  await database.accessToken.update({ where: { id: token.id.replace('AccessToken:', '') }, data: { expiresAt: new Date() } });
  for (const gateway of gateways) await refusedBy(gateway, secret);
});

test('what is wrong with a new token is said, and tokens are for ADMIN with all hosts only', async () => {
  for (const [input, code] of [
    [{ name: ' ' }, 'BAD_USER_INPUT'],
    [{ name: 'a\u0007' }, 'BAD_USER_INPUT'],
    [{ hosts: [] }, 'BAD_USER_INPUT'],
    [{ hosts: ['nobody'] }, 'NOT_FOUND'],
    [{ expiresIn: 'PT0S' }, 'BAD_USER_INPUT'],
    [{ expiresIn: 'tomorrow' }, 'BAD_USER_INPUT'],
  ] as const) {
    expect({ input, code: await gateways[0].codeOf(CREATE, { input: { name: 'test', role: 'VIEWER', ...input } }) }).toEqual({ input, code });
  }
  const { secret, token } = await make({ name: 'admin of one', role: 'ADMIN', hosts: ['alpha'] });
  for (const query of [
    '{ tokens { id } }',
    'mutation { createToken(input: { name: "more", role: ADMIN }) { secret } }',
    `mutation { revokeToken(id: "${token.id}") { removed } }`,
    'mutation { updateHost(input: { name: "alpha", newName: "mine" }) { host { id } } }',
  ]) {
    expect({ query, code: await codeOf(gateways[0], secret, query) }).toEqual({ query, code: 'FORBIDDEN' });
  }
});

test('a token for one host stays for it when it is renamed, and is not for another that takes its name', async () => {
  const host = await disabledHost('old');
  const { secret } = await make({ name: 'follower', hosts: ['old'] });
  const seen = async () => (await ask<{ hosts: { id: string; name: string }[] }>(gateways[1], secret, '{ hosts { id name } }')).data.hosts;
  expect(await seen()).toMatchObject([{ name: 'old' }]);
  await gateways[0].query('mutation { updateHost(input: { name: "old", newName: "new" }) { host { id } } }');
  await disabledHost('old');
  await eventually(
    async () => {
      expect(await seen()).toEqual([{ id: `Host:${host.id}`, name: 'new' }]);
    },
    { what: 'the host has its new name for the token' },
  );
});

test('a token for a host that is removed is not for another that is added under its name', async () => {
  await disabledHost('reused');
  const { secret, token } = await make({ name: 'stranger', hosts: ['reused', 'alpha'] });
  const seen = async () => (await ask<{ hosts: { name: string }[] }>(gateways[1], secret, '{ hosts { name } }')).data.hosts.map(({ name }) => name).sort();
  expect(await seen()).toEqual(['alpha', 'reused']);
  await gateways[0].query('mutation { removeHost(input: { name: "reused" }) { removed } }');
  await disabledHost('reused');
  await eventually(
    async () => {
      expect(await seen()).toEqual(['alpha']);
    },
    { what: 'the token is for the other host only' },
  );
  const { tokens } = await gateways[0].query<{ tokens: { id: string; hosts: string[] | null }[] }>('{ tokens { id hosts } }');
  expect(tokens.find(({ id }) => id === token.id)?.hosts).toEqual(['alpha']);
  const removed = await database.journalEntry.findFirstOrThrow({ where: { type: 'HOST_REMOVED', hostName: 'reused' } });
  expect(removed.attributes).toMatchObject({ forgotten: { tokens: 1 } });
});

test('a token for one host hears of nothing that tells of another, and of no one who was refused', async () => {
  const { secret } = await make({ name: 'ears', role: 'ADMIN', hosts: ['alpha'] });
  const narrow = [listenTo(gateways[1], secret), listenTo(gateways[1], secret, '(filter: { hosts: ["alpha", "beta"] })')];
  const wide = listenTo(gateways[1], TEST_SECRET);
  try {
    await eventually(
      async () => {
        await database.$transaction((transaction) => appendEntries(transaction, [entry('alpha', 'ready')]));
        for (const { heard } of [...narrow, wide])
          expect([heard.socket, heard.stream]).toEqual([expect.arrayContaining(['alpha ready']), expect.arrayContaining(['alpha ready'])]);
      },
      { what: 'everyone hears' },
    );
    const refused = { ...entry('alpha', 'refused'), type: 'CHANGE_REFUSED' as const };
    await database.$transaction((transaction) =>
      appendEntries(transaction, [
        entry('beta', 'of beta'),
        entry('alpha', 'of both', ['alpha', 'beta']),
        entry(undefined, 'of none'),
        refused,
        entry('alpha', 'last', ['alpha']),
      ]),
    );
    await eventually(
      () => {
        for (const { heard } of [...narrow, wide]) expect([heard.socket.at(-1), heard.stream.at(-1)]).toEqual(['alpha last', 'alpha last']);
      },
      { what: 'the last is heard' },
    );
    for (const { heard } of narrow) expect([...new Set([...heard.socket, ...heard.stream])]).toEqual(['alpha ready', 'alpha last']);
    expect(wide.heard.socket.slice(-5)).toEqual(['beta of beta', 'alpha of both', 'null of none', 'alpha refused', 'alpha last']);
  } finally {
    for (const each of [...narrow, wide]) await each.dispose();
  }
});

test('who is not let in, who is refused a call, and who changes tokens and hosts is in the journal with an address, for ADMIN only', async () => {
  const viewer = await make({ name: 'curious' });
  const gone = await make({ name: 'gone' });
  await revoke(gone.token.id);
  await refusedBy(gateways[1], gone.secret);
  for (const secret of ['stow_wrong', 'stow_wrong', undefined]) await ask(gateways[1], secret, '{ viewer { name } }');
  expect(await codeOf(gateways[1], viewer.secret, '{ tokens { id } }')).toBe('FORBIDDEN');
  expect(await codeOf(gateways[1], viewer.secret, 'mutation { removeHost(input: { name: "alpha" }) { removed } }')).toBe('FORBIDDEN');
  await gateways[0].query('mutation { updateHost(input: { name: "beta", labels: [{ key: "zone" }] }) { host { id } } }');
  const read =
    '{ events(first: 500, filter: { types: [SIGN_IN_FAILED, CALL_REFUSED, CHANGE_REFUSED, TOKEN_CREATED, TOKEN_REVOKED, HOST_UPDATED] }) { nodes { type actor address attributes } } }';
  type Entries = { events: { nodes: { type: string; actor: string | null; address: string | null; attributes: Record<string, unknown> }[] } };
  const address = '127.0.0.1';
  const expected = [
    { type: 'SIGN_IN_FAILED', actor: null, address, attributes: { reason: 'the token is not known' } },
    { type: 'SIGN_IN_FAILED', actor: null, address, attributes: { reason: 'no token was sent' } },
    { type: 'SIGN_IN_FAILED', actor: 'gone', address, attributes: { reason: 'the token was revoked' } },
    { type: 'CALL_REFUSED', actor: 'curious', address, attributes: { field: 'Query.tokens', code: 'FORBIDDEN' } },
    { type: 'CHANGE_REFUSED', actor: 'curious', address, attributes: { mutation: 'removeHost', code: 'FORBIDDEN' } },
    { type: 'TOKEN_CREATED', actor: 'admin', address, attributes: { name: 'curious', role: 'VIEWER', hosts: null } },
    { type: 'TOKEN_REVOKED', actor: 'admin', address, attributes: { name: 'gone' } },
    { type: 'HOST_UPDATED', actor: 'admin', address, attributes: {} },
  ].map((entry) => expect.objectContaining({ ...entry, attributes: expect.objectContaining(entry.attributes) as unknown }) as unknown);
  const { nodes } = await eventually(
    async () => {
      const { events } = await gateways[0].query<Entries>(read);
      expect(events.nodes).toEqual(expect.arrayContaining(expected));
      return events;
    },
    { what: 'all of it is journalled' },
  );
  // Of the same again it is only counted.
  expect(nodes.filter(({ attributes }) => attributes['reason'] === 'the token is not known')).toHaveLength(1);
  const shown = (await ask<Entries>(gateways[0], viewer.secret, read)).data.events.nodes;
  expect(shown.map(({ type, address: from }) => [type, from])).toEqual(shown.map(() => ['HOST_UPDATED', null]));
  expect(shown).not.toEqual([]);
});

test('the last ADMIN token for all hosts cannot be revoked where nobody else could make another, and one is made where none is valid', async () => {
  await database.accessToken.updateMany({ where: { role: 'ADMIN', allHosts: true, revokedAt: null }, data: { expiresAt: new Date(0) } });
  expect(await makeFirstToken(database)).toMatch(/^stow_/);
  expect(await makeFirstToken(database)).toBeUndefined();
  const made = await database.journalEntry.findMany({ where: { type: 'TOKEN_CREATED', actor: 'the first start' } });
  expect(made.map(({ attributes }) => attributes)).toEqual([expect.objectContaining({ name: 'admin', role: 'ADMIN', hosts: null })]);
  const actor = { name: 'test', address: undefined };
  const first = await database.accessToken.findFirstOrThrow({ where: { role: 'ADMIN', allHosts: true, expiresAt: null, revokedAt: null } });
  await createToken(database, { name: 'narrow', role: 'ADMIN', hosts: ['alpha'], expiresAt: null }, actor);
  await expect(revokeToken(database, first.id, actor, false)).rejects.toMatchObject({ code: 'CONFLICT' });
  const second = await createToken(database, { name: 'second', role: 'ADMIN', hosts: null, expiresAt: null }, actor);
  const outcomes = await Promise.allSettled([first.id, second.token.id].map((id) => revokeToken(database, id, actor, false)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});
