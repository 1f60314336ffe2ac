import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { copyWithLibraries } from './engine-image.js';
import { enginePrograms } from './engine-programs.js';
import type { TestEngine } from './test-engine.js';
import { makeTestFolder, temporaryRoot, TEST_PREFIX } from './test-folder.js';
import { eventually } from './wait.js';

/** Where every engine of a machine looks for volume plugins. */
const PLUGIN_FOLDER = '/run/docker/plugins';

/**
 * Removes the sockets of drivers whose run was killed: every engine of the machine asks them, and waits for them for 15
 * seconds, whenever it looks for a volume that is not there.
 */
export async function sweepStalePlugins(): Promise<void> {
  const sockets = await readdir(PLUGIN_FOLDER).catch(() => []);
  for (const socket of sockets.filter((name) => name.startsWith(TEST_PREFIX))) {
    if (!existsSync(path.join(temporaryRoot(), path.basename(socket, '.sock')))) await rm(path.join(PLUGIN_FOLDER, socket), { force: true });
  }
}

/** A volume driver that engines of this machine find under its name. */
export interface VolumePlugin {
  readonly name: string;
  /** Answers everything with an error, until {@link mend}. */
  breakDown(): void;
  /** Answers calls of one kind with an error, until {@link mend}. */
  fail(call: 'Remove'): void;
  /** Leaves calls of one kind unanswered, as a storage server does that hangs, until {@link mend}. */
  hang(call: 'Mount' | 'Remove'): void;
  mend(): void;
  stop(): Promise<void>;
}

/**
 * Starts a volume driver (plugin protocol 1). Its volumes are one and the same for all engines that ask. Only for engines
 * that run as processes.
 */
export async function startVolumePlugin(scope: 'local' | 'global'): Promise<VolumePlugin> {
  const folder = await makeTestFolder('plugin');
  const name = path.basename(folder);
  const socketPath = path.join(PLUGIN_FOLDER, `${name}.sock`);
  const driver = createDriver(scope, folder);
  await mkdir(PLUGIN_FOLDER, { recursive: true });
  await driver.listen(socketPath);
  return {
    name,
    breakDown: driver.breakDown,
    fail: driver.fail,
    hang: driver.hang,
    mend: driver.mend,
    async stop() {
      await driver.close();
      await rm(socketPath, { force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A volume driver that an engine runs itself (`docker plugin`). It is disabled at first. */
export interface ManagedPlugin {
  enable(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Makes a managed plugin of a program that does nothing: what it should answer at its socket is answered from outside. Only for
 * engines that run as processes.
 */
export async function createManagedPlugin(engine: TestEngine, name: string): Promise<ManagedPlugin> {
  const folder = await makeTestFolder('plugin');
  const bin = path.join(folder, 'rootfs/bin');
  await mkdir(bin, { recursive: true });
  await copyWithLibraries((await enginePrograms()).busybox, path.join(folder, 'rootfs'));
  const config = {
    description: 'A volume driver of the tests',
    documentation: '',
    // The first process of a container ends by a signal only if it says so.
    entrypoint: ['/bin/busybox', 'sh', '-c', 'trap "exit 0" TERM; /bin/busybox sleep 100000 & wait'],
    interface: { types: ['docker.volumedriver/1.0'], socket: 'driver.sock' },
    network: { type: 'host' },
    workdir: '/',
    env: [],
    mounts: [],
    args: { name: '', description: '', settable: null, value: [] },
    linux: { capabilities: [], devices: [], allowAllDevices: false },
  };
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
  await engine.cli('plugin', 'create', name, folder);
  const id = (await engine.cli('plugin', 'inspect', '--format', '{{.Id}}', name)).trim();
  const sockets = path.join(PLUGIN_FOLDER, id);
  const driver = createDriver('local', folder);
  return {
    async enable() {
      // The engine makes the folder of the socket, and then waits for that.
      const enabling = engine.cli('plugin', 'enable', name);
      await eventually(() => driver.listen(path.join(sockets, 'driver.sock')), { what: `the engine starts ${name}` });
      await enabling;
    },
    async remove() {
      await engine.cli('plugin', 'rm', '--force', name);
      await driver.close();
      await rm(sockets, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Driver extends Pick<VolumePlugin, 'breakDown' | 'fail' | 'hang' | 'mend'> {
  listen(socketPath: string): Promise<void>;
  close(): Promise<void>;
}

/** What answers for a driver all of whose volumes are one folder. */
function createDriver(scope: 'local' | 'global', folder: string): Driver {
  const volumes = new Set<string>();
  let broken = false;
  let failing: string | undefined;
  let hanging: string | undefined;
  const unanswered = new Set<() => void>();
  const describe = (volume: string) => ({ Name: volume, Mountpoint: folder, Status: {} });
  const answers: Record<string, (volume: string) => object> = {
    '/Plugin.Activate': () => ({ Implements: ['VolumeDriver'] }),
    '/VolumeDriver.Capabilities': () => ({ Capabilities: { Scope: scope } }),
    '/VolumeDriver.Create': (volume) => {
      volumes.add(volume);
      return {};
    },
    '/VolumeDriver.Remove': (volume) => {
      volumes.delete(volume);
      return {};
    },
    '/VolumeDriver.Get': (volume) => (volumes.has(volume) ? { Volume: describe(volume) } : { Err: 'no such volume' }),
    '/VolumeDriver.List': () => ({ Volumes: [...volumes].map(describe) }),
    '/VolumeDriver.Path': () => ({ Mountpoint: folder }),
    '/VolumeDriver.Mount': () => ({ Mountpoint: folder }),
    '/VolumeDriver.Unmount': () => ({}),
  };
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    const answerNow = () => {
      const volume = body === '' ? '' : ((JSON.parse(body) as { Name?: string } | null)?.Name ?? '');
      const isRefused = broken || request.url === `/VolumeDriver.${failing ?? ''}`;
      const answer = isRefused ? { Err: 'the storage behind this driver is away' } : answers[request.url ?? '']?.(volume);
      response.writeHead(200, { 'content-type': 'application/vnd.docker.plugins.v1.1+json' });
      response.end(JSON.stringify(answer ?? { Err: 'not known' }));
    };
    request.on('end', () => {
      if (hanging !== undefined && request.url === `/VolumeDriver.${hanging}`) unanswered.add(answerNow);
      else answerNow();
    });
  });
  return {
    breakDown() {
      broken = true;
    },
    fail(call) {
      failing = call;
    },
    hang(call) {
      hanging = call;
    },
    mend() {
      broken = false;
      failing = undefined;
      hanging = undefined;
      for (const answer of unanswered) answer();
      unanswered.clear();
    },
    async listen(socketPath) {
      server.listen(socketPath);
      await once(server, 'listening');
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
