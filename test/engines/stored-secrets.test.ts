import { generateIdentity } from 'age-encryption';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { startGateway, TEST_SECRET } from '../harness/gateway.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

const SECRET = 'quite-secret';

let engine: TestEngine;
let database: TestDatabase;

beforeAll(async () => {
  [engine, database] = await Promise.all([startEngine({ name: 'alpha' }), startDatabase()]);
});

afterAll(async () => {
  await engine.stop();
  await database.stop();
  await proveNothingIsLeft();
});

/** Everything that the database holds, as text. */
async function everything(): Promise<string> {
  const tables = await database.database.$queryRaw<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`;
  const parts = await Promise.all(
    tables.map(({ name }) => database.database.$queryRawUnsafe<{ content: string | null }[]>(`select string_agg(t::text, ' ') as content from "${name}" t`)),
  );
  return parts
    .flat()
    .map(({ content }) => content)
    .join('\n');
}

test('no secret of a run is in the database, in the logs at trace, or in an answer but to who may have it', async () => {
  const backupKey = await generateIdentity();
  const secretKey = 'the secret key of this very run';
  const gateway = await startGateway({
    hosts: { alpha: engine.endpoint },
    environment: { DATABASE_URL: database.url, STOWAGE_SECRET_KEY: secretKey, STOWAGE_BACKUP_KEY: backupKey, STOWAGE_LOG_LEVEL: 'trace' },
  });
  const secrets: Record<string, string> = { 'the ADMIN token of the settings': TEST_SECRET, 'the secret key': secretKey, 'the backup key': backupKey };
  const keep = (what: string, secret: string) => (secrets[what] = secret);
  const answers: string[] = [];
  const ask = async (authorization: Record<string, string>, query: string, variables: object = {}) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-stowage-csrf': '1', ...authorization },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    answers.push(text);
    return text;
  };
  const admin = { authorization: `Bearer ${TEST_SECRET}` };
  try {
    await hostsAre(gateway, 'ONLINE');
    const { createToken } = await gateway.query<{ createToken: { secret: string } }>(
      'mutation { createToken(input: { name: "portal", role: VIEWER }) { secret } }',
    );
    const viewer = { authorization: `Bearer ${keep('a token that was made', createToken.secret)}` };
    const session = await fetch(`${gateway.url}/session`, { method: 'POST', headers: viewer });
    const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    keep('the cookie of a session', cookie.slice(cookie.indexOf('=') + 1));
    expect(await ask({ cookie }, '{ viewer { name } }')).toContain('portal');
    expect(await ask({ authorization: `Bearer ${keep('a wrong token', 'stow_a-token-that-nobody-has-made')}` }, '{ viewer { name } }')).toContain(
      'UNAUTHENTICATED',
    );
    const options = [
      { key: 'type', value: 'cifs' },
      { key: 'o', value: `username=u,password=${keep('a password in driver options', 'kept-from-everyone')}` },
      { key: 'device', value: '//nas/y' },
    ];
    const create =
      'mutation ($o: [KeyValueInput!]) { createVolume(input: { hosts: ["alpha"], name: "share", driverOptions: $o, idempotencyKey: "one" }) { results { created error { code message } } } }';
    expect(await ask(admin, create, { o: options })).toContain('"created":true');
    const differs = options.map(({ key, value }) => ({ key, value: key === 'device' ? '//nas/z' : value }));
    expect(await ask(admin, create.replace('"one"', '"two"'), { o: differs })).toContain('CONFLICT');
    expect(await ask(viewer, create, { o: options })).toContain('FORBIDDEN');
    const env = [{ key: 'PASSWORD', value: keep('a value of a variable', 'of-a-program-alone') }];
    const run =
      'mutation ($env: [KeyValueInput!]) { runContainer(input: { host: "alpha", image: "nothing.example/none", env: $env, idempotencyKey: "three" }) { container { id } } }';
    expect(await ask(admin, run, { env })).toContain('"errors"');
    const key = keep('a key of a host', `-----BEGIN PRIVATE KEY-----\n${'QUJD'.repeat(20)}\n-----END PRIVATE KEY-----`);
    secrets['a key of a host'] = 'QUJD'.repeat(20);
    const add = 'mutation ($input: AddHostInput!) { addHost(input: $input) { host { id } } }';
    expect(await ask(admin, add, { input: { name: 'far', endpoint: 'tcp://127.0.0.1:1', tls: { ca: key, cert: key, key } } })).toContain('"errors"');
    for (const query of [
      '{ volumes(first: 500) { nodes { name options { key value } labels { key value } annotations { key value } } } }',
      '{ events(first: 500) { nodes { type actor attributes } } operations { nodes { id warnings } } hosts { name endpoint } findings { __typename } }',
    ]) {
      expect(await ask(viewer, query)).not.toContain('"errors"');
    }
    expect(await ask(admin, '{ tokens { id name } events(first: 500) { nodes { type actor address attributes } } hosts { name endpoint } }')).not.toContain(
      '"errors"',
    );
  } finally {
    await gateway.stop();
  }
  const places = { database: await everything(), log: gateway.output(), answers: answers.join('\n') };
  expect(places.database).toContain('share');
  expect(places.log).toContain('"level":20');
  for (const [what, secret] of Object.entries(secrets)) {
    const found = Object.entries(places).flatMap(([place, text]) => (text.includes(secret) ? [place] : []));
    expect({ what, found }).toEqual({ what, found: [] });
  }
}, 60_000);

test('a password in driver options is stored encrypted, and another key neither shows it nor makes the volume another one', async () => {
  const driverOptions = [
    { key: 'type', value: 'cifs' },
    { key: 'o', value: `username=u,password=${SECRET}` },
    { key: 'device', value: '//nas/x' },
  ];
  const asked = '{ volume(host: "alpha", name: "windows") { id options { key value } } }';
  const ids = new Set<string>();
  const sealed = new Set<string>();
  for (const key of ['the first key, which is long enough', 'the other key, which is long enough']) {
    const gateway = await startGateway({ hosts: { alpha: engine.endpoint }, environment: { DATABASE_URL: database.url, STOWAGE_SECRET_KEY: key } });
    try {
      await hostsAre(gateway, 'ONLINE');
      if (ids.size === 0) {
        await gateway.query(
          'mutation ($options: [KeyValueInput!]) { createVolume(input: { hosts: ["alpha"], name: "windows", driverOptions: $options }) { results { created } } }',
          {
            options: driverOptions,
          },
        );
      }
      await eventually(
        async () => {
          const { volume } = await gateway.query<{ volume: { id: string; options: { key: string; value: string }[] } }>(asked);
          expect(volume.options).toEqual(expect.arrayContaining(driverOptions));
          ids.add(volume.id);
        },
        { what: `an ADMIN is shown it, with ${key}` },
      );
      const row = await database.database.volume.findFirstOrThrow({ where: { name: 'windows', removedAt: null } });
      sealed.add(Buffer.from(row.sealedOptions ?? []).toString('hex'));
      expect(row.options).toMatchObject({ o: 'username=u,password=********' });
      const stored = await everything();
      expect(stored).toContain('windows');
      expect(stored).not.toContain(SECRET);
      expect(gateway.output()).not.toContain(SECRET);
    } finally {
      await gateway.stop();
    }
  }
  expect(ids.size).toBe(1);
  expect(sealed.size).toBe(2);
  expect(sealed).not.toContain('');

  // As it was stored before there was a place for it: it is sealed when the host is compared next.
  const plain = Object.fromEntries(driverOptions.map(({ key, value }) => [key, value]));
  await database.database.volume.updateMany({ where: { name: 'windows' }, data: { options: plain, sealedOptions: null } });
  expect(await everything()).toContain(SECRET);
  const gateway = await startGateway({ hosts: { alpha: engine.endpoint }, environment: { DATABASE_URL: database.url } });
  try {
    await eventually(
      async () => {
        expect(await everything()).not.toContain(SECRET);
      },
      { what: 'it is sealed' },
    );
    expect((await gateway.query<{ volume: { id: string } }>(asked)).volume.id).toBe([...ids][0]);
  } finally {
    await gateway.stop();
  }
}, 60_000);
