import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type GraphQLError, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { WebSocket, WebSocketServer } from 'ws';
import { noteForbidden } from '../access/audit.js';
import type { WebSettings } from '../config.js';
import type { Services } from '../graphql/context.js';
import { makeContext } from '../graphql/context.js';
import { codesOf, formatError } from '../graphql/errors.js';
import { asGraphqlError, type Broadcast } from '../graphql/live/broadcast.js';
import type { Subscription, SubscriptionDocuments } from '../graphql/live/subscription-documents.js';
import { badInput, Problem } from '../problems.js';
import type { DocumentTurns } from './document-turns.js';
import { requireShallowJson } from './json-nesting.js';
import type { Admission, LiveConnection, LiveConnections } from './live-connections.js';
import type { RequestRate } from './request-rate.js';
import { sessionCookie } from './session-routes.js';
import type { SignIn } from './sign-in.js';
import { requestIdOf } from './request-id.js';
import { SubscriptionLine } from './request-line.js';
import { SocketOutlet, type WritableConnection } from './socket-outlet.js';
import { UnsignedConnections } from './unsigned-connections.js';
import { auditedCheck, requireOwnOrigin, requireWelcome } from './web-guard.js';
import type { WebSessions } from './web-session.js';

/** Milliseconds between pings, unless told otherwise. */
const PING_INTERVAL_MS = 12_000;
/** Milliseconds in which a client must answer a close before it is cut off. */
const CLOSE_LIMIT_MS = 2_000;
/** The same for one that reads slowly: the close comes behind what waits for it, which is bounded. */
const SLOW_CLOSE_LIMIT_MS = 15_000;
/** The same for one that has sent too much before it signed in, of which nothing more is read. */
const UNSIGNED_CLOSE_LIMIT_MS = 500;
/** WebSockets that have not signed in yet; beyond that, those of an address that has many of them are to try again. */
const MAX_UNSIGNED = 2_000;
/** Bytes that one of them may send until it has: a token and the protocol's words, and no part of a message of megabytes. */
const MAX_UNSIGNED_BYTES = 65_536;
/** Characters of a subscription's id: it stands in each message to it, and room for it in each that is made for its group. */
const MAX_ID_LENGTH = 256;
/** Milliseconds over which clients are asked to spread their return after the gateway has stopped. */
const RETURN_SPREAD_MS = 5_000;

// Close codes. graphql-ws's client and those built on it try again after all of these but 4400 and 4409.
/** RFC 6455, section 7.4.1: a message that is too large. */
const MESSAGE_TOO_BIG = 1009;
/** RFC 6455: the gateway goes away. */
const GOING_AWAY = 1001;
/** IANA's registry: welcome, but not now. */
const TRY_AGAIN_LATER = 1013;
/** Subscriptions of one connection that may wait to be read: several times those that it may have open. */
const MAX_WAITING = 500;
/** graphql-transport-ws: a message that it does not have. */
const BAD_REQUEST = 4400;
/** graphql-transport-ws: the id is that of a subscription which has not ended yet. */
const ALREADY_EXISTS = 4409;
/** graphql-transport-ws: the token is not valid, or not any more. */
const FORBIDDEN = 4403;
/** Of this gateway: the client reads more slowly than events come. */
const TOO_SLOW = 4413;

/** What requests over WebSocket are answered with. */
export interface WebSocketOptions {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly documents: SubscriptionDocuments;
  readonly documentTurns: DocumentTurns;
  readonly broadcast: Broadcast;
  readonly connections: LiveConnections;
  readonly signIn: SignIn;
  readonly sessions: WebSessions;
  readonly rate: RequestRate;
  readonly web: WebSettings;
  /** Network address that a request came from. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly log: Logger;
  /** Milliseconds between pings; a client that has not answered by the next one is cut off. */
  readonly pingIntervalMs?: number;
  /** Connections that may have not signed in yet. */
  readonly mostUnsigned?: number;
}

/** What is kept of one connection. */
interface Extra extends Record<PropertyKey, unknown> {
  readonly connection: SocketConnection;
  /** The request that the connection began with. */
  readonly request: Pick<IncomingMessage, 'headers'>;
  readonly address: string;
}

/** What graphql-ws hands back to its `subscribe`: what is to run, as the context of the execution. */
interface Prepared {
  readonly subscription: Subscription;
  readonly connection: SocketConnection;
  readonly id: string;
  readonly address: string;
  readonly admission: Admission;
}

/** The listening part for WebSockets. */
export interface WebSockets {
  /** Closes all with 1001 and a time, in the reason, after which each should come back. */
  stop(): Promise<void>;
}

/**
 * Serves subscriptions over WebSocket at `/graphql` (graphql-transport-ws). Only subscriptions: Apollo's guards stand
 * before HTTP alone. The protocol is graphql-ws's; only the `next` messages of groups go past it, straight to the sockets
 * (graphql/live), since it has one execution, one text and several promises for each subscriber and event.
 */
export function serveWebSocket(http: Server, options: WebSocketOptions): WebSockets {
  const { services, documents, documentTurns, broadcast, connections, signIn, sessions, rate, log } = options;
  const { bodyBytes } = services.limits;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: bodyBytes,
    perMessageDeflate: false,
    handleProtocols,
    WebSocket: socketThatSays(bodyBytes),
  });
  const open = new Set<SocketConnection>();
  const { pingIntervalMs = PING_INTERVAL_MS, mostUnsigned = MAX_UNSIGNED } = options;
  const unsigned = new UnsignedConnections<SocketConnection>(mostUnsigned, (connection) => {
    connection.close(TRY_AGAIN_LATER, 'Too many connections from your address have not signed in yet', UNSIGNED_CLOSE_LIMIT_MS);
  });
  let isStopping = false;

  const protocol = makeServer<Record<string, unknown>, Extra>({
    schema: options.schema,
    onConnect: async ({ connectionParams, extra: { connection, request, address } }) => {
      const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
      const token = typeof given === 'string' ? given : undefined;
      const cookie = token === undefined && !options.web.loopbackOnly ? sessionCookie(request.headers, options.web.tls !== undefined) : undefined;
      try {
        if (cookie !== undefined) {
          auditedCheck(services.audit, address, () => {
            requireOwnOrigin(request.headers, options.web);
          });
        }
        const authorization = cookie === undefined ? token : sessions.authorizationOf(cookie);
        const caller = await services.control.whileUp(() =>
          cookie === undefined ? signIn.authenticate(token, address) : sessions.authenticate(authorization, address),
        );
        await rate.take(caller.id);
        if (!connection.isOpen) return false;
        connection.admission = connections.admit(authorization, caller, connection);
        connection.signIn();
        return true;
      } catch (error) {
        const { message, extensions } = formatError(error, log);
        log.info({ reason: message }, 'a WebSocket was refused');
        if (extensions?.['code'] === 'UNAVAILABLE' || extensions?.['code'] === 'INTERNAL') connection.close(TRY_AGAIN_LATER, 'Try again later');
        if (extensions?.['code'] === 'LIMIT_EXCEEDED') connection.close(TRY_AGAIN_LATER, message);
        return false;
      }
    },
    onSubscribe: async ({ extra: { connection, address } }, id, payload) => {
      const { admission } = connection;
      if (admission === undefined) return [asGraphqlError(new Problem('UNAUTHENTICATED', 'Not signed in.'))];
      const refuse = (code: number, words: string) => {
        connection.close(code, words);
        return [asGraphqlError(badInput(words))];
      };
      // What waits keeps its whole message.
      if (connection.waiting >= MAX_WAITING) return refuse(TRY_AGAIN_LATER, 'Too many subscriptions were asked for at once');
      connection.waiting += 1;
      let endOfTurn: (() => void) | undefined;
      try {
        // What the client has ended just before makes room first, and others have their turn between many.
        await nextTurn();
        await rate.take(admission.caller.id);
        // From here on nothing is waited for: an id that is free stays so.
        endOfTurn = await documentTurns.begin(admission.caller.id);
        if (!connection.isOpen) return [asGraphqlError(badInput('The connection has ended.'))];
        if (id.length > MAX_ID_LENGTH) return refuse(BAD_REQUEST, `Invalid message received: an id has at most ${String(MAX_ID_LENGTH)} characters.`);
        // graphql-ws takes an id as free from the client's `complete` on, when what it belonged to has not ended yet: it would
        // end the new one in its place, and lose hold of it.
        if (connection.holds(id)) return refuse(ALREADY_EXISTS, `Subscriber for ${id} already exists`);
        const subscription = documents.prepare(payload, 'WebSocket');
        if (Array.isArray(subscription)) return subscription as GraphQLError[];
        const prepared: Prepared = { subscription: subscription as Subscription, connection, id, admission, address };
        const release = admission.openSubscription(prepared.subscription.weight);
        const line = new SubscriptionLine(
          { requestId: connection.requestId, operation: prepared.subscription.operationName ?? null, caller: admission.caller.name, address },
          services.metrics,
          log,
        );
        connection.hold(id, { release, line });
        const { document, operationName } = prepared.subscription;
        return { schema: options.schema, document, operationName: operationName ?? null, contextValue: prepared };
      } catch (error) {
        noteForbidden(services.audit, error, admission.caller.name, address);
        return [asGraphqlError(error)];
      } finally {
        connection.waiting -= 1;
        endOfTurn?.();
      }
    },
    subscribe: async ({ contextValue }: ExecutionArgs): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> => {
      const { subscription, connection, id, admission, address } = contextValue as Prepared;
      const outlet = new SocketOutlet(connection, id, services.limits.waitingBytes);
      try {
        return await broadcast.subscribe(subscription, makeContext(services, admission.caller, { address, requestId: connection.requestId }), outlet);
      } catch (error) {
        connection.release(id);
        throw error;
      }
    },
    onComplete: ({ extra: { connection } }, id) => {
      connection.release(id);
    },
    onError: ({ extra: { connection, address } }, id, payload, errors) => {
      const shown = errors.map((error) => formatError(error, log, connection.requestId));
      connection.tellProblems(id, codesOf(shown), () => {
        const caller = connection.admission?.caller.name ?? null;
        return new SubscriptionLine({ requestId: connection.requestId, operation: payload.operationName ?? null, caller, address }, services.metrics, log);
      });
      return shown;
    },
    onNext: ({ extra: { connection } }, id, _payload, _args, result) => {
      if (result.errors === undefined) return undefined;
      const errors = result.errors.map((error) => formatError(error, log, connection.requestId));
      connection.tellProblems(id, codesOf(errors));
      return { data: result.data ?? null, errors };
    },
  });

  const accept = (webSocket: WebSocket, stream: Duplex, request: IncomingMessage) => {
    const limits = { pingIntervalMs, waitingBytes: services.limits.waitingBytes };
    const address = options.addressOf(request);
    const connection = new SocketConnection(webSocket, stream, requestIdOf(request.headers), limits, () => {
      unsigned.remove(address, connection);
    });
    unsigned.add(address, connection);
    open.add(connection);
    const closed = protocol.opened(
      {
        protocol: webSocket.protocol,
        send: (text) => connection.send(text),
        close: (code, reason) => {
          connection.close(code ?? GOING_AWAY, reason ?? '');
        },
        onMessage: (hear) => {
          webSocket.on('message', (data: Buffer) => {
            // One that is being closed is still read, for its answer to that.
            if (!connection.isOpen) return;
            const text = data.toString();
            try {
              requireShallowJson(text);
            } catch (error) {
              connection.close(BAD_REQUEST, `Invalid message received: ${(error as Error).message}`);
              return;
            }
            hear(text).catch((error: unknown) => {
              log.error({ err: error }, 'a message on a WebSocket was not handled');
              connection.close(TRY_AGAIN_LATER, 'Something went wrong inside the gateway');
            });
          });
        },
      },
      { connection, request: { headers: request.headers }, address },
    );
    // The close that follows is handled below; without a listener a broken frame would end the process.
    webSocket.on('error', (error) => {
      log.debug({ err: error }, 'a WebSocket failed');
    });
    webSocket.once('close', (code, reason) => {
      open.delete(connection);
      connection.ended();
      void closed(code, reason.toString());
    });
  };

  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Node takes its own listener away before this event: a client that resets the connection now would end the process.
    stream.on('error', () => stream.destroy());
    if (request.url?.split('?', 1)[0] !== '/graphql') {
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    try {
      auditedCheck(services.audit, options.addressOf(request), () => {
        requireWelcome(request.headers, options.web, false);
      });
    } catch {
      stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    if (isStopping || !unsigned.makeRoomFor(options.addressOf(request))) {
      stream.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (webSocket) => {
      accept(webSocket, stream, request);
    });
  });

  return {
    async stop() {
      isStopping = true;
      const ends = [...open].map((connection) => {
        const returnMs = Math.floor(Math.random() * RETURN_SPREAD_MS);
        return connection.end(GOING_AWAY, `The gateway stops. Come back in ${String(returnMs)} ms with your last cursor.`);
      });
      await Promise.all(ends);
      sockets.close();
    },
  };
}

/** A WebSocket that says why it closes for a message that is too large; such a message is not read, so that it has no other answer. */
function socketThatSays(limit: number): typeof WebSocket {
  return class extends WebSocket {
    override close(code?: number, data?: string | Buffer): void {
      super.close(
        code,
        code === MESSAGE_TOO_BIG && data === undefined ? `LIMIT_EXCEEDED: a message has at most ${String(limit)} bytes (STOWAGE_MAX_BODY_BYTES).` : data,
      );
    }
  };
}

/** What one subscription has. */
interface Place {
  readonly release: () => void;
  readonly line: SubscriptionLine;
}

/** One WebSocket. */
class SocketConnection implements LiveConnection, WritableConnection {
  admission: Admission | undefined;
  /** Subscriptions that were asked for and are still to be read. */
  waiting = 0;
  private nextPing: number;
  private answers = true;
  private isSigned = false;
  private unsignedBytes = 0;
  private cutOff: NodeJS.Timeout | undefined;
  private readonly places = new Map<string, Place>();

  constructor(
    private readonly webSocket: WebSocket,
    readonly stream: Duplex,
    /** Of the request that it began with. */
    readonly requestId: string,
    private readonly limits: { readonly pingIntervalMs: number; readonly waitingBytes: number },
    /** Called once, when it has signed in or ended before. */
    private readonly settled: () => void,
  ) {
    // Those who came together are not all pinged in one moment.
    this.nextPing = performance.now() + limits.pingIntervalMs * Math.random();
    stream.on('data', this.countUnsigned);
    webSocket.on('pong', () => {
      this.answers = true;
    });
  }

  get isOpen(): boolean {
    return this.webSocket.readyState === WebSocket.OPEN;
  }

  send(text: string): Promise<void> {
    // What answers to a client that sends and never reads is bounded like everything else.
    if (this.isOpen && this.stream.writableLength > this.limits.waitingBytes) this.endTooSlow();
    return new Promise((resolve) => {
      if (!this.isOpen) resolve();
      // A failed write is followed by the close of the socket.
      else
        this.webSocket.send(text, () => {
          resolve();
        });
    });
  }

  /** Whether a subscription of that id has not ended yet. */
  holds(id: string): boolean {
    return this.places.has(id);
  }

  /** Keeps what gives the place of a subscription free again. */
  hold(id: string, place: Place): void {
    this.places.set(id, place);
  }

  release(id: string): void {
    const place = this.places.get(id);
    if (place === undefined) return;
    this.places.delete(id);
    place.release();
    place.line.end();
  }

  /** Has the log tell of problems of a subscription; with `refused`, at once where it has not begun. */
  tellProblems(id: string, codes: readonly string[], refused?: () => SubscriptionLine): void {
    const held = this.places.get(id);
    const line = held?.line ?? refused?.();
    line?.note(codes);
    if (held === undefined) line?.end();
  }

  signIn(): void {
    if (this.isSigned) return;
    this.isSigned = true;
    this.stream.off('data', this.countUnsigned);
    this.settled();
  }

  private readonly countUnsigned = (chunk: Buffer): void => {
    this.unsignedBytes += chunk.length;
    if (this.unsignedBytes <= MAX_UNSIGNED_BYTES) return;
    this.stream.off('data', this.countUnsigned);
    this.close(MESSAGE_TOO_BIG, `LIMIT_EXCEEDED: sign in with at most ${String(MAX_UNSIGNED_BYTES)} bytes before anything else.`, UNSIGNED_CLOSE_LIMIT_MS);
    this.webSocket.pause();
  };

  close(code: number, reason: string, limitMs = CLOSE_LIMIT_MS): void {
    if (this.cutOff !== undefined || this.webSocket.readyState === WebSocket.CLOSED) return;
    this.webSocket.close(code, limitReason(reason));
    this.cutOff = setTimeout(() => {
      this.webSocket.terminate();
    }, limitMs);
  }

  /** Closes, and waits until it is closed. */
  end(code: number, reason: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.webSocket.readyState === WebSocket.CLOSED) {
        resolve();
        return;
      }
      this.webSocket.once('close', () => {
        resolve();
      });
      this.close(code, reason);
    });
  }

  endTooSlow(): void {
    this.close(TOO_SLOW, 'You read more slowly than events come. Come back with your last cursor.', SLOW_CLOSE_LIMIT_MS);
  }

  endForbidden(): void {
    this.close(FORBIDDEN, 'Forbidden');
  }

  round(now: number): void {
    if (now < this.nextPing || !this.isOpen) return;
    this.nextPing = now + this.limits.pingIntervalMs;
    if (!this.answers) {
      this.webSocket.terminate();
      return;
    }
    this.answers = false;
    this.webSocket.ping();
  }

  ended(): void {
    clearTimeout(this.cutOff);
    this.signIn();
    for (const id of [...this.places.keys()]) this.release(id);
    this.admission?.leave();
  }
}

/** A close frame has room for 123 bytes of reason (RFC 6455, 5.5). */
function limitReason(reason: string): string {
  return Buffer.from(reason)
    .subarray(0, 123)
    .toString()
    .replace(/\uFFFD+$/, '');
}
