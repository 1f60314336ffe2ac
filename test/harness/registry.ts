import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import type { TestEngine } from './test-engine.js';

/** What becomes of a pull, by the first part of the repository's name. */
export type RegistryBehaviour =
  /** It is given. */
  | 'whole'
  /** The connection is cut in the middle of the layer. */
  | 'cut'
  /** The layer is another one than the manifest says. */
  | 'forged'
  /** It asks for a user and a password. */
  | 'private'
  /** Nothing is answered. */
  | 'hanging';

/**
 * A registry of images (https://github.com/opencontainers/distribution-spec) on 127.0.0.1, which engines take without TLS. It
 * has one image under any name. Only for engines that run as processes.
 */
export interface TestRegistry {
  /** Name of the image there, for pulling. */
  image(behaviour: RegistryBehaviour, name?: string): string;
  /** Requests that are under way and not answered. */
  waiting(): number;
  stop(): Promise<void>;
}

const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/** Bytes of the file that makes the layer another one than all that engines have. */
const EXTRA_BYTES = 1_000_000;

interface Blob {
  readonly digest: string;
  readonly content: Buffer;
}

/** Starts a registry that has an image of an engine. */
export async function startRegistry(engine: TestEngine, image: string): Promise<TestRegistry> {
  const { config, layer } = await exported(engine, image);
  const manifest = blob(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST_TYPE,
        config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: config.content.length, digest: config.digest },
        layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: layer.content.length, digest: layer.digest }],
      }),
    ),
  );
  const waiting = new Set<http.ServerResponse>();
  const server = http.createServer((request, response) => {
    const [, behaviour, kind, reference = ''] = /^\/v2\/(\w+)\/.*?(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? [];
    if (behaviour === 'hanging') {
      waiting.add(response);
      response.once('close', () => waiting.delete(response));
      return;
    }
    if (behaviour === 'private') {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"', 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }));
      return;
    }
    if (kind === undefined) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{}');
      return;
    }
    const found = kind === 'manifests' ? manifest : [config, layer].find(({ digest }) => digest === reference);
    if (found === undefined) {
      response.writeHead(404);
      response.end();
      return;
    }
    const content = found === layer && behaviour === 'forged' ? Buffer.from(layer.content).fill(0, 100, 200) : found.content;
    response.writeHead(200, {
      'content-type': kind === 'manifests' ? MANIFEST_TYPE : 'application/octet-stream',
      'content-length': content.length,
      'docker-content-digest': found.digest,
    });
    if (request.method === 'HEAD') response.end();
    else if (found === layer && behaviour === 'cut') response.write(content.subarray(0, content.length / 2), () => response.destroy());
    else response.end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    image: (behaviour, name = 'image') => `127.0.0.1:${String(port)}/${behaviour}/${name}:1`,
    waiting: () => waiting.size,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function blob(content: Buffer): Blob {
  return { digest: `sha256:${createHash('sha256').update(content).digest('hex')}`, content };
}

/**
 * Configuration and layer of an image of one layer, as `docker save` gives them, with a file more in it: an engine that has a
 * layer already does not fetch it.
 */
async function exported(engine: TestEngine, image: string): Promise<{ config: Blob; layer: Blob }> {
  const saved = new Map((await entriesOf(await engine.docker.getImage(image).get())).map(({ header, content }) => [header.name, content]));
  const file = (name: string | undefined): Buffer => {
    const content = saved.get(name ?? '');
    if (content === undefined) throw new Error(`${image} was saved without ${String(name)}`);
    return content;
  };
  const [described] = JSON.parse(file('manifest.json').toString()) as { Config: string; Layers: string[] }[];
  const pack = tar.pack();
  for (const { header, content } of await entriesOf(Readable.from([file(described?.Layers[0])]))) pack.entry(header, content);
  // Nothing compresses it, so that the connection can be cut in its middle.
  pack.entry({ name: 'fetched' }, randomBytes(EXTRA_BYTES));
  pack.finalize();
  const parts: Buffer[] = [];
  for await (const part of pack) parts.push(part as Buffer);
  const layer = Buffer.concat(parts);
  const config = JSON.parse(file(described?.Config).toString()) as Record<string, unknown>;
  return { config: blob(Buffer.from(JSON.stringify({ ...config, rootfs: { type: 'layers', diff_ids: [blob(layer).digest] } }))), layer: blob(gzipSync(layer)) };
}

async function entriesOf(archive: NodeJS.ReadableStream): Promise<{ header: tar.Header; content: Buffer }[]> {
  const entries: { header: tar.Header; content: Buffer }[] = [];
  for await (const entry of archive.pipe(tar.extract())) {
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    entries.push({ header: entry.header, content: Buffer.concat(parts) });
  }
  return entries;
}
