import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { makeTestFolder, temporaryRoot, TEST_PREFIX } from './test-folder.js';

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
  /** Leaves every mount unanswered, as a storage server does that hangs, until {@link mend}. */
  hang(): void;
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
  const volumes = new Set<string>();
  let broken = false;
  let hanging = false;
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
      const answer = broken ? { Err: 'the storage behind this driver is away' } : answers[request.url ?? '']?.(volume);
      response.writeHead(200, { 'content-type': 'application/vnd.docker.plugins.v1.1+json' });
      response.end(JSON.stringify(answer ?? { Err: 'not known' }));
    };
    request.on('end', () => {
      if (hanging && request.url === '/VolumeDriver.Mount') unanswered.add(answerNow);
      else answerNow();
    });
  });
  await mkdir(PLUGIN_FOLDER, { recursive: true });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    name,
    breakDown() {
      broken = true;
    },
    hang() {
      hanging = true;
    },
    mend() {
      broken = false;
      hanging = false;
      for (const answer of unanswered) answer();
      unanswered.clear();
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await rm(socketPath, { force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
