import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import { layOutCluster } from './cluster-template.js';
import { makeTestFolder, temporaryRoot } from './test-folder.js';

const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));
/** How users start the built gateway, without the `node` in front. `npm test` builds it first. */
const START = (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } }).scripts.start.split(' ').slice(1);
/** The same with the program's whole path, since tests have other working directories. */
const START_ARGUMENTS = START.map((word) => (word.endsWith('.js') ? path.join(path.dirname(PACKAGE), word) : word));
/** Milliseconds until a gateway must listen, its own PostgreSQL included. */
const START_LIMIT_MS = 60_000;

/** Secret of the ADMIN token of every test gateway. */
export const TEST_SECRET = 'test-secret-of-every-test-gateway';

/** How a gateway is started. */
export interface GatewayOptions {
  /** Folder of its data; a new one that goes with the gateway when undefined. */
  readonly dataDir?: string;
  /** Hosts by name, as STOWAGE_HOSTS takes them. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Further environment variables; undefined takes one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The Node.js that runs it; the one that runs this when undefined. */
  readonly node?: string;
}

/** An answer over HTTP. */
export interface Answer<Data> {
  readonly status: number;
  readonly data: Data;
  readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string } }[] | undefined;
}

/** A gateway in a process of its own. */
export interface TestGateway {
  readonly url: string;
  readonly process: ChildProcess;
  readonly dataDir: string;
  /** All that it printed so far. */
  output(): string;
  /** Sends a document; throws unless it was answered without errors. */
  query<Data>(document: string, variables?: Record<string, unknown>): Promise<Data>;
  /** Sends a document and gives the whole answer. */
  send<Data>(document: string, variables?: Record<string, unknown>): Promise<Answer<Data>>;
  /** Code of the first error; throws when there is none. */
  codeOf(document: string, variables?: Record<string, unknown>): Promise<string>;
  /** A WebSocket client that does not reconnect by itself; disposed of when the gateway is stopped. */
  client(): Client;
  /** SIGTERM, and the exit code. Removes the data folder if it was made here, unless told to keep it. */
  stop(options?: { keepData: boolean }): Promise<number | null>;
  /** SIGKILL: nothing is tidied up. */
  kill(): Promise<void>;
}

/**
 * Starts a gateway on a free port.
 * @throws {Error} with its output when it does not get ready.
 */
export async function startGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const dataDir = options.dataDir ?? path.join(await makeTestFolder('gateway'), 'data');
  // What a first start does is proved where folders are given.
  if (options.dataDir === undefined && options.environment?.['DATABASE_URL'] === undefined) await layOutCluster(dataDir);
  const hosts = Object.entries(options.hosts ?? {}).map(([name, endpoint]) => `${name}=${endpoint}`);
  const environment = {
    PATH: process.env['PATH'],
    // No engine, context or key of the user who runs the tests.
    HOME: path.dirname(dataDir),
    STOWAGE_DATA_DIR: dataDir,
    STOWAGE_PORT: '0',
    STOWAGE_ADMIN_TOKEN: TEST_SECRET,
    // Tests add and remove engines by their sockets as they need them.
    STOWAGE_ALLOWED_SOCKETS: temporaryRoot(),
    STOWAGE_HOSTS: hosts.length === 0 ? undefined : hosts.join(','),
    ...options.environment,
  };
  const child = spawn(options.node ?? process.execPath, START_ARGUMENTS, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const removeFolder = async () => {
    if (options.dataDir === undefined) await rm(path.dirname(dataDir), { recursive: true, force: true });
  };
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => {
      reject(new Error(`The gateway ${why}:\n${output}`));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('did not get ready');
    }, START_LIMIT_MS);
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      const found = /ready at (https?:\/\/\S+)\/graphql/.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with code ${String(code)}`);
    });
  }).catch(async (error: unknown) => {
    await removeFolder();
    throw error;
  });
  const clients: Client[] = [];
  const send = async <Data>(document: string, variables?: Record<string, unknown>): Promise<Answer<Data>> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TEST_SECRET}` },
      body: JSON.stringify({ query: document, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Data; errors?: Answer<Data>['errors'] };
    return { status: response.status, data, errors };
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    for (const client of clients.splice(0)) await client.dispose();
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  };
  return {
    url,
    process: child,
    dataDir,
    output: () => output,
    send,
    async query<Data>(document: string, variables?: Record<string, unknown>) {
      const answer = await send<Data>(document, variables);
      if (answer.errors !== undefined) throw new Error(`${document}\n${JSON.stringify(answer.errors)}`);
      return answer.data;
    },
    async codeOf(document, variables) {
      const { errors, data } = await send(document, variables);
      const code = errors?.[0]?.extensions.code;
      if (code === undefined) throw new Error(`${document}\nwas expected to fail and answered ${JSON.stringify(data)}`);
      return code;
    },
    client() {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${TEST_SECRET}` },
        retryAttempts: 0,
        lazy: true,
      });
      clients.push(client);
      return client;
    },
    async stop(stopping = { keepData: options.dataDir !== undefined }) {
      const code = await end('SIGTERM');
      if (!stopping.keepData) await rm(path.dirname(dataDir), { recursive: true, force: true });
      return code;
    },
    async kill() {
      await end('SIGKILL');
    },
  };
}
