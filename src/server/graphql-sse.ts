import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ExecutionResult } from 'graphql';
import Negotiator from 'negotiator';
import type { Logger } from 'pino';
import { noteForbidden } from '../access/audit.js';
import type { Caller } from '../access/caller.js';
import { makeContext, type Services } from '../graphql/context.js';
import { codesOf, formatError } from '../graphql/errors.js';
import type { Answer, Batch, Outlet } from '../graphql/live/batch.js';
import { isRefusal, type Broadcast } from '../graphql/live/broadcast.js';
import type { SentSubscription, Subscription, SubscriptionDocuments } from '../graphql/live/subscription-documents.js';
import { badInput } from '../problems.js';
import type { DocumentTurns } from './document-turns.js';
import { requireShallowJson } from './json-nesting.js';
import type { Admission, LiveConnection, LiveConnections } from './live-connections.js';

/** Milliseconds between comments that keep proxies from ending a quiet stream. */
const COMMENT_INTERVAL_MS = 12_000;
/** Milliseconds over which clients are asked to spread their return after the gateway has ended their streams. */
const RETURN_SPREAD_MS = 5_000;
/** Milliseconds in which the last words must leave before the connection is cut off. */
const END_LIMIT_MS = 2_000;
/** The same for one that reads slowly: they come behind what waits for it, which is bounded. */
const SLOW_END_LIMIT_MS = 15_000;
const EVENT_STREAM = 'text/event-stream';
/** Types of answers that are no streams. */
const JSON_TYPES = ['application/json', 'application/graphql-response+json'];

/** What subscriptions over Server-Sent Events are answered with. */
export interface EventStreamOptions {
  readonly services: Services;
  readonly documents: SubscriptionDocuments;
  readonly documentTurns: DocumentTurns;
  readonly broadcast: Broadcast;
  readonly connections: LiveConnections;
  readonly log: Logger;
}

/** The part for event streams. */
export interface EventStreams {
  /** Ends all of them, each with a time after which it should come back. */
  stop(): void;
}

/**
 * Serves subscriptions as Server-Sent Events at `/graphql`, for clients behind proxies that break WebSockets: graphql-sse's
 * protocol, one connection for each subscription. Each event carries its cursor as its id; a client that sends the last one
 * back (Last-Event-ID) goes on from there, whatever `after` its document has. Call it before the routes are ready.
 */
export function serveEventStreams(app: FastifyInstance, options: EventStreamOptions, callerOf: (request: FastifyRequest) => Caller): EventStreams {
  const open = new Set<StreamConnection>();
  app.addHook('preHandler', async (request, reply) => {
    if (request.url.split('?', 1)[0] !== '/graphql' || !asksForEvents(request)) return;
    const caller = callerOf(request);
    const connection = new StreamConnection(reply.raw, options.services.limits.waitingBytes);
    // A limit is told in plain HTTP: nothing was streamed yet.
    const admission = options.connections.admit(request.admittedWith, caller, connection);
    reply.hijack();
    const { socket } = request.raw;
    // It may have gone while its token was looked up: then its 'close' was before.
    if (socket.destroyed) {
      admission.leave();
      return;
    }
    open.add(connection);
    let leave: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      leave = () => {
        open.delete(connection);
        admission.leave();
        resolve();
      };
    });
    reply.raw.once('close', leave);
    connection.begin(reply.getHeaders() as OutgoingHttpHeaders);
    await turnOf(reply.raw, socket, leave);
    if (open.has(connection)) await run(request, connection, admission, ended, options);
  });
  return {
    stop() {
      for (const connection of open) connection.endForRestart();
    },
  };
}

/**
 * Waits until an answer has its turn, where a client has sent several requests without waiting for answers (RFC 9112, 9.3.2). Until
 * then it has no socket: nothing leaves, and Node does not tell it that the client has gone.
 * @param gone called when the client goes before.
 */
function turnOf(response: ServerResponse, socket: Socket, gone: () => void): Promise<void> {
  if (response.socket !== null) return Promise.resolve();
  // As many may wait as the caller may have connections.
  socket.setMaxListeners(0);
  return new Promise((resolve) => {
    const leave = () => {
      gone();
      resolve();
    };
    socket.once('close', leave);
    response.once('socket', () => {
      socket.off('close', leave);
      resolve();
    });
  });
}

async function run(request: FastifyRequest, connection: StreamConnection, admission: Admission, ended: Promise<void>, options: EventStreamOptions) {
  const { services, documents, documentTurns, broadcast, log } = options;
  const refuse = (errors: readonly unknown[], result: ExecutionResult = {}) => {
    const shown = errors.map((error) => formatError(error, log, request.id));
    request.told = { ...request.told, problems: codesOf(shown) };
    connection.next(JSON.stringify({ ...result, errors: shown }));
  };
  try {
    const sent = sentSubscription(request);
    const prepared = await documentTurns.take(admission.caller.id, () => documents.prepare(sent, 'Server-Sent Events'));
    if (Array.isArray(prepared)) {
      refuse(prepared as readonly unknown[]);
      return;
    }
    const subscription = prepared as Subscription;
    request.told = { operation: { name: subscription.operationName, kind: 'subscription' }, problems: [] };
    admission.openSubscription(subscription.weight);
    const context = makeContext(services, admission.caller, { address: request.ip, lastCursor: lastEventId(request), requestId: request.id });
    const started = await broadcast.subscribe(subscription, context, connection);
    if (isRefusal(started)) {
      refuse(started.errors ?? [], started);
      return;
    }
    void ended.then(() => started.return());
    // Its answers go past it, straight to the connection.
    await started.next();
  } catch (error) {
    noteForbidden(services.audit, error, admission.caller.name, request.ip);
    refuse([error]);
  } finally {
    connection.complete();
  }
}

/** Clients of queries name event streams, too, behind JSON (urql does): what counts is what they would rather have. */
function asksForEvents({ method, headers }: FastifyRequest): boolean {
  if (method === 'HEAD' || headers.accept?.includes(EVENT_STREAM) !== true) return false;
  return new Negotiator({ headers }).mediaType([...JSON_TYPES, EVENT_STREAM]) === EVENT_STREAM;
}

function lastEventId({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** What a request asks for, from the body of a POST or the address of a GET. */
function sentSubscription(request: FastifyRequest): SentSubscription {
  if (request.method === 'GET') {
    const search = new URL(request.url, 'http://gateway').searchParams;
    return {
      query: search.get('query') ?? undefined,
      operationName: search.get('operationName'),
      variables: parseObject(search.get('variables'), 'variables'),
      extensions: parseObject(search.get('extensions'), 'extensions'),
    };
  }
  const { body } = request;
  if (!isObject(body)) throw badInput('Send a JSON object with the document as query.');
  const { query, operationName, variables, extensions } = body;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') throw badInput('operationName is not a text.');
  if (variables !== undefined && variables !== null && !isObject(variables)) throw badInput('variables is not an object.');
  return { query, operationName, variables, extensions };
}

function parseObject(text: string | null, name: string): Record<string, unknown> | undefined {
  if (text === null) return undefined;
  requireShallowJson(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isObject(value)) throw badInput(`${name} is not a JSON object.`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One event stream, with its one subscription. */
class StreamConnection implements LiveConnection, Outlet {
  private nextComment = performance.now() + COMMENT_INTERVAL_MS;

  constructor(
    private readonly response: ServerResponse,
    private readonly maxWaitingBytes: number,
  ) {}

  /** @param headers what every answer has. */
  begin(headers: OutgoingHttpHeaders): void {
    this.response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    // Something to read at once: some proxies hold back an answer without a body.
    this.response.write(':\n\n');
  }

  write(batch: Batch, from: number): void {
    if (this.isEnded) return;
    if (this.response.writableLength > this.maxWaitingBytes) {
      this.endTooSlow();
      return;
    }
    this.response.write(batch.once(`sse ${String(from)}`, () => Buffer.from(batch.answers.slice(from).map(writeEvent).join(''))));
    // Node holds it back until this turn of the event loop is over, in which more may be written: that would look as if it waited for the client.
    this.response.socket?.uncork();
  }

  get isDrained(): boolean {
    return this.response.writableLength === 0;
  }

  onceDrained(callback: () => void): void {
    // Called when all before it was handed to the kernel; 'drain' alone says nothing of what is less than a buffer.
    this.response.socket?.write('', () => {
      if (!this.isEnded) callback();
    });
  }

  /** Sends a result that has no cursor. */
  next(json: string): void {
    if (!this.isEnded) this.response.write(`event: next\ndata: ${json}\n\n`);
  }

  complete(): void {
    if (!this.isEnded) this.response.end('event: complete\ndata: \n\n');
  }

  endForRestart(): void {
    this.endUnfinished('the gateway stops', END_LIMIT_MS);
  }

  endForbidden(): void {
    this.endUnfinished('the token is not valid any more, or shows something else now', END_LIMIT_MS);
  }

  round(now: number): void {
    if (now < this.nextComment || this.isEnded) return;
    this.nextComment = now + COMMENT_INTERVAL_MS;
    if (this.response.writableLength > this.maxWaitingBytes) this.endTooSlow();
    else this.response.write(':\n\n');
  }

  private endTooSlow(): void {
    this.endUnfinished('you read more slowly than events come', SLOW_END_LIMIT_MS);
  }

  /** Ends the stream without completing the subscription, and says why: the client is to come back, not all in one moment. */
  private endUnfinished(why: string, limitMs: number): void {
    if (this.isEnded) return;
    const returnMs = Math.floor(Math.random() * RETURN_SPREAD_MS);
    this.response.end(`: ${why}; come back with your last id as Last-Event-ID\nretry: ${String(returnMs)}\n\n`);
    const cutOff = setTimeout(() => this.response.destroy(), limitMs);
    this.response.once('close', () => {
      clearTimeout(cutOff);
    });
  }

  private get isEnded(): boolean {
    return this.response.writableEnded || this.response.destroyed;
  }
}

function writeEvent({ cursor, json }: Answer): string {
  return `event: next\n${cursor === undefined ? '' : `id: ${cursor}\n`}data: ${json}\n\n`;
}
