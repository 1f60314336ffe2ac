import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type pg from 'pg';
import { hashSecret } from '../../src/access/tokens.js';
import { applyMigrations } from '../../src/database/migrations.js';
import { silent, startDatabase, withNewDatabase, type TestDatabase } from '../harness/database.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';

// The newest version on a database of the oldest, and the ways by which a database comes to all migrations.

const PRISMA = fileURLToPath(new URL('../../prisma', import.meta.url));
const MIGRATIONS = path.join(PRISMA, 'migrations');
const COMMAND = fileURLToPath(new URL('../../dist/bundle/main.js', import.meta.url));
const DEPLOY = fileURLToPath(new URL('../harness/prisma-deploy-process.mjs', import.meta.url));
/** Data in the tables of the first migration. */
const FIXTURE = fileURLToPath(new URL('first-version.sql', import.meta.url));
/** Migrations from here on keep to the rule of docs/operating.md. */
const RULE_HOLDS_FROM = '20261129';

const names = (await readdir(MIGRATIONS, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
const run = promisify(execFile);

let server: TestDatabase;
let folder: string;

beforeAll(async () => {
  server = await startDatabase();
  folder = await makeTestFolder('upgrade');
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  await server.stop();
  await proveNothingIsLeft();
});

/** Makes the database of the first version, with data in it. */
async function makeFirstVersion(client: pg.Client, url: string): Promise<void> {
  const [first = ''] = names;
  const old = path.join(folder, 'first');
  await mkdir(old, { recursive: true });
  await cp(path.join(MIGRATIONS, first), path.join(old, first), { recursive: true });
  await applyMigrations(url, silent, old);
  await client.query(await readFile(FIXTURE, 'utf8'));
  await client.query(`insert into access_token (id, name, role, hash) values (gen_random_uuid(), 'old admin', 'ADMIN', $1)`, [
    Buffer.from(hashSecret('stow_of-the-first-version')),
  ]);
}

const stowage = async (url: string, ...words: string[]): Promise<unknown> => {
  const { stdout } = await run(process.execPath, [COMMAND, ...words, '--json'], { env: { PATH: process.env['PATH'], DATABASE_URL: url }, cwd: folder });
  return JSON.parse(stdout);
};

const EVERYTHING = `{
  hosts { name status labels { key value } stats { volumes containers mounts sharedVolumes danglingVolumes } }
  volumes(filter: { states: [IN_USE, IDLE, DANGLING, REMOVED] }) {
    nodes { name state host { name } labels { key value } protected annotations { key value } sizeBytes lastUsedBy shareCount backupPolicy { cron }
      mounts { destination readOnly container { name } } shares { kind writers readers risks } }
  }
  containers { nodes { name image state composeProject mounts { type source destination volume { name } } } }
  shares { nodes { identity kind containers { name } } }
  events(first: 3) { nodes { type hostName volumeName actor } }
  tokens { name role hosts }
  operations { nodes { id } }
  findings { nodes { kind } }
}`;

test('two gateways of this version start at once on a database of the first, and it answers with all that was in it', async () => {
  await withNewDatabase(server, async (client, url) => {
    await makeFirstVersion(client, url);
    expect(await stowage(url, 'migrate', 'status')).toMatchObject({
      migrations: names.map((name, index) => ({ name, state: index === 0 ? 'APPLIED' : 'PENDING' })),
    });
    const gateways = await Promise.all([0, 1].map(() => startGateway({ environment: { DATABASE_URL: url } })));
    const [gateway] = gateways as [TestGateway, TestGateway];
    try {
      await hostsAre(gateway, 'UNREACHABLE', 'alpha');
      const answer = await gateway.query(EVERYTHING);
      expect(answer).toMatchObject({
        hosts: [
          {
            name: 'alpha',
            status: 'UNREACHABLE',
            labels: [{ key: 'site', value: 'cellar' }],
            stats: { volumes: 2, containers: 2, mounts: 3, sharedVolumes: 1 },
          },
          { name: 'beta', status: 'DISABLED', stats: { volumes: 1, danglingVolumes: 1 } },
        ],
        volumes: {
          nodes: [
            { name: 'cache', state: 'DANGLING', host: { name: 'beta' } },
            {
              name: 'data',
              state: 'IN_USE',
              protected: true,
              annotations: [{ key: 'owner', value: 'blue' }],
              sizeBytes: 123_456,
              lastUsedBy: 'reader',
              shareCount: 2,
              backupPolicy: null,
              mounts: [
                { destination: '/data', readOnly: false, container: { name: 'writer' } },
                { destination: '/data', readOnly: true, container: { name: 'reader' } },
              ],
              shares: [{ kind: 'VOLUME', writers: 1, readers: 1 }],
            },
            { name: 'gone', state: 'REMOVED' },
            { name: 'logs', state: 'IN_USE' },
          ],
        },
        containers: { nodes: [{ name: 'reader' }, { name: 'writer', composeProject: 'shop', mounts: [{ destination: '/data' }, { destination: '/logs' }] }] },
        shares: { nodes: [{ identity: 'data', kind: 'VOLUME', containers: [{ name: 'writer' }, { name: 'reader' }] }] },
        events: {
          nodes: [
            { type: 'HOST_ADDED', hostName: 'alpha', actor: 'someone' },
            { type: 'VOLUME_CREATED', hostName: 'alpha', volumeName: 'data' },
            { type: 'VOLUME_REMOVED', volumeName: 'gone' },
          ],
        },
        tokens: [{ name: 'old admin', role: 'ADMIN', hosts: null }],
        operations: { nodes: [] },
      });
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer stow_of-the-first-version' },
        body: JSON.stringify({ query: '{ viewer { name role } }' }),
      });
      expect(await response.json()).toEqual({ data: { viewer: { name: 'old admin', role: 'ADMIN' } } });
    } finally {
      await Promise.all(gateways.map((each) => each.stop()));
    }
    expect(await stowage(url, 'migrate', 'deploy')).toEqual({ applied: [] });
    expect(await stowage(url, 'migrate', 'status')).toMatchObject({ migrations: names.map((name) => ({ name, state: 'APPLIED' })) });
  });
});

test('Prisma itself brings a database of the first version to this one, and each takes what the other has applied for its own', async () => {
  const deploy = async (url: string) =>
    JSON.parse((await run(process.execPath, [DEPLOY, PRISMA], { env: { ...process.env, DATABASE_URL: url } })).stdout) as unknown;
  await withNewDatabase(server, async (client, url) => {
    await makeFirstVersion(client, url);
    expect(await deploy(url)).toEqual({ edited: [], applied: names.slice(1) });
    expect(await applyMigrations(url, silent)).toEqual([]);
  });
  await withNewDatabase(server, async (_client, url) => {
    expect(await applyMigrations(url, silent)).toEqual(names);
    expect(await deploy(url)).toEqual({ edited: [], applied: [] });
  });
});

test('a token can be made without a gateway, by whoever has the database', async () => {
  await withNewDatabase(server, async (_client, url) => {
    const { secret } = (await stowage(url, 'token', 'create', 'rescue', '--role', 'ADMIN', '--local')) as { secret: string };
    const gateway = await startGateway({ environment: { DATABASE_URL: url, STOWAGE_ADMIN_TOKEN: undefined } });
    try {
      expect(secret).not.toBe(TEST_SECRET);
      expect(gateway.output()).not.toContain('shown this once');
      const ask = { env: { PATH: process.env['PATH'], STOWAGE_URL: gateway.url, STOWAGE_TOKEN: secret }, cwd: folder };
      expect(JSON.parse((await run(process.execPath, [COMMAND, 'token', 'list', '--json'], ask)).stdout)).toMatchObject([{ name: 'rescue', role: 'ADMIN' }]);
    } finally {
      await gateway.stop();
    }
  });
});

test('a migration takes nothing away that the version before still uses, unless it says which version made it unused', async () => {
  const later = names.filter((name) => name >= RULE_HOLDS_FROM);
  expect(later).not.toEqual([]);
  for (const name of later) {
    const sql = await readFile(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8');
    const takesAway = /\bdrop\s+(table|column|type|view)\b|\brename\b|\bset\s+not\s+null\b|\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b/i.test(sql);
    if (takesAway) expect([name, sql]).toEqual([name, expect.stringMatching(/^-- contract: unused since \d+\.\d+\.\d+/)]);
  }
});
