import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { StowageClient, type StowageEvent } from '../../src/client/client.js';
import { startFaultProxy } from '../harness/fault-proxy.js';
import { TEST_SECRET } from '../harness/gateway.js';
import { startStand, type Stand } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(['alpha']);
});

afterAll(async () => {
  await stand.stop();
});

afterEach(async () => {
  await stand.engine('alpha').reset();
});

const client = (url = stand.gateway.url) => new StowageClient({ url, token: TEST_SECRET });

test('the typed client creates, plans and prints a prune, applies it once, and removes', async () => {
  const [made] = await client().createVolume({ hosts: ['alpha'], name: 'by-client', labels: [{ key: 'team', value: 'blue' }], idempotencyKey: 'k1' });
  expect(made).toMatchObject({ created: true, error: null, volume: { name: 'by-client', driver: 'local' } });
  const plan = await client().prune({ labels: [{ key: 'team', value: 'blue' }] });
  expect(String(plan)).toBe('remove alpha/by-client (not measured)\n1 to remove, 0 spared');
  expect(await plan.apply()).toMatchObject([{ name: 'by-client', removed: true, error: null }]);
  await expect(plan.apply()).rejects.toMatchObject({ name: 'StowageError', code: 'PLAN_STALE' });
  expect(await client().removeVolumes({ volumes: [{ host: 'alpha', name: 'by-client' }] })).toMatchObject([{ removed: false, error: { code: 'NOT_FOUND' } }]);
});

test('a watch goes on by itself when its connection is lost, with every event once and in order', async () => {
  const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: Number(new URL(stand.gateway.url).port) } });
  const stop = new AbortController();
  const told: StowageEvent[] = [];
  const watching = (async () => {
    const url = proxy.endpoint.replace('tcp:', 'http:');
    for await (const event of client(url).watch({ filter: { types: ['VOLUME_CREATED'] }, signal: stop.signal })) told.push(event);
  })();
  const names = () => told.map(({ volumeName }) => volumeName);
  try {
    const wanted: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      await eventually(
        () => {
          expect(proxy.connections()).toBeGreaterThan(0);
        },
        { what: 'it is connected' },
      );
      if (round % 2 === 1) proxy.setMode('reset');
      for (const part of ['a', 'b']) {
        wanted.push(`watched-${String(round)}${part}`);
        await client().createVolume({ hosts: ['alpha'], name: wanted.at(-1) ?? '' });
      }
      proxy.setMode('pass');
      await eventually(
        () => {
          expect(names()).toEqual(wanted);
        },
        { what: 'all that happened is told' },
      );
    }
  } finally {
    stop.abort();
    await watching;
    await proxy.close();
  }
});

test('a watch goes on when its token comes to show something else, and ends when it is revoked', async () => {
  const { gateway } = stand;
  const beta = { name: 'beta', endpoint: stand.engine('alpha').endpoint };
  await gateway.query('mutation ($beta: AddHostInput!) { addHost(input: $beta) { host { id } } }', { beta });
  const { createToken } = await gateway.query<{ createToken: { secret: string; token: { id: string } } }>(
    'mutation { createToken(input: { name: "for two", role: VIEWER, hosts: ["alpha", "beta"] }) { secret token { id } } }',
  );
  const stop = new AbortController();
  const told: (string | null)[] = [];
  const watching = (async () => {
    const viewer = new StowageClient({ url: gateway.url, token: createToken.secret });
    for await (const event of viewer.watch({ filter: { hosts: ['alpha'], types: ['VOLUME_CREATED'] }, signal: stop.signal })) told.push(event.volumeName);
  })();
  const ended = watching.then(
    () => 'its end',
    (error: unknown) => (error as { code?: string }).code,
  );
  const tellsOf = async (name: string) => {
    await client().createVolume({ hosts: ['alpha'], name });
    await eventually(
      () => {
        expect(told.at(-1)).toBe(name);
      },
      { what: `${name} is told of` },
    );
  };
  try {
    await tellsOf('before');
    await gateway.query('mutation { removeHost(input: { name: "beta" }) { removed } }');
    await tellsOf('after');
    expect(told).toEqual(['before', 'after']);
    await gateway.query('mutation ($id: ID!) { revokeToken(id: $id) { removed } }', { id: createToken.token.id });
    expect(await ended).toBe('UNAUTHENTICATED');
  } finally {
    stop.abort();
  }
});

test('a watch ends with what is refused for good', async () => {
  const first = (watching: AsyncGenerator<StowageEvent>) => watching.next();
  await expect(first(client().watch({ after: 'x' }))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  const stranger = new StowageClient({ url: stand.gateway.url, token: 'not-a-secret-of-anyone' });
  await expect(first(stranger.watch({ after: 'j0' }))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(first(stranger.watch())).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('the package has the client as its entry stowage/client, with types', async () => {
  const file = path.join(ROOT, `client-${String(process.pid)}.mts`);
  await writeFile(
    file,
    `import { StowageClient, type CreateVolumeResult } from 'stowage/client';
const client = new StowageClient({ url: 'http://127.0.0.1:1', token: 'x' });
export const made: Promise<readonly CreateVolumeResult[]> = client.createVolume({ hosts: ['alpha'], name: 'x1' });
// @ts-expect-error a host is a name
export const wrong = client.createVolume({ hosts: [7] });
`,
  );
  try {
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'nodenext', '--types', 'node', '--ignoreConfig'];
    await promisify(execFile)(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags, file], { cwd: ROOT }).catch((error: unknown) => {
      throw new Error((error as { stdout: string }).stdout);
    });
  } finally {
    await rm(file);
  }
});

test('the typed documents are what the schema makes', async () => {
  await promisify(execFile)(process.execPath, ['scripts/emit-client.mjs', '--check'], { cwd: ROOT });
});
