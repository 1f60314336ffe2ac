import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { parseEndpoint, type Credentials } from '../../src/engine/endpoint.js';
import { Engine } from '../../src/engine/engine.js';
import { ARCHIVE_ROOT, openVolume } from '../../src/engine/volume-content.js';
import { transfer } from '../../src/operations/transfer.js';
import { makeAuthority, type Authority } from '../harness/certificates.js';
import { startDatabase } from '../harness/database.js';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { startGateway } from '../harness/gateway.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { inVolume } from '../harness/volume-trees.js';

let folder: string;
let own: Authority;
let foreign: Authority;
let engine: TestEngine;
/** An engine whose certificate is for another name. */
let misnamed: TestEngine;
let otherAuthority: Authority;

beforeAll(async () => {
  folder = await makeTestFolder('certificates');
  own = await makeAuthority(folder, 'own');
  foreign = await makeAuthority(folder, 'foreign');
  otherAuthority = await makeAuthority(folder, 'other');
  engine = await startEngine({ name: 'tls', tls: await own.serverFiles(['IP:127.0.0.1', 'DNS:localhost']) });
  misnamed = await startEngine({ name: 'misnamed', tls: await otherAuthority.serverFiles(['DNS:elsewhere.example']) });
});

afterAll(async () => {
  await engine.stop();
  await misnamed.stop();
  await rm(folder, { recursive: true });
  await proveNothingIsLeft();
});

const connect = (to: TestEngine, credentials: Credentials) => Engine.connect(parseEndpoint(to.tcpEndpoint ?? '', credentials), credentials, 5_000);

test('an engine that asks for client certificates lets in the one it knows', async () => {
  const connected = await connect(engine, { tls: { ca: own.ca, ...(await own.client()) } });
  expect((await connected.listVolumes()).volumes).toEqual([]);
  connected.close();
});

test('what is in its volumes is read whole, and ends in time when the connection is closed', async () => {
  const connected = await connect(engine, { tls: { ca: own.ca, ...(await own.client()) } });
  await engine.cli('volume', 'create', 'kept');
  await inVolume(engine, 'kept', 'dd if=/dev/urandom of=large bs=1M count=20 2>/dev/null');
  const expected = (await inVolume(engine, 'kept', 'sha256sum large')).split(' ')[0];
  const open = await openVolume(connected, { name: 'kept', write: false, owner: 'test', installation: 'test' });
  try {
    const seen: string[] = [];
    const signal = new AbortController().signal;
    const limits = { root: ARCHIVE_ROOT, contentBytes: 1e9, entries: 10 };
    await transfer((ending) => open.read(ending), undefined, { signal, limits, onEntry: ({ path, sha256 }) => seen.push(`${path} ${sha256}`) });
    expect(seen).toEqual([' ', `large ${String(expected)}`]);
    const body = await open.read(signal);
    const ended = once(body, 'close');
    connected.close();
    await expect(ended).rejects.toMatchObject({ code: 'ECONNRESET' });
  } finally {
    await open.close().catch(() => undefined);
    await engine.cli('rm', '-f', ...(await engine.cli('ps', '-aq')).split('\n').filter((id) => id !== ''));
  }
});

test('every wrong certificate is a problem that speaks of TLS and shows no key', async () => {
  const client = await own.client();
  const stranger = await foreign.client();
  const cases: [string, TestEngine, Credentials][] = [
    ['a client certificate of a foreign authority', engine, { tls: { ca: own.ca, ...stranger } }],
    ['no client certificate', engine, { tls: { ca: own.ca } }],
    ['a server of an authority that is not trusted', engine, { tls: { ca: foreign.ca, ...client } }],
    ["only the system's authorities", engine, { tls: { ...client } }],
    ['a server with a certificate for another name', misnamed, { tls: { ca: otherAuthority.ca, ...(await otherAuthority.client()) } }],
  ];
  for (const [what, to, credentials] of cases) {
    const error: unknown = await connect(to, credentials).then(
      () => `${what} was let in`,
      (problem: unknown) => problem,
    );
    expect(error).toMatchObject({ code: 'HOST_UNREACHABLE', message: expect.stringMatching(/TLS|certificate/i) as string });
    expect((error as Error).message).not.toMatch(/BEGIN|KEY/);
  }
});

test('without TLS nobody gets in', async () => {
  await expect(connect(engine, {})).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
});

test('a gateway watches it with keys that it shows to nobody, neither in an answer, nor in its log, nor in the database', async () => {
  const database = await startDatabase();
  const gateway = await startGateway({ environment: { STOWAGE_LOG_LEVEL: 'trace', DATABASE_URL: database.url } });
  try {
    const tls = { ca: own.ca, ...(await own.client()) };
    const ADD = 'mutation ($input: AddHostInput!) { addHost(input: $input) { host { name status } } }';
    const wrong = { ...tls, ...(await foreign.client()) };
    expect(await gateway.codeOf(ADD, { input: { name: 'secure', endpoint: engine.tcpEndpoint, tls: wrong } })).toBe('HOST_UNREACHABLE');
    expect(await gateway.query('{ hosts { name } }')).toEqual({ hosts: [] });
    expect(await gateway.query(ADD, { input: { name: 'secure', endpoint: engine.tcpEndpoint, tls } })).toEqual({
      addHost: { host: { name: 'secure', status: 'ONLINE' } },
    });

    const secrets = [tls.key, wrong.key].map((key) => key.split('\n')[1] ?? '');
    expect(secrets.every((secret) => secret.length > 40)).toBe(true);
    const tables = await database.database.$queryRaw<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`;
    const dump: string[] = [];
    for (const { name } of tables) {
      const rows = await database.database.$queryRawUnsafe<{ row: string }[]>(`select t::text as row from "${name}" t`);
      dump.push(...rows.map(({ row }) => row));
    }
    expect(dump.length).toBeGreaterThan(0);
    const answers = JSON.stringify(await gateway.query('{ hosts { name endpoint labels { key value } statusReason } events { nodes { type attributes } } }'));
    for (const secret of secrets) {
      for (const place of [gateway.output(), answers, dump.join('\n')]) {
        expect(place).not.toContain(secret);
        // PostgreSQL prints bytes as hex digits.
        expect(place).not.toContain(Buffer.from(secret).toString('hex'));
      }
    }
  } finally {
    await gateway.stop();
    await database.stop();
  }
});
