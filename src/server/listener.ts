import { readFile } from 'node:fs/promises';
import http, { IncomingMessage, type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import type { Limits, WebSettings } from '../config.js';
import { networkOf, Networks, parseNetwork } from '../networks.js';
import { Problem } from '../problems.js';

/** Milliseconds between looks at the files of certificate and key. */
const LOOK_INTERVAL_MS = 2_000;
/** Milliseconds in which the head of a request, and all of it, must come: who sends more slowly holds a connection for nothing. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Milliseconds that a connection is kept with nothing on it; longer than the 60 s of usual proxies, which would else use one that ends. */
const KEEP_ALIVE_MS = 72_000;
const TLS_HANDSHAKE_TIMEOUT_MS = 10_000;
/** Milliseconds between two words of an address that has too many connections. */
const TOLD_INTERVAL_MS = 60_000;
/** RFC 9325, 3.1.1: no version before is to be used. */
const MIN_TLS_VERSION = 'TLSv1.2';

/** Where a server listens, as a URL without a path. */
export function urlOf(scheme: 'http' | 'https', { address, port, family }: AddressInfo): string {
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${String(port)}`;
}

/** What is wrong with an address that cannot be listened on, by Node's codes. */
const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there. Stop it, or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not listen there. Choose a port from 1024 on',
  ENOTFOUND: 'there is no address of that name',
  EAI_AGAIN: 'there is no address of that name now',
};

/**
 * Waits until a server listens.
 * @param names of the settings for address and port
 * @throws {Problem} BAD_USER_INPUT that names them when it cannot.
 */
export async function listening(
  begin: Promise<unknown>,
  { bind, port }: { readonly bind: string; readonly port: number },
  names: readonly [string, string],
): Promise<void> {
  try {
    await begin;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const why = LISTEN_FAULTS[code] ?? message;
    throw new Problem('BAD_USER_INPUT', `${names.join(' and ')}: ${bind} port ${String(port)} cannot be listened on (${code}): ${why}.`, { cause: error });
  }
}

type TlsFiles = NonNullable<WebSettings['tls']>;

/** Certificate chain and key, in PEM. */
interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * A request of which Node takes for an upgrade only what asks for a WebSocket. Who offers another protocol (Java's own client that
 * of HTTP/2, in its first request) is to be answered in the one that it speaks (RFC 9110, 7.8); Node would have no answer sent.
 */
class UpgradableRequest extends IncomingMessage {
  /** What Node's parser says. It is set while the object is made, before its fields would be. */
  declare private asked: boolean | null;

  get upgrade(): boolean {
    return this.asked === true && (this.method === 'CONNECT' || this.headers.upgrade?.toLowerCase() === 'websocket');
  }

  set upgrade(asked: boolean | null) {
    this.asked = asked;
  }
}

/** What listens for HTTP, or HTTPS. */
export interface Listener {
  readonly server: Server;
  /** Ends what watches the files. The server is closed by who uses it. */
  stop(): Promise<void>;
}

/**
 * Makes the server. With TLS it takes up another certificate and key as soon as both files hold a pair; connections that are
 * there stay. A pair that cannot be used is logged, and the one before goes on.
 * @param makeHandler gives what answers requests, once.
 * @throws {Problem} BAD_USER_INPUT when the files cannot be used at the start.
 */
export async function makeListener(
  web: WebSettings,
  limits: Pick<Limits, 'sockets' | 'socketsOfAddress'>,
  log: Logger,
): Promise<(handler: RequestListener) => Listener> {
  const options = {
    IncomingMessage: UpgradableRequest,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const { tls } = web;
  const first = tls === undefined ? undefined : await readTlsPair(tls);
  return (handler) => {
    if (tls === undefined || first === undefined) {
      const server = http.createServer(options, handler);
      limitSockets(server, web, limits, log);
      return { server, stop: () => Promise.resolve() };
    }
    const server = https.createServer({ ...options, ...first, minVersion: MIN_TLS_VERSION, handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS }, handler);
    limitSockets(server, web, limits, log);
    const watch = watchFiles(tls, first, log, (pair) => {
      server.setSecureContext({ ...pair, minVersion: MIN_TLS_VERSION });
    });
    return { server, stop: watch };
  };
}

/**
 * Closes what comes beyond the limits at once: nobody at one address keeps everybody else out. What proxies bring is of many, and
 * counts against the limit for all only.
 */
function limitSockets(
  server: Server,
  { trustedProxies }: WebSettings,
  { sockets, socketsOfAddress }: Pick<Limits, 'sockets' | 'socketsOfAddress'>,
  log: Logger,
): void {
  server.maxConnections = sockets;
  const proxies = new Networks(trustedProxies.flatMap((text) => parseNetwork(text) ?? []));
  const open = new Map<string, number>();
  let toldAt = -Infinity;
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    if (proxies.has(remoteAddress)) return;
    const place = networkOf(remoteAddress);
    const own = open.get(place) ?? 0;
    if (own >= socketsOfAddress) {
      socket.destroy();
      const now = performance.now();
      if (now - toldAt < TOLD_INTERVAL_MS) return;
      toldAt = now;
      log.warn(
        { address: remoteAddress, connections: own },
        'an address has as many connections as it may (STOWAGE_MAX_SOCKETS_PER_ADDRESS): others of it are closed',
      );
      return;
    }
    open.set(place, own + 1);
    socket.once('close', () => {
      const left = (open.get(place) ?? 1) - 1;
      if (left === 0) open.delete(place);
      else open.set(place, left);
    });
  });
}

/** The pair that the files hold. @throws {Problem} BAD_USER_INPUT when they cannot be used. */
export async function readTlsPair(files: TlsFiles): Promise<TlsPair> {
  try {
    const pair = await readPair(files);
    createSecureContext(pair);
    return pair;
  } catch (error) {
    throw new Problem(
      'BAD_USER_INPUT',
      `STOWAGE_TLS_CERT ${files.certFile} and STOWAGE_TLS_KEY ${files.keyFile} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

async function readPair({ certFile, keyFile }: TlsFiles): Promise<TlsPair> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  return { cert, key };
}

/**
 * Looks at the content from time to time: what tells of changes to files knows nothing of those of a network file system,
 * and a secret of Kubernetes is changed by a link to another folder. Returns what ends it.
 */
function watchFiles(files: TlsFiles, first: TlsPair, log: Logger, take: (pair: TlsPair) => void): () => Promise<void> {
  let taken = first;
  let refused: TlsPair | undefined;
  let looking: Promise<void> | undefined;
  const same = (one: TlsPair | undefined, other: TlsPair) => one?.cert.equals(other.cert) === true && one.key.equals(other.key);
  const look = async () => {
    const pair = await readPair(files);
    if (same(taken, pair) || same(refused, pair)) return;
    try {
      take(pair);
      taken = pair;
      refused = undefined;
      log.info('another TLS certificate is used from now on');
    } catch (error) {
      // Both are seldom written at the same moment.
      refused = pair;
      log.warn({ err: error }, 'the files of certificate and key have changed and cannot be used together; the former ones stay in use');
    }
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => {
        log.warn({ err: error }, 'the files of certificate and key cannot be read; the former ones stay in use');
      })
      .finally(() => {
        looking = undefined;
      });
  }, LOOK_INTERVAL_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
