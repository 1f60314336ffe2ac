import type { AddressInfo } from 'node:net';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Authenticator } from '../access/authenticator.js';
import type { Caller } from '../access/caller.js';
import type { Limits, WebSettings } from '../config.js';
import { MAX_NAME_LENGTH } from '../engine/names.js';
import type { Services } from '../graphql/context.js';
import { codesOf, formatError } from '../graphql/errors.js';
import type { KnownDocuments } from '../graphql/known-documents.js';
import { CostLimit } from '../graphql/limits.js';
import { makeSchema } from '../graphql/schema.js';
import { badInput, Problem, toShownProblem } from '../problems.js';
import { routeDashboard } from './dashboard.js';
import type { Fleet } from '../sync/fleet.js';
import { routeGraphiql } from './graphiql.js';
import { routeGraphql, startApollo } from './graphql-http.js';
import { Broadcast } from '../graphql/live/broadcast.js';
import { SubscriptionDocuments } from '../graphql/live/subscription-documents.js';
import { DocumentTurns } from './document-turns.js';
import { serveEventStreams } from './graphql-sse.js';
import { LiveConnections } from './live-connections.js';
import { serveWebSocket } from './graphql-websocket.js';
import { Health, routeHealth } from './health.js';
import { openMetricsPort, routeMetrics, watchParts } from './metrics-endpoint.js';
import { requestIdOf } from './request-id.js';
import { logRequests } from './request-line.js';
import { requireShallowJson } from './json-nesting.js';
import { listening, makeListener, urlOf, type Listener } from './listener.js';
import { addressReader } from './peer-address.js';
import { RequestRate } from './request-rate.js';
import { requireIntent, routeSessions, sessionCookie } from './session-routes.js';
import { SharedCounters } from './shared-counters.js';
import { SignIn } from './sign-in.js';
import { TooManyRequests } from './too-many.js';
import { auditedCheck, requireWelcome } from './web-guard.js';
import { WebSessions } from './web-session.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route answers without a token. */
    open?: boolean;
  }
  interface FastifyRequest {
    /** What the request was let in with: its Authorization header, or its session. */
    admittedWith: string | undefined;
    /** When, by the monotonic clock in milliseconds; Infinity: it needed nothing. */
    admittedAt: number;
  }
}

/** Milliseconds after which a token is looked at again before its request is answered. */
const ADMITTED_MS = 1_000;

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
  readonly web: WebSettings;
  readonly services: Services;
  readonly authenticator: Authenticator;
  readonly fleet: Fleet;
  /** Where metrics are told without a token; undefined: nowhere. */
  readonly metricsPort: { readonly bind: string; readonly port: number } | undefined;
  /** The only documents that are answered; undefined: any. */
  readonly knownDocuments: KnownDocuments | undefined;
  readonly log: Logger;
}): Promise<RunningServer> {
  const { services, authenticator, knownDocuments, web, log } = options;
  const { limits } = services;
  const schema = makeSchema();
  const costLimit = new CostLimit(schema, limits);
  const apollo = await startApollo({ schema, limits, costLimit, knownDocuments, log });
  const counters = new SharedCounters(services.database.quickPool);
  const signIn = new SignIn(authenticator, counters, limits.failedSignIns, services.audit);
  const sessions = new WebSessions(services.database, services.commands.sealer, authenticator, services.audit);
  const rate = new RequestRate(counters, limits.requestsPerSecond);
  const listen = await makeListener(web, limits, log);
  // One for each address of localhost.
  const listeners: Listener[] = [];
  /** The answer that tells of an error; its status and headers are set on the reply. */
  const describeError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const { statusCode } = error as { statusCode?: unknown };
    const shown = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? describeHttpError(statusCode, limits, request) : error;
    const { problem } = toShownProblem(shown);
    const errors = [formatError(shown, log, request.id)];
    request.told = { ...request.told, problems: codesOf(errors) };
    if (shown instanceof TooManyRequests) {
      reply.header('retry-after', Math.max(1, Math.ceil(shown.retryMs / 1000))).code(429);
      return { errors };
    }
    if (problem.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
    reply.code(typeof statusCode === 'number' && statusCode < 500 ? statusCode : (HTTP_STATUS[problem.code] ?? 500));
    return { errors };
  };
  const app = Fastify({
    bodyLimit: limits.bodyBytes,
    forceCloseConnections: true,
    logger: false,
    genReqId: ({ headers }) => requestIdOf(headers),
    trustProxy: [...web.trustedProxies],
    // A volume's name is part of its page's address, and may be longer than what routes take by themselves.
    routerOptions: { maxParamLength: MAX_PART_OF_ADDRESS },
    // What no route can be found for, before any hook: an address that cannot be decoded.
    frameworkErrors: (_error, request, reply: FastifyReply) => {
      const answer = describeError(badInput('The address of the request cannot be read.'), request, reply);
      void reply.header('x-content-type-options', 'nosniff').send(answer);
    },
    serverFactory: (handler) => {
      const listener = listen(handler);
      listeners.push(listener);
      return listener.server;
    },
  });
  const callers = new WeakMap<FastifyRequest, Caller>();
  const callerOf = (request: FastifyRequest): Caller => {
    const caller = callers.get(request);
    if (caller === undefined) throw new Problem('UNAUTHENTICATED', 'Not signed in.');
    return caller;
  };
  app.setErrorHandler(async (error, request, reply) => describeError(error, request, reply));
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    try {
      requireShallowJson(String(body));
    } catch (error) {
      done(error as Error);
      return;
    }
    void parseJson(request, String(body), done);
  });
  app.decorateRequest('admittedWith', undefined);
  app.decorateRequest('admittedAt', Infinity);
  logRequests(app, services.metrics, log, (request) => callers.get(request));
  await app.register(helmet, securityHeaders(web));
  app.addHook('onRequest', (request, _reply, done) => {
    auditedCheck(services.audit, request.ip, () => {
      requireWelcome(request.headers, web, request.routeOptions.config.open === true);
    });
    done();
  });
  // Without an entry no header of CORS is ever sent.
  if (web.allowedOrigins.length > 0) await app.register(cors, corsOptions(web.allowedOrigins));
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.open === true) return;
    const { authorization } = request.headers;
    // Without access control there are no sessions; a cookie that comes nevertheless is that of another gateway of this machine.
    const cookie = authorization === undefined && !web.loopbackOnly ? sessionCookie(request.headers, web.tls !== undefined) : undefined;
    if (cookie === undefined) {
      callers.set(request, await services.control.whileUp(() => signIn.authenticate(authorization, request.ip)));
      request.admittedWith = authorization;
    } else {
      auditedCheck(services.audit, request.ip, () => {
        requireIntent(request, web);
      });
      request.admittedWith = sessions.authorizationOf(cookie);
      callers.set(request, await services.control.whileUp(() => sessions.authenticate(request.admittedWith, request.ip)));
    }
    request.admittedAt = performance.now();
    const counted = rate.take(callerOf(request).id);
    if (counted !== undefined) await services.control.whileUp(() => counted);
  });
  // A body may come a minute after its head: by then the token may have ended, or show something else.
  app.addHook('preHandler', async (request) => {
    if (performance.now() - request.admittedAt < ADMITTED_MS) return;
    callers.set(request, await services.control.whileUp(() => sessions.authenticate(request.admittedWith, request.ip)));
  });
  app.setNotFoundHandler(async (request, reply) => {
    reply.code(404);
    request.told = { problems: ['NOT_FOUND'] };
    return { errors: [formatError(new Problem('NOT_FOUND', 'There is nothing at this address. GraphQL is at /graphql.'), log)] };
  });
  const health = new Health(services.control, services.feed);
  routeHealth(app, health);
  routeMetrics(app, services, callerOf);
  routeSessions(app, sessions, web, callerOf);
  const documentTurns = new DocumentTurns();
  routeGraphql(app, apollo, { services, knownDocuments, documentTurns }, callerOf);
  await routeGraphiql(app);
  await routeDashboard(app);
  const documents = new SubscriptionDocuments(schema, limits, costLimit, knownDocuments);
  const broadcast = new Broadcast(schema, services, log);
  const connections = new LiveConnections(sessions, services.control, limits, log);
  const eventStreams = serveEventStreams(app, { services, documents, documentTurns, broadcast, connections, log }, callerOf);
  await app.ready();
  const webSockets = serveWebSocket(app.server, {
    ...{ schema, services, documents, documentTurns, broadcast, connections, log, rate, sessions, signIn, web },
    addressOf: addressReader(web.trustedProxies),
  });
  connections.start();
  authenticator.onChange(() => {
    connections.look();
  });
  watchParts(services.metrics, { database: services.database, control: services.control, fleet: options.fleet, broadcast, connections, health });
  const metricsPort = options.metricsPort === undefined ? undefined : await openMetricsPort(options.metricsPort, services.metrics, health, log);
  if (metricsPort !== undefined) log.info({ url: `${metricsPort.url}/metrics` }, 'metrics are told without a token');
  await listening(app.listen({ host: options.bind, port: options.port }), options, ['STOWAGE_BIND', 'STOWAGE_PORT']);
  return {
    url: urlOf(web.tls === undefined ? 'http' : 'https', app.server.address() as AddressInfo),
    async stop() {
      health.stop();
      broadcast.stop();
      await connections.stop();
      await webSockets.stop();
      eventStreams.stop();
      await app.close();
      for (const listener of listeners) await listener.stop();
      await counters.stop();
      await apollo.stop();
      await metricsPort?.stop();
    },
  };
}

/** Characters of one part of an address, encoded: of a name of 255 characters, each may be three. */
const MAX_PART_OF_ADDRESS = 3 * MAX_NAME_LENGTH;

/** Seconds for which browsers are to use TLS only, once they have come by TLS (RFC 6797): half a year. */
const HSTS_SECONDS = 15_552_000;

/**
 * Headers that have browsers keep what they are given to themselves. Answers are no pages: their policy lets a browser do
 * nothing with them. Pages have policies of their own.
 */
function securityHeaders({ tls }: WebSettings): Parameters<typeof helmet>[1] {
  return {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    // Behind a proxy that ends TLS this is the proxy's to say.
    strictTransportSecurity: tls === undefined ? false : { maxAge: HSTS_SECONDS, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  };
}

/** Other origins bring a token of their own; no cookie is let through. */
function corsOptions(allowedOrigins: readonly string[]): Parameters<typeof cors>[1] {
  return {
    origin: [...allowedOrigins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'accept', 'last-event-id', 'apollo-require-preflight', 'x-apollo-operation-name', 'x-request-id'],
    exposedHeaders: ['x-request-id'],
    credentials: false,
    maxAge: 600,
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
