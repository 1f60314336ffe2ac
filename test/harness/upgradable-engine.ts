import http from 'node:http';
import path from 'node:path';
import { makeTestFolder } from './test-folder.js';
import { dismantle } from './traces.js';

/** What an engine says of itself. */
export interface EngineVersion {
  /** Its id and its machine's name; its own when undefined. */
  readonly identity?: { readonly ID: string; readonly Name: string };
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion: string;
  /** CreatedAt of every volume; engines of 24.0 and newer tell another one than older ones. The engine's own when undefined. */
  readonly volumesCreatedAt?: string;
}

/** A real engine that claims to have other versions, and refuses API versions as those do. */
export interface UpgradableEngine {
  /** `unix://` and the socket path. */
  readonly endpoint: string;
  /** Ends all connections and comes back with another version. */
  upgrade(version: EngineVersion): void;
  /** API versions of all requests since the last upgrade, each once. */
  askedVersions(): string[];
  close(): Promise<void>;
}

/** Starts a proxy before a real engine that says what `version` says. */
export async function startUpgradableEngine(socketPath: string, realApi: string, version: EngineVersion): Promise<UpgradableEngine> {
  const folder = await makeTestFolder('upgradable');
  const own = path.join(folder, 'engine.sock');
  let current = version;
  const asked = new Set<string>();
  const server = http.createServer((request, response) => {
    const [, given, rest = ''] = /^(?:\/v(\d+\.\d+))?(\/.*)$/.exec(request.url ?? '') ?? [];
    if (given !== undefined) asked.add(given);
    if (given !== undefined && (minor(given) > minor(current.ApiVersion) || minor(given) < minor(current.MinAPIVersion))) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: `client version ${given} is not supported: ${current.MinAPIVersion} to ${current.ApiVersion} are` }));
      return;
    }
    const rewrites = rest === '/version' || rest === '/info' || rest.startsWith('/volumes');
    const onward = http.request({ socketPath, method: request.method, path: given === undefined ? rest : `/v${realApi}${rest}`, headers: request.headers });
    onward.on('error', () => response.destroy());
    onward.on('response', (answer) => {
      if (!rewrites) {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
        response.flushHeaders();
        return;
      }
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const { 'content-length': _length, ...headers } = answer.headers;
        response.writeHead(answer.statusCode ?? 500, headers);
        response.end(rewrite(Buffer.concat(chunks).toString(), rest, current));
      });
    });
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(own, resolve));
  return {
    endpoint: `unix://${own}`,
    upgrade(next) {
      current = next;
      asked.clear();
      server.closeAllConnections();
    },
    askedVersions: () => [...asked],
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await dismantle(folder);
    },
  };
}

function rewrite(body: string, path: string, version: EngineVersion): string {
  if (body === '') return body;
  const { volumesCreatedAt, identity, ...told } = version;
  if (path === '/info') return JSON.stringify({ ...(JSON.parse(body) as object), ...identity });
  if (path === '/version') return JSON.stringify({ ...(JSON.parse(body) as object), ...told });
  return volumesCreatedAt === undefined ? body : body.replace(/"CreatedAt":"[^"]*"/g, `"CreatedAt":"${volumesCreatedAt}"`);
}

function minor(version: string): number {
  return Number(version.split('.')[1]);
}
