import { rm } from 'node:fs/promises';
import path from 'node:path';
import { v7 as newId } from 'uuid';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { IMAGE, startEngines, type TestEngine } from '../harness/engines.js';
import { readJournal } from '../harness/events.js';
import { startFaultProxy, type FaultProxy } from '../harness/fault-proxy.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { finished, perform, readOperation, request, succeed } from '../harness/operations.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { inVolume } from '../harness/volume-trees.js';
import { eventually } from '../harness/wait.js';

// Containers that are paused or stopped for a copy, when more happens than the copy.

let server: TestDatabase;
let engines: TestEngine[];
let alpha: TestEngine;
let beta: TestEngine;
let proxy: FaultProxy;
let folder: string;
let gateway: TestGateway;

/** A copy of what {@link fill} makes takes some seconds. */
const SLOWLY = { STOWAGE_TRANSFER_BYTES_PER_SECOND: '10000000' };

beforeAll(async () => {
  server = await startDatabase();
  engines = await startEngines(['alpha', 'beta']);
  [alpha, beta] = engines as [TestEngine, TestEngine];
  proxy = await startFaultProxy({ target: alpha.socketPath });
  folder = await makeTestFolder('store');
  gateway = await start();
});

afterAll(async () => {
  await gateway.stop();
  await proxy.close();
  await Promise.all(engines.map((engine) => engine.stop()));
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  await proveNothingIsLeft();
});

afterEach(async () => {
  proxy.setMode('pass');
  await Promise.all(engines.map((engine) => engine.reset()));
});

async function start(further: Readonly<Record<string, string>> = {}): Promise<TestGateway> {
  const environment = { DATABASE_URL: server.url, STOWAGE_BACKUPS: `file://${path.join(folder, 'backups')}`, ...SLOWLY, ...further };
  const started = await startGateway({ hosts: { alpha: proxy.endpoint, beta: beta.endpoint }, environment });
  await hostsAre(started, 'ONLINE');
  return started;
}

/** A volume of 25 MB with a container that runs and may write it. Returns the container's id. */
async function fill(name: string): Promise<string> {
  await inVolume(alpha, name, 'dd if=/dev/urandom of=big bs=1M count=25 2>/dev/null');
  return (await alpha.cli('run', '-d', '--name', `of-${name}`, '--network', 'none', '-v', `${name}:/v`, IMAGE, 'sleep', '1000')).trim();
}

const backUp = (name: string, quiesce: string) => request(gateway, 'backupVolume', { volume: { host: 'alpha', name }, quiesce });
const cancel = (id: string) => gateway.query('mutation ($id: ID!) { cancelOperation(id: $id) { operation { id } } }', { id });
const stateOf = async (id: string) => (await alpha.cli('inspect', '-f', '{{.State.Status}}', id)).trim();
const isNow = (id: string, state: string) =>
  eventually(
    async () => {
      expect(await stateOf(id)).toBe(state);
    },
    { what: `the container is ${state}`, intervalMs: 20 },
  );
const areHeldBy = (count: number) =>
  eventually(
    async () => {
      expect(await server.database.containerHold.count({ where: { phase: 'HELD' } })).toBe(count);
    },
    { what: `${String(count)} operations hold a container`, intervalMs: 20 },
  );

describe('a container that two operations hold', () => {
  test.each([
    ['PAUSE', 'PAUSE', 'paused'],
    ['STOP', 'STOP', 'exited'],
    ['STOP', 'PAUSE', 'exited'],
  ])('with %s and %s is given back by the last of them', async (first, second, quiet) => {
    const writer = await fill('written');
    const one = await backUp('written', first);
    await isNow(writer, quiet);
    const other = await backUp('written', second);
    await areHeldBy(2);
    await cancel(one);
    expect(await finished(gateway, one)).toMatchObject({ state: 'CANCELED' });
    await areHeldBy(1);
    expect([await stateOf(writer), (await readOperation(gateway, other)).state]).toEqual([quiet, 'RUNNING']);
    expect(await finished(gateway, other)).toMatchObject({ state: 'SUCCEEDED', warnings: [], backup: { consistent: true } });
    expect(await stateOf(writer)).toBe('running');
    expect(await server.database.containerHold.count()).toBe(0);
  });

  test('paused is not stopped meanwhile', async () => {
    const writer = await fill('written');
    const one = await backUp('written', 'PAUSE');
    await isNow(writer, 'paused');
    expect(await perform(gateway, 'backupVolume', { volume: { host: 'alpha', name: 'written' }, quiesce: 'STOP' })).toMatchObject({
      state: 'FAILED',
      error: { code: 'CONFLICT' },
    });
    expect(await stateOf(writer)).toBe('paused');
    expect(await finished(gateway, one)).toMatchObject({ state: 'SUCCEEDED', backup: { consistent: true } });
    expect(await stateOf(writer)).toBe('running');
  });
});

test('an operation whose gateway has died gives its writers back while it waits for its turn', async () => {
  const writer = await fill('waiting');
  const id = await backUp('waiting', 'PAUSE');
  await isNow(writer, 'paused');
  await gateway.kill();
  await rm(path.dirname(gateway.dataDir), { recursive: true, force: true });
  // Another gateway's, as far as anybody can tell.
  const { id: hostId } = await server.database.host.findUniqueOrThrow({ where: { name: 'alpha' } });
  const { id: other } = await server.database.operation.create({
    data: { id: newId(), kind: 'BACKUP', requestedBy: 'test', state: 'RUNNING', sourceHostId: hostId, leaseUntil: new Date(Date.now() + 600_000) },
  });
  gateway = await start({ STOWAGE_OPERATIONS_PER_HOST: '1' });
  await isNow(writer, 'running');
  expect(await server.database.operation.findMany({ where: { state: 'RUNNING', sourceName: 'waiting' } })).toMatchObject([{ attempt: 1 }]);
  await server.database.operation.delete({ where: { id: other } });
  expect(await finished(gateway, id)).toMatchObject({ state: 'SUCCEEDED', backup: { consistent: true } });
  expect(await stateOf(writer)).toBe('running');
  await gateway.stop();
  gateway = await start();
}, 120_000);

test('a container that cannot be given back is told of, and given back when its host is there again', async () => {
  const writer = await fill('cut-off');
  const cursor = (await readJournal(gateway)).at(-1)?.cursor;
  const id = await backUp('cut-off', 'PAUSE');
  await areHeldBy(1);
  proxy.setMode('reset');
  const operation = await finished(gateway, id);
  expect(operation.state).toBe('FAILED');
  expect(operation.error?.message).toMatch(/Container "of-cut-off" on host alpha is still paused/);
  expect(await stateOf(writer)).toBe('paused');
  proxy.setMode('pass');
  await isNow(writer, 'running');
  await eventually(
    async () => {
      const { warnings } = await readOperation(gateway, id);
      expect(warnings).toEqual([expect.stringMatching(/^Container "of-cut-off" on host alpha was given back at /) as string]);
    },
    { what: 'its return is told' },
  );
  const { events } = await gateway.query<{ events: { nodes: { attributes: Record<string, unknown> }[] } }>(
    'query ($after: String) { events(after: $after, filter: { types: [OPERATION_CHANGED] }) { nodes { attributes } } }',
    { after: cursor },
  );
  expect(events.nodes.map(({ attributes }) => attributes)).toMatchObject([
    { state: 'QUEUED' },
    { state: 'RUNNING' },
    { notGivenBack: 'of-cut-off' },
    { state: 'FAILED' },
    { state: 'FAILED', givenBack: 'of-cut-off' },
  ]);
}, 90_000);

test('a host is not removed while an operation works with it, and is afterwards', async () => {
  const writer = await fill('staying');
  const REMOVE = 'mutation { removeHost(input: { name: "alpha" }) { removed } }';
  const id = await backUp('staying', 'PAUSE');
  await isNow(writer, 'paused');
  expect(await gateway.codeOf(REMOVE)).toBe('CONFLICT');
  expect(await stateOf(writer)).toBe('paused');
  await cancel(id);
  await finished(gateway, id);
  expect(await stateOf(writer)).toBe('running');
  expect(await gateway.query(REMOVE)).toEqual({ removeHost: { removed: true } });
  await gateway.query('mutation ($input: AddHostInput!) { addHost(input: $input) { host { status } } }', {
    input: { name: 'alpha', endpoint: proxy.endpoint },
  });
});

describe('a restore without overwrite', () => {
  test.each([
    ['has something written to it', false, 'CONFLICT'],
    ['a container mounts', true, 'VOLUME_IN_USE'],
  ])(
    'leaves a volume alone that %s while it is prepared',
    async (_what, stays, code) => {
      await inVolume(alpha, 'origin', 'dd if=/dev/urandom of=big bs=1M count=20 2>/dev/null');
      const { backup } = await succeed(gateway, 'backupVolume', { volume: { host: 'alpha', name: 'origin' } });
      await beta.cli('volume', 'create', 'empty');
      const id = await request(gateway, 'restoreVolume', { backup: backup?.id, host: 'beta', name: 'empty' });
      const volumes = async () => (await beta.cli('volume', 'ls', '-q')).trim().split('\n').sort();
      await eventually(
        async () => {
          expect(await volumes()).toHaveLength(2);
        },
        { what: 'what is to replace it is filled', intervalMs: 20 },
      );
      if (stays) await beta.cli('run', '-d', '--network', 'none', '-v', 'empty:/v', IMAGE, 'sh', '-c', 'echo mine >/v/mine; sleep 1000');
      else await inVolume(beta, 'empty', 'echo mine >mine');
      expect(await finished(gateway, id)).toMatchObject({ state: 'FAILED', target: null, error: { code } });
      expect(await volumes()).toEqual(['empty']);
      expect(await inVolume(beta, 'empty', 'cat mine')).toBe('mine\n');
    },
    90_000,
  );

  test('fills one that stays empty', async () => {
    await inVolume(alpha, 'origin', 'echo one >a');
    const { backup } = await succeed(gateway, 'backupVolume', { volume: { host: 'alpha', name: 'origin' } });
    await beta.cli('volume', 'create', 'empty');
    await succeed(gateway, 'restoreVolume', { backup: backup?.id, host: 'beta', name: 'empty' });
    expect(await inVolume(beta, 'empty', 'cat a')).toBe('one\n');
  });
});
