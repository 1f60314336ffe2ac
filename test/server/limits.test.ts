import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { WebSocket } from 'ws';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

interface Told {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

interface Sent {
  readonly query?: string;
  readonly variables?: Record<string, unknown>;
  readonly extensions?: Record<string, unknown>;
  readonly operationName?: string;
}

let database: TestDatabase;
let gateway: TestGateway;
let folder: string;

beforeAll(async () => {
  folder = await makeTestFolder('limits');
  database = await startDatabase();
  gateway = await startGateway({ environment: { DATABASE_URL: database.url, STOWAGE_STATEMENT_SECONDS: '1', STOWAGE_MAX_BODY_BYTES: '60000' } });
});

afterAll(async () => {
  await gateway.stop();
  await database.stop();
  await rm(folder, { recursive: true });
  await proveNothingIsLeft();
});

const as = (secret: string) => `Bearer ${secret}`;
const authorization = as(TEST_SECRET);
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const persisted = (text: string, hash = hashOf(text)) => ({ persistedQuery: { version: 1, sha256Hash: hash } });

async function byPost(sent: Sent, to = gateway, secret = TEST_SECRET): Promise<Told> {
  const response = await fetch(`${to.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: as(secret) },
    body: JSON.stringify(sent),
  });
  return (await response.json()) as Told;
}

async function byGet({ query, variables, extensions }: Sent, to = gateway): Promise<Told> {
  const search = new URLSearchParams();
  if (query !== undefined) search.set('query', query);
  if (variables !== undefined) search.set('variables', JSON.stringify(variables));
  if (extensions !== undefined) search.set('extensions', JSON.stringify(extensions));
  const response = await fetch(`${to.url}/graphql?${search.toString()}`, { headers: { authorization, 'apollo-require-preflight': '1' } });
  return (await response.json()) as Told;
}

/** The errors of an operation over WebSocket, or how the socket was closed. */
function bySocket(payload: Sent, to = gateway, secret = TEST_SECRET): Promise<Told & { closed?: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${to.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    socket.on('error', reject);
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: as(secret) } }));
    });
    socket.on('close', (code, reason) => {
      resolve({ closed: `${String(code)} ${reason.toString()}` });
    });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; payload: NonNullable<Told['errors']> & Told };
      if (message.type === 'connection_ack') socket.send(JSON.stringify({ id: 'one', type: 'subscribe', payload }));
      // Refused before it ran, or by its field.
      if (message.type !== 'error' && message.type !== 'next') return;
      resolve(message.type === 'error' ? { errors: message.payload } : message.payload);
      socket.terminate();
    });
  });
}

/** The first answer of an event stream. */
async function byStream(sent: Sent, to = gateway, secret = TEST_SECRET): Promise<Told> {
  const response = await fetch(`${to.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: as(secret) },
    body: JSON.stringify(sent),
  });
  const data = /^data: (.*)$/m.exec(await response.text())?.[1];
  return JSON.parse(data ?? 'null') as Told;
}

const HEAVY = 'volumes(first: 500) { nodes { mounts { container { mounts { container { mounts { id } } } } } } }';
const DEEP = `${'volumes(first: 1) { nodes { host { '.repeat(6)} name ${'} } }'.repeat(6)}`;
/** What is asked for within a host, and how the refusal names the limit. */
const CASES: [string, string, RegExp][] = [
  ['depth', DEEP, /depth of \d+; .*15 \(STOWAGE_MAX_DEPTH\)/],
  ['nesting', `${'... { '.repeat(600)} name ${'} '.repeat(600)}`, /brackets 60\d deep; .*STOWAGE_MAX_DEPTH/],
  ['aliases', Array.from({ length: 51 }, (_, index) => `a${String(index)}: name`).join(' '), /51; the limit is 50 \(STOWAGE_MAX_ALIASES\)/],
  ['tokens', 'name '.repeat(5_010), /50\d\d tokens; .*5000 \(STOWAGE_MAX_TOKENS\)/],
  ['cost', HEAVY, /\d{5,} objects; .*20000 \(STOWAGE_MAX_COST\)/],
  ['page', 'volumes(first: 501) { totalCount }', /first is 501; .*500 entries \(STOWAGE_MAX_PAGE\)/],
];

test.each(CASES)('%s is refused over POST, GET and WebSocket alike, in the same words', async (_limit, inner, words) => {
  const refused = [{ message: expect.stringMatching(words) as string, extensions: { code: 'LIMIT_EXCEEDED' } }];
  // GET has room for some 16 kB of address; spaces become three bytes.
  for (const send of [byPost, byGet]) {
    if (send === byGet && inner.length > 5_000) continue;
    const { data, errors } = await send({ query: `{ host(name: "a") { ${inner} } }` });
    expect([data ?? undefined, errors]).toMatchObject([undefined, refused]);
  }
  expect((await bySocket({ query: `subscription { events { host { ${inner} } } }` })).errors).toMatchObject(refused);
});

test('JSON that is nested thousands deep is refused over every transport, before and after signing in', async () => {
  const nested = `${'['.repeat(1_000)}1${']'.repeat(1_000)}`;
  const refused = { errors: [{ message: expect.stringContaining('more than 64 deep') as string, extensions: { code: 'LIMIT_EXCEEDED' } }] };
  const body = `{"query":"subscription($x: String) { events(after: $x) { type } }","variables":{"x":${nested}}}`;
  const ask = async (path: string, options: RequestInit = {}, accept = 'application/json') =>
    (await fetch(`${gateway.url}${path}`, { ...options, headers: { 'content-type': 'application/json', accept, authorization } })).text();
  const query = encodeURIComponent('{ __typename }');
  expect(JSON.parse(await ask('/graphql', { method: 'POST', body }))).toMatchObject(refused);
  expect(JSON.parse(await ask('/graphql', { method: 'POST', body }, 'text/event-stream'))).toMatchObject(refused);
  for (const name of ['variables', 'extensions']) {
    expect(JSON.parse(await ask(`/graphql?query=${query}&${name}=${encodeURIComponent(nested)}`))).toMatchObject(refused);
  }
  expect(await ask(`/graphql?query=${query}&variables=${encodeURIComponent(nested)}`, {}, 'text/event-stream')).toContain('more than 64 deep');
  const dialled = async (...messages: string[]): Promise<string> => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    for (const message of messages) socket.send(message);
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    return `${String(code)} ${reason.toString()}`;
  };
  const init = JSON.stringify({ type: 'connection_init', payload: { authorization } });
  for (const messages of [[`{"type":"ping","payload":${nested}}`], [init, `{"id":"one","type":"subscribe","payload":${body}}`]]) {
    expect(await dialled(...messages)).toMatch(/^4400 .*more than 64 deep/);
  }
  // What looks like it inside a text is none.
  expect((await byPost({ query: '{ host(name: "a") { name } }', variables: { x: `${'['.repeat(3_000)}\\"${'{'.repeat(3_000)}` } })).errors).toBeUndefined();
});

/** An operation that asks this of a host; `head` stands before its brace. */
type OnHost = (fields: string, head?: string) => string;
const asQuery: OnHost = (fields, head = '') => `query ${head} { host(name: "a") { ${fields} } }`;
const asSubscription: OnHost = (fields, head = '') => `subscription ${head} { events { host { ${fields} } } }`;

/** What is refused, as a query and as a subscription. */
const REFUSED: Readonly<Record<string, (on: OnHost) => Sent>> = {
  ...Object.fromEntries(CASES.map(([limit, inner]) => [`too much: ${limit}`, (on: OnHost): Sent => ({ query: on(inner) })])),
  'a syntax error': (on) => ({ query: `${on('name')} }` }),
  'an unknown field': (on) => ({ query: on('nothing') }),
  'an unknown argument': (on) => ({ query: on('volumes(nothing: 1) { totalCount }') }),
  'an unknown type': (on) => ({ query: on('... on Nothing { name }') }),
  'fragments in a circle': (on) => ({ query: `${on('...A')} fragment A on Host { ...B } fragment B on Host { ...A }` }),
  'an unused fragment': (on) => ({ query: `${on('name')} fragment A on Host { name }` }),
  'an unknown directive': (on) => ({ query: on('name @nothing') }),
  'a directive that is repeated': (on) => ({ query: on('name @include(if: true) @include(if: true)') }),
  'directives by the thousand': (on) => ({ query: on(`name ${'@include(if: true) '.repeat(900)}`) }),
  'two operations of one name': (on) => ({ query: `${on('name', 'One')} ${on('name', 'One')}` }),
  'an operation that is not there': (on) => ({ query: on('name', 'One'), operationName: 'Other' }),
  'an operation that was not chosen': (on) => ({ query: `${on('name', 'One')} ${on('name', 'Two')}` }),
  'fields that cannot be merged': (on) => ({ query: on('name: id name') }),
  'a variable that is not defined': (on) => ({ query: on('volumes(first: $n) { totalCount }') }),
  'a variable that is too large': (on) => ({ query: on('volumes(first: $n) { totalCount }', '($n: Int)'), variables: { n: 501 } }),
  'an input that is none': (on) => ({ query: on('volumes(filter: { nothing: 1 }) { totalCount }') }),
  'an enum value that is none': (on) => ({ query: on('volumes(orderBy: { field: NOTHING }) { totalCount }') }),
  'lists of the schema within each other': (on) => ({
    query: `${on('...on Host { name }')} query I { __schema { types { fields { type { fields { type { fields { name } } } } } } } }`,
  }),
  'fields that repeat': (on) => ({ query: on('volumes { nodes { mounts { id } } } '.repeat(400)) }),
};

test.each(Object.keys(REFUSED))('%s is refused over HTTP, WebSocket and event stream in the same words', async (name) => {
  for (const on of [asQuery, asSubscription]) {
    const sent = REFUSED[name]?.(on) ?? {};
    const answers = await Promise.all([byPost(sent), bySocket(sent), byStream(sent)]);
    const [posted, ...others] = answers.map(({ errors }) => errors?.map(({ message, extensions }) => ({ message, ...extensions })));
    expect(posted).toContainEqual({ message: expect.any(String) as string, code: expect.stringMatching(/^(BAD_USER_INPUT|LIMIT_EXCEEDED)$/) as string });
    expect(others).toEqual([posted, posted]);
  }
});

test('a subscription whose field is left out is refused over HTTP, WebSocket and event stream in the same words', async () => {
  const forms = [
    { query: 'subscription { events @include(if: false) { cursor } }' },
    { query: 'subscription ($no: Boolean!) { events @include(if: $no) { cursor } }', variables: { no: false } },
  ];
  for (const sent of forms) {
    for (const send of [byPost, byGet, bySocket, byStream]) {
      expect((await send(sent)).errors).toMatchObject([
        { message: expect.stringContaining('@skip or @include') as string, extensions: { code: 'BAD_USER_INPUT' } },
      ]);
    }
  }
});

test('only subscriptions run over WebSocket and event streams, and what only says its type runs over HTTP alone', async () => {
  for (const query of ['{ hosts { name } }', 'mutation { syncHosts { results { host { name } } } }', '{ __typename }']) {
    for (const send of [bySocket, byStream]) {
      expect((await send({ query })).errors).toMatchObject([
        { message: expect.stringMatching(/only subscriptions run/) as string, extensions: { code: 'BAD_USER_INPUT' } },
      ]);
    }
  }
  expect((await byPost({ query: 'subscription { events { cursor } }' })).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('a body that is too large is refused with its bytes, and so is a message', async () => {
  const query = `{ hosts { name } } # ${'x'.repeat(70_000)}`;
  const { errors } = await byPost({ query });
  expect(errors).toMatchObject([{ message: expect.stringMatching(/70\d\d\d bytes; the limit is 60000 \(STOWAGE_MAX_BODY_BYTES\)/) as string }]);
  expect(await bySocket({ query })).toEqual({ closed: '1009 LIMIT_EXCEEDED: a message has at most 60000 bytes (STOWAGE_MAX_BODY_BYTES).' });
});

test('a statement that takes too long is ended, and named; a refused query does not wait for the database at all', async () => {
  const locking = new pg.Client({ connectionString: database.url });
  await locking.connect();
  try {
    await locking.query('begin; lock table volume, mount, container, host in access exclusive mode');
    expect(await byPost({ query: '{ volumes { nodes { name } } }' })).toMatchObject({
      errors: [{ message: expect.stringMatching(/longer than 1 s.*STOWAGE_STATEMENT_SECONDS/) as string, extensions: { code: 'LIMIT_EXCEEDED' } }],
    });
    // Had it asked the database anything, it would have met the lock, too.
    for (const [, inner, words] of CASES) {
      expect(await byPost({ query: `{ volumes { nodes { id } } host(name: "a") { ${inner} } }` })).toMatchObject({
        errors: [{ message: expect.stringMatching(words) as string, extensions: { code: 'LIMIT_EXCEEDED' } }],
      });
    }
  } finally {
    await locking.end();
  }
});

test('queries of one caller that take long hold up none of another caller', async () => {
  const made = await byPost({ query: 'mutation { createToken(input: { name: "other", role: VIEWER }) { secret } }' });
  const { secret } = (made.data as { createToken: { secret: string } }).createToken;
  const locking = new pg.Client({ connectionString: database.url });
  await locking.connect();
  try {
    await locking.query('begin; lock table container in access exclusive mode');
    let answered = 0;
    const slow = Array.from({ length: 30 }, async (_, index) => {
      const told = await byPost({ query: `{ containers { nodes { again${String(index)}: name } } }` });
      answered += 1;
      return told.errors?.[0]?.extensions.code;
    });
    await eventually(
      async () => {
        const { rows } = await locking.query('select count(*)::int as waiting from pg_locks where not granted');
        expect((rows as { waiting: number }[])[0]?.waiting).toBeGreaterThanOrEqual(8);
      },
      { what: 'their statements wait' },
    );
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ query: '{ hosts { name } volumes { nodes { name } } }' }),
    });
    expect(await response.json()).toEqual({ data: { hosts: [], volumes: { nodes: [] } } });
    // All of them would have been before it.
    expect(answered).toBeLessThan(20);
    const codes = await Promise.all(slow);
    // Each waits at most 3 s for its turn, of which the first three rounds take one each.
    expect(new Set(codes)).toEqual(new Set(['LIMIT_EXCEEDED', 'UNAVAILABLE']));
  } finally {
    await locking.end();
  }
});

test('documents of one caller that come at once over a WebSocket are read in turn with those of another caller', async () => {
  const made = await byPost({ query: 'mutation { createToken(input: { name: "another", role: VIEWER }) { secret } }' });
  const { secret } = (made.data as { createToken: { secret: string } }).createToken;
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  try {
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    await once(socket, 'message');
    const many = 200;
    let answered = 0;
    const all = new Promise<void>((resolve) => {
      socket.on('message', () => {
        answered += 1;
        if (answered === many) resolve();
      });
    });
    // Each is refused by its cost, once it was read.
    const inner = Array.from({ length: 400 }, (_, index) => `a${String(index)}: volumes(first: 500) { totalCount }`).join(' ');
    for (let index = 0; index < many; index += 1) {
      const query = `subscription { events { host { n${String(index)}: name ${inner} } } }`;
      socket.send(JSON.stringify({ type: 'subscribe', id: String(index), payload: { query } }));
    }
    expect(await byPost({ query: '{ viewer { name } }' }, gateway, secret)).toEqual({ data: { viewer: { name: 'another' } } });
    expect(answered).toBeLessThan(many / 2);
    await all;
  } finally {
    socket.terminate();
  }
});

test('of the plans of one caller so many are kept, and the oldest is stale then', async () => {
  const plan = async () => ((await byPost({ query: '{ prunePlan { id } }' })).data as { prunePlan: { id: string } }).prunePlan.id;
  const apply = (planId: string) => byPost({ query: `mutation { applyPrune(input: { planId: "${planId}" }) { results { removed } } }` });
  const first = await plan();
  let last = first;
  for (let index = 0; index < 20; index += 1) last = await plan();
  expect(await apply(first)).toMatchObject({ errors: [{ extensions: { code: 'PLAN_STALE' } }] });
  expect(await apply(last)).toEqual({ data: { applyPrune: { results: [] } } });
});

test('the name of an operation is as long as a request, and neither the log nor what is remembered of it is', async () => {
  const name = 'n'.repeat(20_000);
  expect(await byPost({ query: `query ${name} { viewer { name } }`, operationName: name })).toMatchObject({ data: { viewer: { name: 'admin' } } });
  await bySocket({ query: 'subscription { events { cursor } }', operationName: name });
  await eventually(
    () => {
      const told = gateway
        .output()
        .split('\n')
        .filter((line) => line.includes(`"operation":"${'n'.repeat(100)}"`));
      expect(told.map((line) => (JSON.parse(line) as { kind: string }).kind).sort()).toEqual(['query', 'subscription']);
    },
    { what: 'the log tells of both' },
  );
  expect(gateway.output()).not.toContain('n'.repeat(101));
});

test('a document is known by its hash once it was sent with it, over POST and GET; a wrong hash is refused', async () => {
  const query = '{ viewer { name role } }';
  const unknown = { errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] };
  expect(await byPost({ extensions: persisted(query) })).toMatchObject(unknown);
  expect(await byGet({ extensions: persisted(query) })).toMatchObject(unknown);
  const answer = { data: { viewer: { name: 'admin', role: 'ADMIN' } } };
  expect(await byPost({ query, extensions: persisted(query) })).toEqual(answer);
  expect(await byPost({ extensions: persisted(query) })).toEqual(answer);
  expect(await byGet({ extensions: persisted(query) })).toEqual(answer);
  expect(await byPost({ query, extensions: persisted('{ hosts { name } }') })).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  expect(await byPost({ extensions: persisted('{ hosts { name } }') })).toMatchObject(unknown);
});

describe('with a list of known documents', () => {
  const QUERY = '{ viewer { name } }';
  const SUBSCRIPTION = 'subscription { events(after: "j999999999") { cursor } }';
  const forms: [string, unknown][] = [
    ['a list', [QUERY, SUBSCRIPTION]],
    ['texts by their hashes', { [hashOf(QUERY)]: QUERY, [hashOf(SUBSCRIPTION)]: SUBSCRIPTION }],
    [
      "Apollo's manifest",
      {
        format: 'apollo-persisted-query-manifest',
        version: 1,
        operations: [QUERY, SUBSCRIPTION].map((body) => ({ id: hashOf(body), name: 'x', type: 'query', body })),
      },
    ],
  ];
  const write = async (content: string) => {
    const file = path.join(folder, 'documents.json');
    await writeFile(file, content);
    return { DATABASE_URL: database.url, STOWAGE_DOCUMENTS: file };
  };

  test.each(forms)('as %s, those are answered by text and by hash, and no other over POST, GET and WebSocket', async (_form, list) => {
    const strict = await startGateway({ environment: await write(JSON.stringify(list)) });
    try {
      const known = { data: { viewer: { name: 'admin' } } };
      for (const send of [byPost, byGet]) {
        expect(await send({ query: QUERY }, strict)).toEqual(known);
        expect(await send({ extensions: persisted(QUERY) }, strict)).toEqual(known);
        for (const other of [{ query: '{ hosts { name } }' }, { query: `${QUERY} ` }, { extensions: persisted('{ hosts { name } }') }, {}])
          expect(await send(other, strict)).toMatchObject({
            errors: [{ message: expect.stringContaining('STOWAGE_DOCUMENTS') as string, extensions: { code: 'FORBIDDEN' } }],
          });
        // A known text beside another's hash does not teach the gateway a new one.
        expect(await send({ query: '{ hosts { name } }', extensions: persisted(QUERY) }, strict)).toMatchObject({
          errors: [{ extensions: { code: 'FORBIDDEN' } }],
        });
      }
      // Its cursor is beyond the journal: refused by the subscription itself, which thus was begun.
      for (const sent of [{ query: SUBSCRIPTION }, { query: '', extensions: persisted(SUBSCRIPTION) }])
        expect((await bySocket(sent, strict)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect((await bySocket({ query: 'subscription { events { cursor } }' }, strict)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    } finally {
      await strict.stop();
    }
  });

  test('what is refused is journalled with who asked for it, over whichever transport', async () => {
    const strict = await startGateway({ environment: await write(JSON.stringify([QUERY])) });
    const transports = { post: byPost, socket: bySocket, stream: byStream };
    try {
      for (const [name, send] of Object.entries(transports)) {
        const made = await byPost({ query: `mutation { createToken(input: { name: "by ${name}", role: VIEWER }) { secret } }` });
        const { secret } = (made.data as { createToken: { secret: string } }).createToken;
        expect((await send({ query: 'subscription { events { cursor } }' }, strict, secret)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
      }
      await eventually(
        async () => {
          const told = await database.database.journalEntry.findMany({ where: { type: 'CALL_REFUSED', actor: { startsWith: 'by ' } } });
          const attributes = { code: 'FORBIDDEN', reason: expect.stringContaining('STOWAGE_DOCUMENTS') as string };
          const expected = Object.keys(transports).map((name) => ({ actor: `by ${name}`, address: '127.0.0.1', attributes }));
          expect(told.map((entry) => ({ actor: entry.actor, address: entry.address, attributes: entry.attributes }))).toEqual(expected);
        },
        { what: 'each is journalled' },
      );
    } finally {
      await strict.stop();
    }
  });

  test.each([
    ['{"query', /STOWAGE_DOCUMENTS .*cannot be read as JSON/],
    ['[1]', /STOWAGE_DOCUMENTS is neither a list of documents/],
    ['["{ hosts {"]', /STOWAGE_DOCUMENTS has a document that cannot be read \(0\): Syntax Error/],
    ['[]', /STOWAGE_DOCUMENTS holds no document/],
  ])('a file of %j ends the start in words', async (content, words) => {
    await expect(startGateway({ environment: await write(content) })).rejects.toThrow(words);
  });
});
