import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupAddress } from 'node:dns';
import { connect as connectSocket, type LookupFunction, type OnReadOpts, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { inspect, types } from 'node:util';
import modemHttp from 'docker-modem/lib/http.js';
import Docker from 'dockerode';
import pLimit, { type LimitFunction } from 'p-limit';
import { maskWords } from '../masking.js';
import { Problem } from '../problems.js';
import { AddressGuard } from './address-guard.js';
import { askForArchive } from './archive-answer.js';
import { EngineClock } from './clock.js';
import type { Credentials, Endpoint } from './endpoint.js';
import type { HostKeyCheck } from './host-key.js';
import { inSpan } from '../tracing.js';
import { SshAgent } from './ssh-agent.js';

/** Sockets to one engine at once. The event stream holds one of them. */
const MAX_SOCKETS = 32;
/** Calls over ssh at once: with the event stream one less than OpenSSH's default MaxSessions of 10. */
const MAX_SSH_CALLS = 8;
/** Milliseconds that an unused socket is kept. */
const IDLE_SOCKET_MS = 5_000;
/** A larger answer is no inventory: 100,000 volumes are about 20 MB. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** Characters of the engine's own words that are shown to users. */
const MAX_SHOWN_WORDS = 500;

// An engine never redirects these calls; following one would send a request to an address nobody registered.
modemHttp.maxRedirects = 0;

/**
 * What the engine answered when it refused: `status` is the HTTP status, the message holds its words. The one place that
 * takes an engine's words: they may repeat a password of a mount, or what a registry or a plugin sent.
 */
export class EngineError extends Problem {
  /** The engine's own words on one line, without passwords, cut to a bounded length. */
  readonly words: string;

  constructor(
    readonly status: number,
    told: string,
  ) {
    const words = maskWords(told.replace(/\p{Cc}+/gu, ' ').trim()).slice(0, MAX_SHOWN_WORDS);
    super('ENGINE_ERROR', `The engine refused (HTTP ${String(status)}): ${words}`);
    this.words = words;
  }
}

/** What a connection is held to, whoever asks for it. */
export interface ConnectionRules {
  /** Addresses that it may lead to; what no engine is in, it never may. */
  readonly addresses?: AddressGuard;
  /** For ssh: the key by which the host is known. */
  readonly hostKey?: HostKeyCheck;
}

/** One request; `path` holds only checked names, encoded. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** A tar that is sent as it comes, in place of {@link body}; when it fails, so does the request. */
  readonly archive?: Readable | Buffer;
  /** Milliseconds until the whole answer must be there; undefined: the connection's own. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * The way to one engine through dockerode. Every call settles within its deadline: dockerode leaves its promise open
 * for ever when the connection is cut in the middle of an answer, so answers are always taken as streams and read here.
 */
export class EngineConnection {
  private readonly docker: Docker;
  private readonly agent: http.Agent;
  /** The agent alone would not do: it does not count sockets that are still being opened. */
  private readonly inTurn: LimitFunction;
  private readonly usesTls: boolean;
  private readonly addresses: AddressGuard;
  /** The addresses of the endpoint's host, looked up once: what was checked is what is connected to, at any time. */
  private pinned: readonly LookupAddress[] | undefined;
  private pinning: Promise<void> | undefined;
  /** Sockets that archives are read from. */
  private readonly archiveSockets = new Set<Socket>();
  private closed = false;
  /** Set by every answer. */
  readonly clock = new EngineClock();

  constructor(
    private readonly endpoint: Endpoint,
    private readonly credentials: Credentials,
    /** Milliseconds for one call in all when it names no deadline of its own. */
    private readonly timeoutMs: number,
    rules: ConnectionRules = {},
  ) {
    this.addresses = rules.addresses ?? new AddressGuard();
    this.agent = makeAgent(endpoint, credentials, this.lookup, rules.hostKey);
    this.usesTls = endpoint.kind === 'tcp' && credentials.tls !== undefined;
    this.inTurn = pLimit(endpoint.kind === 'ssh' ? MAX_SSH_CALLS : MAX_SOCKETS);
    // docker-modem describes every request in full for its debug log, written or not: an agent with all its sockets takes
    // longer than the request.
    Object.defineProperty(this.agent, inspect.custom, { value: () => 'Agent' });
    this.docker = new Docker(dockerOptions(endpoint, credentials, this.agent));
  }

  /** Path prefix of every later call, e.g. "1.41". Without one the engine takes its newest, which is only right for `/version`. */
  useApiVersion(version: string): void {
    // dockerode's types do not show the modem's fields.
    (this.docker.modem as { version?: string }).version = `v${version}`;
  }

  /** Ends every socket. Calls that are under way fail with HOST_UNREACHABLE. */
  close(): void {
    this.closed = true;
    this.agent.destroy();
    for (const socket of this.archiveSockets) socket.destroy();
  }

  /**
   * Sends a request and reads the JSON of the answer; undefined for an empty answer.
   * @throws {EngineError} when the engine answers with a status of 400 or more.
   * @throws {Problem} HOST_UNREACHABLE or HOST_TIMEOUT.
   */
  async json(request: EngineRequest): Promise<unknown> {
    return parseJson(await this.text(request));
  }

  /**
   * Sends a request and reads the answer, to be taken apart with {@link parseJson}.
   * @throws the same as {@link json}.
   */
  async text(request: EngineRequest): Promise<string> {
    const deadline = this.deadline(request);
    try {
      return await this.inTurn(async () => {
        const response = await this.dial(request, deadline.signal);
        const text = (await readBody(response, deadline.signal)).toString('utf8');
        refuseFailure(response.statusCode ?? 0, text);
        return text;
      });
    } catch (error) {
      throw this.explain(error, deadline, request);
    } finally {
      deadline.end();
    }
  }

  /**
   * Opens an answer that is read as it comes. The deadline covers the headers only; the caller ends the stream.
   * @throws the same as {@link json}.
   */
  async stream(request: EngineRequest): Promise<IncomingMessage> {
    const deadline = this.deadline(request);
    try {
      const response = await this.dial(request, deadline.signal);
      if ((response.statusCode ?? 0) >= 400) refuseFailure(response.statusCode ?? 0, (await readBody(response, deadline.signal)).toString('utf8'));
      // A cut or stalled stream is the reader's business from here on; without a listener it would end the process.
      response.on('error', () => undefined);
      return response;
    } catch (error) {
      throw this.explain(error, deadline, request);
    } finally {
      deadline.end();
    }
  }

  /**
   * Sends a tar as it comes and reads the answer. There is no deadline: how long it takes is up to the tar. The signal ends
   * one that stalls.
   * @throws the same as {@link json}; what the tar's stream failed with, when that is a Problem; the signal's reason likewise.
   */
  async upload(request: EngineRequest & { readonly archive: Readable | Buffer; readonly signal: AbortSignal }): Promise<string> {
    const { signal } = request;
    try {
      const response = await this.dial(request, signal);
      const text = (await readBody(response, signal)).toString('utf8');
      refuseFailure(response.statusCode ?? 0, text);
      return text;
    } catch (error) {
      const why: unknown = signal.reason;
      if (signal.aborted && why instanceof Problem) throw why;
      throw this.explain(error, undefined, request);
    }
  }

  /**
   * Opens a large answer, whose parts lie in memory that can be given back (`archive-memory.ts`). Else as {@link stream}. Over
   * ssh it is that: what comes through a channel lies in new memory anyway.
   * @throws the same as {@link json}.
   */
  async archive(request: EngineRequest): Promise<Readable> {
    const { endpoint } = this;
    if (endpoint.kind === 'ssh') return this.stream(request);
    const deadline = this.deadline(request);
    try {
      this.requireOpen();
      await this.pin(deadline.signal);
      const { version } = this.docker.modem as { version?: string };
      const path = `${version === undefined ? '' : `/${version}`}${request.path}?${new URLSearchParams(request.query).toString()}`;
      const sentAt = Date.now();
      const { status, date, body } = await this.asSpan(request, () =>
        askForArchive((onread) => this.connectForArchive(endpoint, onread), path, deadline.signal),
      );
      this.hearDate(date, sentAt);
      if (status >= 400) refuseFailure(status, (await readBody(body, deadline.signal)).toString('utf8'));
      return body;
    } catch (error) {
      throw this.explain(error, deadline, request);
    } finally {
      deadline.end();
    }
  }

  private connectForArchive(endpoint: Exclude<Endpoint, { kind: 'ssh' }>, onread: OnReadOpts): Socket {
    const { tls } = this.credentials;
    const { lookup } = this;
    const where = endpoint.kind === 'unix' ? { path: endpoint.socketPath } : { host: endpoint.host, port: endpoint.port, lookup };
    const socket = endpoint.kind === 'tcp' && tls !== undefined ? connectTls({ ...where, ...tls, ...{ onread } }) : connectSocket({ ...where, onread });
    this.archiveSockets.add(socket);
    socket.once('close', () => this.archiveSockets.delete(socket));
    return socket;
  }

  private hearDate(date: string | undefined, sentAt: number): void {
    const parsed = Date.parse(date ?? '');
    if (!Number.isNaN(parsed)) this.clock.hearDate(parsed, sentAt);
  }

  private requireOpen(): void {
    if (this.closed) throw new Problem('HOST_UNREACHABLE', 'The connection to this engine was closed.');
  }

  private deadline(request: EngineRequest): Deadline {
    return new Deadline(request.timeoutMs ?? this.timeoutMs, request.signal);
  }

  /** Given to whatever opens sockets, in place of the system's. Called for names only, after {@link pin}. */
  private readonly lookup: LookupFunction = (_name, options, callback) => {
    const [first] = this.pinned ?? [];
    if (this.pinned === undefined || first === undefined) callback(new Error('the host name was not looked up'), '', 4);
    else if (options.all === true) callback(null, [...this.pinned]);
    else callback(null, first.address, first.family);
  };

  /** Finds out, once, where the endpoint leads to. @throws {Problem} FORBIDDEN; what the lookup throws. */
  private async pin(signal: AbortSignal): Promise<void> {
    const { endpoint } = this;
    if (endpoint.kind === 'unix' || this.pinned !== undefined) return;
    this.pinning ??= this.addresses
      .resolve(endpoint.host)
      .then((found) => {
        this.pinned = found;
      })
      .finally(() => {
        this.pinning = undefined;
      });
    // The system's lookup cannot be ended.
    await unlessAborted(this.pinning, signal);
  }

  /** Sends a request; a span of the trace that it is in, until the answer begins. */
  private dial(request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage> {
    return this.asSpan(request, async (span) => {
      const response = await this.send(request, signal);
      span?.setAttribute('http.response.status_code', response.statusCode ?? 0);
      return response;
    });
  }

  private asSpan<T>({ method, path }: EngineRequest, work: Parameters<typeof inSpan<T>>[2]): Promise<T> {
    const attributes = { 'url.path': path, 'server.address': describe(this.endpoint) };
    return inSpan(`engine ${method} ${spanPath(path)}`, { kind: 'client', attributes }, work);
  }

  private async send(request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage> {
    this.requireOpen();
    await this.pin(signal);
    const sentAt = Date.now();
    return new Promise((resolve, reject) => {
      const fail = () => {
        reject(new DOMException('aborted', 'AbortError'));
      };
      if (signal.aborted) {
        fail();
        return;
      }
      // The modem settles nothing when an ssh handshake or a socket path never answers.
      signal.addEventListener('abort', fail, { once: true });
      this.docker.modem.dial(
        {
          path: Object.keys(request.query ?? {}).length === 0 ? request.path : `${request.path}?`,
          method: request.method,
          isStream: true,
          ...(request.archive === undefined ? {} : { file: request.archive }),
          statusCodes: ANY_STATUS,
          abortSignal: signal,
          options: { _query: request.query ?? {}, _body: request.body ?? {} },
        },
        (error: unknown, response: unknown) => {
          signal.removeEventListener('abort', fail);
          if (error !== null && error !== undefined) {
            reject(types.isNativeError(error) ? error : new Error('the call failed', { cause: error }));
            return;
          }
          const message = response as IncomingMessage;
          this.hearDate(message.headers.date, sentAt);
          resolve(message);
        },
      );
    });
  }

  private explain(error: unknown, deadline: Deadline | undefined, request: EngineRequest): Error {
    if (error instanceof Problem) return error;
    if (deadline?.expired === true) {
      return new Problem('HOST_TIMEOUT', `The engine did not answer in full within ${String(deadline.ms / 1000)} s.`, { cause: error });
    }
    const why = reason(error);
    const doubt = request.method !== 'GET' && why === CUT ? ' Whether it was done is not known.' : '';
    // With TLS 1.3 a client certificate is only refused after the handshake, and often by a cut before its alert is read.
    const hint = this.usesTls && why === CUT ? ' (an engine does so, too, when it refuses the TLS certificate of the client)' : '';
    return new Problem('HOST_UNREACHABLE', `The engine at ${describe(this.endpoint)} cannot be reached: ${why}${hint}.${doubt}`, { cause: error });
  }
}

/** Takes every status as an answer, so that the modem does not read error bodies itself (it may hang in that). */
const ANY_STATUS: Record<string, true> = new Proxy({}, { get: () => true });

/** A path with a star for the name or id in it, of which there are many. */
function spanPath(path: string): string {
  return path.replace(/^\/([^/]+)\/(?!(?:json|create|df)$)[^/]+/, '/$1/*');
}

/** One clock for a whole call. */
class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly outer: AbortSignal | undefined;
  expired = false;

  constructor(
    readonly ms: number,
    outer: AbortSignal | undefined,
  ) {
    this.outer = outer;
    this.timer = setTimeout(() => {
      this.expired = true;
      this.controller.abort();
    }, ms);
    if (outer?.aborted === true) this.controller.abort();
    outer?.addEventListener('abort', this.forward, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  end(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.forward);
  }

  private readonly forward = () => {
    this.controller.abort();
  };
}

/** @param lookup what names lead to. */
function makeAgent(endpoint: Endpoint, credentials: Credentials, lookup: LookupFunction, hostKey: HostKeyCheck | undefined): http.Agent {
  // Node's types leave out that an agent hands on what sockets are opened with.
  const options: http.AgentOptions & { readonly lookup: LookupFunction } = {
    ...{ keepAlive: true, maxSockets: MAX_SOCKETS, scheduling: 'lifo', timeout: IDLE_SOCKET_MS },
    lookup,
  };
  if (endpoint.kind === 'ssh') return new SshAgent(endpoint, credentials.ssh, lookup, hostKey);
  if (endpoint.kind === 'tcp' && credentials.tls !== undefined) return new https.Agent(options);
  return new http.Agent(options);
}

/** Every field is set, also to undefined: what is left out, dockerode fills from DOCKER_HOST and the default socket. */
function dockerOptions(endpoint: Endpoint, credentials: Credentials, agent: http.Agent): Docker.DockerOptions {
  const empty = { host: undefined, port: undefined, socketPath: undefined, ca: undefined, cert: undefined, key: undefined };
  const common = { ...empty, protocol: 'http', pathPrefix: '/', timeout: undefined, agent } as const;
  // dockerode's types are not written for exact optional properties, and undefined is what overrides its defaults.
  const asOptions = (options: object) => options as Docker.DockerOptions;
  switch (endpoint.kind) {
    case 'unix':
      return asOptions({ ...common, socketPath: endpoint.socketPath });
    case 'ssh':
      // Any host name will do: the agent's channels all end at the remote engine.
      return asOptions({ ...common, host: 'engine.invalid', port: 80 });
    case 'tcp':
      return asOptions({
        ...common,
        host: endpoint.host,
        port: endpoint.port,
        ...(credentials.tls === undefined ? {} : { ...credentials.tls, protocol: 'https' }),
      });
  }
}

/** Waits for something that nothing can end, no longer than the signal lets. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw new DOMException('aborted', 'AbortError');
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => {
      reject(new DOMException('aborted', 'AbortError'));
    };
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Reads a whole answer; rejects when it is cut, too large, or the signal aborts. */
async function readBody(response: Readable, signal: AbortSignal): Promise<Buffer> {
  const abort = () => {
    response.destroy(new DOMException('aborted', 'AbortError'));
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    // The iterator throws for a connection that is cut before the end of the body.
    for await (const chunk of response) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      if (size > MAX_ANSWER_BYTES) throw new Problem('ENGINE_ERROR', 'The engine answered with more than 256 MB.');
      chunks.push(bytes);
    }
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function refuseFailure(status: number, text: string): void {
  if (status >= 200 && status < 400) return;
  const body = tryParse(text);
  const words = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : text;
  throw new EngineError(status, words);
}

/** The value of an answer; undefined for an empty one. @throws {Problem} ENGINE_ERROR when it is no JSON. */
export function parseJson(text: string): unknown {
  if (text === '') return undefined;
  const value = tryParse(text);
  if (value === undefined) throw new Problem('ENGINE_ERROR', 'The engine answered with something that is not JSON.');
  return value;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? endpoint.socketPath : `${endpoint.host}:${String(endpoint.port)}`;
}

const CUT = 'the connection was cut';

/** Why a connection failed, in words for the user rather than in system codes. */
function reason(error: unknown): string {
  const { code, message } = types.isNativeError(error) ? (error as NodeJS.ErrnoException) : { code: undefined, message: String(error) };
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (connection refused)';
    case 'ENOENT':
      return 'there is no such socket';
    case 'EACCES':
      return 'the gateway may not open that socket (permission denied)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its host name is not known';
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'no answer from that address';
    case 'ECONNRESET':
    case 'EPIPE':
      return CUT;
    default:
      break;
  }
  if (/certificate|self[- ]signed|altname|issuer|tlsv?1|ssl/i.test(`${code ?? ''} ${message}`)) return `TLS failed (${message.split('\n')[0] ?? ''})`;
  if (message === 'aborted' || message.includes('socket hang up')) return CUT;
  return message.slice(0, 200);
}
