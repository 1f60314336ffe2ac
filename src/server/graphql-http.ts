import { hash } from 'node:crypto';
import { ApolloServer, HeaderMap, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
  ApolloServerPluginSchemaReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, type DocumentNode, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { noteForbidden } from '../access/audit.js';
import type { Limits } from '../config.js';
import type { Caller } from '../access/caller.js';
import { makeContext, type RequestContext, type Services } from '../graphql/context.js';
import { checkText } from '../graphql/document-text.js';
import { codesOf, formatError } from '../graphql/errors.js';
import { makeExecutor, type Executor } from '../graphql/executor.js';
import type { KnownDocuments } from '../graphql/known-documents.js';
import { isKeepable } from '../graphql/keepable.js';
import { lighten, sizeOf } from '../graphql/light-document.js';
import { limitRules, type CostLimit } from '../graphql/limits.js';
import { RevisionReader } from '../inventory/revision.js';
import { inSpan } from '../tracing.js';
import { AnswerCache } from './answer-cache.js';
import type { DocumentTurns } from './document-turns.js';
import { requireShallowJson } from './json-nesting.js';

/** Nodes of documents that are kept as they were parsed and validated, and of the largest one of them. */
const MAX_NODES = 50_000;
const MAX_NODES_EACH = 10_000;

/** What requests over HTTP are answered with. */
export interface HttpOptions {
  readonly schema: GraphQLSchema;
  readonly limits: Limits;
  readonly costLimit: CostLimit;
  /** The only documents that are answered; undefined: any. */
  readonly knownDocuments: KnownDocuments | undefined;
  readonly log: Logger;
}

/** Starts Apollo Server for a schema. */
export async function startApollo({ schema, limits, costLimit, knownDocuments, log }: HttpOptions): Promise<ApolloServer<RequestContext>> {
  // Apollo formats errors without saying whose they are.
  const requestIds = new WeakMap<object, string>();
  const apollo = new ApolloServer<RequestContext>({
    gateway: asGateway(schema, makeExecutor(schema)),
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // Apollo's indented answers are for its own tools.
    nodeEnv: 'production',
    parseOptions: { maxLexicalTokens: limits.tokens },
    validationRules: limitRules(limits),
    documentStore: makeDocumentStore(),
    // A list of known documents has room for no others.
    ...(knownDocuments === undefined ? {} : { persistedQueries: false as const }),
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    formatError: (formatted, error) =>
      formatError(
        error instanceof GraphQLError ? error : Object.assign(new GraphQLError(formatted.message), { originalError: error }),
        log,
        requestIds.get(error as object),
      ),
    plugins: [
      limitCost(costLimit),
      noteOutcome(schema, requestIds),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
    ],
  });
  await apollo.start();
  return apollo;
}

/** Keeps documents that were parsed and validated, by their size: Apollo's own store would know it for nothing. */
function makeDocumentStore(): NonNullable<ApolloServerOptionsWithGateway<RequestContext>['documentStore']> {
  const documents = new LRUCache<string, DocumentNode>({
    maxSize: MAX_NODES,
    maxEntrySize: MAX_NODES_EACH,
    sizeCalculation: sizeOf,
  });
  return {
    get: (key) => Promise.resolve(documents.get(key)),
    set: (key, document) => {
      lighten(document);
      documents.set(key, document);
      return Promise.resolve();
    },
    delete: (key) => Promise.resolve(documents.delete(key)),
  };
}

/** Has an operation refused, before it runs, that would read too much. */
function limitCost(costLimit: CostLimit): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ document, request, contextValue }) => {
          try {
            contextValue.outcome.cost = costLimit.check({ document, operationName: request.operationName, variables: request.variables });
            return Promise.resolve();
          } catch (error) {
            return Promise.reject(asGraphqlError(error, 400));
          } finally {
            contextValue.outcome.documentRead();
          }
        },
      }),
  };
}

/** Notes of each answer whether it may be kept, and what the log tells of it; and of each error, whose it is. */
function noteOutcome(schema: GraphQLSchema, requestIds: WeakMap<object, string>): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ operation, contextValue }) => {
          if (operation) contextValue.outcome.operation = { name: operation.name?.value, kind: operation.operation };
          return Promise.resolve();
        },
        didEncounterErrors: ({ errors, contextValue: { requestId } }) => {
          if (requestId !== undefined) for (const error of errors) requestIds.set(error, requestId);
          return Promise.resolve();
        },
        willSendResponse: ({ document, request, response, contextValue }) => {
          const { body, http } = response;
          const whole = body.kind === 'single' && body.singleResult.errors === undefined && (http.status ?? 200) === 200;
          contextValue.outcome.problems = body.kind === 'single' ? codesOf(body.singleResult.errors) : [];
          contextValue.outcome.keepable = whole && document !== undefined && isKeepable(schema, document, request.operationName, request.variables);
          return Promise.resolve();
        },
      }),
  };
}

/** A problem as an error that Apollo answers with, under a status. */
function asGraphqlError(error: unknown, status: number): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError, extensions: { http: { status, headers: new HeaderMap() } } });
}

type Gateway = ApolloServerOptionsWithGateway<RequestContext>['gateway'];
type GatewayExecutor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;

/** Apollo's way to give it an executor: as if the schema were that of a gateway to other servers. */
function asGateway(schema: GraphQLSchema, execute: Executor): Gateway {
  return {
    load: () =>
      Promise.resolve({
        executor: ({ document, request, context }) =>
          // Apollo's types know neither the context of the server nor that results of graphql-js are its own.
          execute({
            document,
            operationName: request.operationName,
            variables: request.variables,
            context: context as RequestContext,
          }) as ReturnType<GatewayExecutor>,
      }),
    onSchemaLoadOrUpdate: (hear) => {
      hear({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  };
}

/** What the route is answered with. */
interface RouteOptions {
  readonly services: Services;
  /** The only documents that are answered; undefined: any. */
  readonly knownDocuments: KnownDocuments | undefined;
  readonly documentTurns: DocumentTurns;
}

/** Serves GraphQL over HTTP at `/graphql`. `callerOf` gives who asks, as the gate before it found out. */
export function routeGraphql(
  app: FastifyInstance,
  apollo: ApolloServer<RequestContext>,
  { services, knownDocuments, documentTurns }: RouteOptions,
  callerOf: (request: FastifyRequest) => Caller,
): void {
  const revisions = new RevisionReader(services.database);
  const cache = services.answerCacheBytes === 0 ? undefined : new AnswerCache(() => revisions.read(), services.answerCacheBytes);
  const handle = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    inSpan('graphql', { kind: 'server', headers: request.headers, attributes: { 'stowage.request_id': request.id } }, async (span) => {
      const sent = await respond(request, reply);
      const { operation, problems = [] } = request.told ?? {};
      if (operation !== undefined) {
        span?.updateName(operation.name === undefined ? operation.kind : `${operation.kind} ${operation.name}`);
        span?.setAttribute('graphql.operation.type', operation.kind);
      }
      span?.setAttributes({ 'http.response.status_code': reply.statusCode, 'stowage.problems': [...problems] });
      return sent;
    });
  const respond = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    const question = request.url.indexOf('?');
    let search = question < 0 ? '' : request.url.slice(question);
    let { body } = request;
    const caller = callerOf(request);
    if (knownDocuments !== undefined) {
      try {
        if (request.method === 'GET') search = `?${onlyKnown(knownDocuments, new URLSearchParams(search)).toString()}`;
        else body = { ...(body as object), query: knownDocuments.textOf(body ?? {}), extensions: {} };
      } catch (error) {
        noteForbidden(services.audit, error, caller.name, request.ip);
        throw error;
      }
    }
    if (request.method === 'GET') for (const name of ['variables', 'extensions']) requireShallowJson(new URLSearchParams(search).get(name) ?? '');
    checkText(request.method === 'GET' ? new URLSearchParams(search).get('query') : (body as { query?: unknown } | null | undefined)?.query, services.limits);
    const make = async () => {
      const context = makeContext(services, caller, { address: request.ip, requestId: request.id });
      const httpGraphQLRequest = { method: request.method, headers, search, body };
      const endOfTurn = await documentTurns.begin(caller.id);
      context.outcome.documentRead = endOfTurn;
      // What is wrong is told within the turn.
      const response = await apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: () => Promise.resolve(context) }).finally(endOfTurn);
      if (response.body.kind !== 'complete') throw new Error('an answer in parts was not asked for');
      const { keepable, operation, problems } = context.outcome;
      return { answer: { status: response.status ?? 200, headers: [...response.headers], body: response.body.string, operation, problems }, keepable };
    };
    // As a hash: what is remembered of a request is as short for one of a megabyte.
    const key = () => hash('sha256', JSON.stringify([caller, request.headers.accept, request.headers['content-type'], body]), 'base64');
    const answer = await services.control.whileUp(async () =>
      cache === undefined || request.method !== 'POST' ? (await make()).answer : cache.answer(key(), make),
    );
    request.told = answer;
    for (const [name, value] of answer.headers) reply.header(name, value);
    return reply.code(answer.status).send(answer.body);
  };
  app.route({ method: ['GET', 'POST'], url: '/graphql', handler: handle });
}

function onlyKnown(known: KnownDocuments, search: URLSearchParams): URLSearchParams {
  let extensions: unknown;
  try {
    extensions = JSON.parse(search.get('extensions') ?? '{}');
  } catch {
    extensions = undefined;
  }
  search.set('query', known.textOf({ query: search.get('query') ?? undefined, extensions }));
  search.delete('extensions');
  return search;
}
