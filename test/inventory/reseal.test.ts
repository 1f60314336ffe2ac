import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { introduceKey, readSealingKeys } from '../../src/database/sealing-keys.js';
import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { resealAll } from '../../src/inventory/reseal.js';
import { Sealer } from '../../src/sealing.js';
import { ownDatabase } from '../harness/own-database.js';
import { startGateway } from '../harness/gateway.js';
import { makeTestFolder } from '../harness/test-folder.js';

const COMMAND = fileURLToPath(new URL('../../dist/bundle/main.js', import.meta.url));
const OLD = 'the old secret, of some length';
const NEW = 'the new secret, of some length';
const HOSTS = 450;

const server = ownDatabase();

beforeEach(async () => {
  await server.database.host.deleteMany();
  await server.database.sealingKey.deleteMany();
});

async function addSealed(count: number, sealer = new Sealer(OLD)): Promise<string[]> {
  const hosts = Array.from({ length: count }, () => newHostId());
  await server.database.host.createMany({
    data: hosts.map((id) => ({ id, name: id, endpoint: 'tcp://192.0.2.1:2376', credentials: sealer.seal({ of: id }, id), enabled: false })),
  });
  return hosts;
}

async function sealerOf(secret: string): Promise<Sealer> {
  const sealer = new Sealer(secret);
  sealer.learn(await readSealingKeys(server.database));
  return sealer;
}

async function expectAllOpenWith(sealer: Sealer): Promise<void> {
  const rows = await server.database.host.findMany();
  expect(rows.map(({ id, credentials }) => sealer.open(credentials ?? new Uint8Array(), id))).toEqual(rows.map(({ id }) => ({ of: id })));
}

async function run(environment: Record<string, string>, ...options: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [COMMAND, 'rotate-secret-key', ...options], { env: { PATH: process.env['PATH'], ...environment } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, output };
}

test('while a key is rotated, holders of either secret open what either has sealed; afterwards the old one opens nothing', async () => {
  await addSealed(HOSTS);
  const before = await sealerOf(OLD);
  const environment = { DATABASE_URL: server.url, STOWAGE_SECRET_KEY: OLD, STOWAGE_NEW_SECRET_KEY: NEW };
  expect(await run(environment)).toMatchObject({ code: 0, output: expect.stringContaining(`${String(HOSTS)} sealed again`) as string });
  // One that has run all the time seals once more with the old key.
  const [id = ''] = await addSealed(1, before);
  for (const secret of [OLD, NEW]) await expectAllOpenWith(await sealerOf(secret));
  expect(() => before.open(new Sealer(NEW).seal('x', id), id)).toThrow(/STOWAGE_SECRET_KEY/);
  before.learn(await readSealingKeys(server.database));
  expect(before.currentKeyId).toBe(new Sealer(NEW).ownKeyId);
  expect(before.fingerprint('x')).toEqual((await sealerOf(NEW)).fingerprint('x'));
  // The old one does not finish it.
  expect(await run({ DATABASE_URL: server.url, STOWAGE_SECRET_KEY: OLD }, '--finish')).toMatchObject({
    code: 1,
    output: expect.stringContaining('not the newest') as string,
  });
  expect(await run({ DATABASE_URL: server.url, STOWAGE_SECRET_KEY: NEW }, '--finish')).toMatchObject({
    code: 0,
    output: expect.stringContaining('1 sealed again') as string,
  });
  await expectAllOpenWith(await sealerOf(NEW));
  const old = await sealerOf(OLD);
  for (const row of await server.database.host.findMany()) expect(() => old.open(row.credentials ?? new Uint8Array(), row.id)).toThrow(/STOWAGE_SECRET_KEY/);
});

test('interrupted at any moment it has lost nothing, and goes on where it was', async () => {
  await addSealed(HOSTS);
  const environment = { DATABASE_URL: server.url, STOWAGE_SECRET_KEY: OLD, STOWAGE_NEW_SECRET_KEY: NEW };
  let left = 20;
  // Each stops after some more rows, as a killed one does.
  for (const stopAfter of [0, 1, 199, 200, 201]) {
    const sealer = await sealerOf(OLD);
    await introduceKey(server.database, sealer, NEW);
    let sealed = 0;
    const seal = sealer.seal.bind(sealer);
    sealer.seal = (value, context) => {
      if (sealed >= stopAfter) throw new Error('killed');
      sealed += 1;
      return seal(value, context);
    };
    await resealAll(server.database, sealer).catch(() => (left -= 1));
    for (const secret of [OLD, NEW]) await expectAllOpenWith(await sealerOf(secret));
  }
  expect(left).toBeLessThan(20);
  expect((await run(environment)).code).toBe(0);
  expect((await run({ DATABASE_URL: server.url, STOWAGE_SECRET_KEY: NEW }, '--finish')).code).toBe(0);
  await expectAllOpenWith(new Sealer(NEW));
});

test('a secret that is not the gateways’ is refused, and nothing is changed', async () => {
  await addSealed(3);
  const environment = { DATABASE_URL: server.url, STOWAGE_SECRET_KEY: 'a wrong secret, of some length', STOWAGE_NEW_SECRET_KEY: NEW };
  expect(await run(environment)).toMatchObject({ code: 1, output: expect.stringContaining('opens nothing of what is stored') as string });
  expect(await run({ ...environment, STOWAGE_SECRET_KEY: OLD, STOWAGE_NEW_SECRET_KEY: 'short' })).toMatchObject({
    code: 3,
    output: expect.stringContaining('STOWAGE_NEW_SECRET_KEY') as string,
  });
  expect(await readSealingKeys(server.database)).toEqual([]);
  await expectAllOpenWith(new Sealer(OLD));
});

test('a gateway that runs meanwhile takes the new key up by itself, and one with its own file of the key is rotated in one step', async () => {
  const running = await startGateway({ environment: { DATABASE_URL: server.url, STOWAGE_SECRET_KEY: OLD } });
  try {
    await addHost(server.database, { id: newHostId(), name: 'some', endpoint: 'tcp://192.0.2.1:2376', labels: {}, credentials: null }, 'test');
    expect((await run({ DATABASE_URL: server.url, STOWAGE_SECRET_KEY: OLD, STOWAGE_NEW_SECRET_KEY: NEW })).code).toBe(0);
    expect(running.output()).toContain('another key seals from now on');
  } finally {
    await running.stop();
  }
  await server.database.host.deleteMany();
  await server.database.sealingKey.deleteMany();
  const folder = await makeTestFolder('secret-key');
  try {
    const dataDir = path.join(folder, 'data');
    const filed = await startGateway({ dataDir, environment: { DATABASE_URL: server.url } });
    await filed.stop({ keepData: true });
    // It may have found an engine of this machine.
    await server.database.host.deleteMany();
    const before = (await readFile(path.join(dataDir, 'secret-key'), 'utf8')).trim();
    await addSealed(3, new Sealer(before));
    expect(await run({ DATABASE_URL: server.url, STOWAGE_DATA_DIR: dataDir })).toMatchObject({ code: 0 });
    const after = (await readFile(path.join(dataDir, 'secret-key'), 'utf8')).trim();
    expect(after).not.toBe(before);
    await expectAllOpenWith(new Sealer(after));
  } finally {
    await rm(folder, { recursive: true });
  }
});
