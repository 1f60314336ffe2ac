import 'reflect-metadata';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import WebSocket from 'ws';
import type { Caller } from '../../src/access/caller.js';
import type { Authenticator } from '../../src/access/authenticator.js';
import { closeDatabase, openDatabase, type Database } from '../../src/database/client.js';
import { makeContext, type RequestContext, type Services } from '../../src/graphql/context.js';
import { CostLimit } from '../../src/graphql/limits.js';
import type { Outlet } from '../../src/graphql/live/batch.js';
import { Broadcast, isRefusal } from '../../src/graphql/live/broadcast.js';
import { SubscriptionDocuments, type Subscription } from '../../src/graphql/live/subscription-documents.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { Problem } from '../../src/problems.js';
import { serveWebSocket } from '../../src/server/graphql-websocket.js';
import { DocumentTurns } from '../../src/server/document-turns.js';
import { LiveConnections } from '../../src/server/live-connections.js';
import { RequestRate } from '../../src/server/request-rate.js';
import { SharedCounters } from '../../src/server/shared-counters.js';
import { SignIn } from '../../src/server/sign-in.js';
import { WebSessions } from '../../src/server/web-session.js';
import { readSettings } from '../../src/config.js';
import { silent, startDatabase } from './database.js';
import { servicesFor } from './services.js';

/** The one token of a {@link LiveStand}. */
export const LIVE_TOKEN = 'Bearer of a live stand';
/** Bytes that may wait for one of its connections. */
export const WAITING_BYTES = 50_000;
const CALLER: Caller = { id: 'live', name: 'live', role: 'ADMIN', hosts: null };

/** The part of a gateway that serves subscriptions, in this process, on a PostgreSQL of its own. */
export interface LiveStand {
  readonly url: string;
  readonly databaseUrl: string;
  readonly database: Database;
  readonly services: Services;
  /** Texts of all SQL statements that the gateway's part has sent, with the values of those that read for answers behind them. */
  readonly statements: string[];
  /** Subscribes past every transport. @throws {Error} when it is refused. */
  subscribe(
    query: string,
    variables: Record<string, unknown>,
    outlet: Outlet,
    callerId?: string,
  ): Promise<{ readonly end: () => void; readonly ended: Promise<unknown> }>;
  stop(): Promise<void>;
}

const authenticator: Authenticator = {
  authenticate: (authorization) =>
    authorization === LIVE_TOKEN ? Promise.resolve(CALLER) : Promise.reject(new Problem('UNAUTHENTICATED', 'This token is not valid (any more).')),
  onChange: () => undefined,
  stop: () => Promise.resolve(),
};

/** @param prepare what is in the journal before the gateway's part is started. */
export async function startLiveStand(pingIntervalMs: number, prepare?: (database: Database) => Promise<void>, mostUnsigned = 2_000): Promise<LiveStand> {
  const server = await startDatabase();
  await prepare?.(server.database);
  const statements: string[] = [];
  const counted = openDatabase(server.url, { onStatement: (sql, values) => statements.push(`${sql} -- ${String(values)}`) });
  const plain = servicesFor(counted, server.url);
  const services = { ...plain, limits: { ...plain.limits, waitingBytes: WAITING_BYTES } };
  const { control, feed, operationFeed, limits } = services;
  await control.start();
  await feed.start();
  const schema = makeSchema();
  const documents = new SubscriptionDocuments(schema, limits, new CostLimit(schema, limits), undefined);
  const broadcast = new Broadcast(schema, services, silent);
  const connections = new LiveConnections(authenticator, control, limits, silent);
  const http = createServer();
  const counters = new SharedCounters(counted.quickPool);
  const sockets = serveWebSocket(http, {
    ...{ schema, services, documents, broadcast, connections, log: silent, pingIntervalMs, mostUnsigned },
    documentTurns: new DocumentTurns(),
    signIn: new SignIn(authenticator, counters, limits.failedSignIns, services.audit),
    sessions: new WebSessions(counted, services.commands.sealer, authenticator, services.audit),
    rate: new RequestRate(counters, limits.requestsPerSecond),
    web: readSettings({}).web,
    addressOf: (request) => request.socket.remoteAddress ?? '',
  });
  connections.start();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `ws://127.0.0.1:${String((http.address() as AddressInfo).port)}/graphql`,
    databaseUrl: server.url,
    database: server.database,
    services,
    statements,
    async subscribe(query, variables, outlet, callerId = CALLER.id) {
      const context: RequestContext = makeContext(services, { ...CALLER, id: callerId });
      const started = await broadcast.subscribe(documents.prepare({ query, variables }, 'tests') as Subscription, context, outlet);
      if (isRefusal(started)) throw new Error(JSON.stringify(started.errors));
      const ended = started.next();
      return { end: () => void started.return(), ended };
    },
    async stop() {
      broadcast.stop();
      await connections.stop();
      await sockets.stop();
      http.close();
      await counters.stop();
      await operationFeed.stop();
      await feed.stop();
      await control.stop();
      await closeDatabase(counted);
      await server.stop();
    },
  };
}

/** A raw client of graphql-transport-ws. */
export interface RawClient {
  readonly socket: WebSocket;
  /** All that it was told, oldest first. */
  readonly told: { readonly id?: string; readonly type: string; readonly payload?: unknown }[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  send(message: unknown): void;
  /** Closes it, and waits until it is closed. */
  end(): Promise<void>;
}

export async function dial(url: string, protocol: string | undefined = 'graphql-transport-ws', options: WebSocket.ClientOptions = {}): Promise<RawClient> {
  const socket = protocol === '' ? new WebSocket(url, options) : new WebSocket(url, protocol, options);
  const told: RawClient['told'] = [];
  socket.on('message', (data: Buffer) => told.push(JSON.parse(data.toString()) as RawClient['told'][number]));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
    });
  });
  await once(socket, 'open');
  return {
    socket,
    told,
    closed,
    send(message) {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    },
    async end() {
      socket.close();
      await closed;
    },
  };
}
