import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Authenticator } from '../access/authenticator.js';
import type { Caller } from '../access/caller.js';
import type { Limits } from '../config.js';
import type { Services } from '../graphql/context.js';
import { formatError } from '../graphql/errors.js';
import type { KnownDocuments } from '../graphql/known-documents.js';
import { CostLimit } from '../graphql/limits.js';
import { makeSchema } from '../graphql/schema.js';
import { Problem, toShownProblem } from '../problems.js';
import { routeGraphiql } from './graphiql.js';
import { routeGraphql, startApollo } from './graphql-http.js';
import { Broadcast } from '../graphql/live/broadcast.js';
import { SubscriptionDocuments } from '../graphql/live/subscription-documents.js';
import { serveEventStreams } from './graphql-sse.js';
import { LiveConnections } from './live-connections.js';
import { serveWebSocket } from './graphql-websocket.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route answers without a token. */
    open?: boolean;
  }
}

/** The listening gateway. */
export interface RunningServer {
  /** Where it listens, e.g. http://127.0.0.1:4000. */
  readonly url: string;
  /** Closes WebSockets with 1001, then HTTP. */
  stop(): Promise<void>;
}

/** @throws when the address cannot be listened on. */
export async function startServer(options: {
  readonly bind: string;
  readonly port: number;
  readonly services: Services;
  readonly authenticator: Authenticator;
  /** The only documents that are answered; undefined: any. */
  readonly knownDocuments: KnownDocuments | undefined;
  readonly log: Logger;
}): Promise<RunningServer> {
  const { services, authenticator, knownDocuments, log } = options;
  const { limits } = services;
  const schema = makeSchema();
  const costLimit = new CostLimit(schema, limits);
  const apollo = await startApollo({ schema, limits, costLimit, knownDocuments, log });
  const app = Fastify({ bodyLimit: limits.bodyBytes, forceCloseConnections: true, logger: false });
  const callers = new WeakMap<FastifyRequest, Caller>();
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (request.routeOptions.config.open === true) return;
    callers.set(request, await services.control.whileUp(() => authenticator.authenticate(request.headers.authorization, request.ip)));
  });
  app.setErrorHandler(async (error, request, reply) => {
    const { statusCode } = error as { statusCode?: unknown };
    const shown = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? describeHttpError(statusCode, limits, request) : error;
    const { problem } = toShownProblem(shown);
    if (problem.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
    reply.code(typeof statusCode === 'number' && statusCode < 500 ? statusCode : (HTTP_STATUS[problem.code] ?? 500));
    return { errors: [formatError(shown, log)] };
  });
  app.setNotFoundHandler(async (_request, reply) => {
    reply.code(404);
    return { errors: [formatError(new Problem('NOT_FOUND', 'There is nothing at this address. GraphQL is at /graphql.'), log)] };
  });
  routeHealth(app, services);
  routeGraphql(app, apollo, services, knownDocuments, (request) => {
    const caller = callers.get(request);
    if (caller === undefined) throw new Problem('UNAUTHENTICATED', 'Not signed in.');
    return caller;
  });
  await routeGraphiql(app);
  const documents = new SubscriptionDocuments(schema, limits, costLimit, knownDocuments);
  const broadcast = new Broadcast(schema, services, log);
  const connections = new LiveConnections(authenticator, services.control, limits, log);
  const eventStreams = serveEventStreams(app, { services, documents, broadcast, connections, log }, (request) => {
    const caller = callers.get(request);
    if (caller === undefined) throw new Problem('UNAUTHENTICATED', 'Not signed in.');
    return caller;
  });
  await app.ready();
  const webSockets = serveWebSocket(app.server, { schema, services, authenticator, documents, broadcast, connections, log });
  connections.start();
  await app.listen({ host: options.bind, port: options.port });
  const { address, port, family } = app.server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${String(port)}`,
    async stop() {
      broadcast.stop();
      await connections.stop();
      await webSockets.stop();
      eventStreams.stop();
      await app.close();
      await apollo.stop();
    },
  };
}

/** Statuses of answers that are not GraphQL's own. */
const HTTP_STATUS: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  LIMIT_EXCEEDED: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  UNAVAILABLE: 503,
};

function describeHttpError(status: number, limits: Limits, request: FastifyRequest): Problem {
  if (status === 413) {
    const length = request.headers['content-length'] ?? 'more';
    return new Problem('LIMIT_EXCEEDED', `The body has ${length} bytes; the limit is ${String(limits.bodyBytes)} (STOWAGE_MAX_BODY_BYTES).`);
  }
  if (status === 415) return new Problem('BAD_USER_INPUT', 'Send the body as content-type: application/json.');
  return new Problem('BAD_USER_INPUT', 'The request cannot be read: its body is not JSON, or its head is broken.');
}

function routeHealth(app: FastifyInstance, services: Services): void {
  app.get('/livez', { config: { open: true } }, () => ({ status: 'ok' }));
  app.get('/readyz', { config: { open: true } }, async (_request, reply) => {
    if (services.control.isUp) return { status: 'ok' };
    reply.code(503);
    return { status: 'not ready', reasons: ['the database does not answer'] };
  });
}
