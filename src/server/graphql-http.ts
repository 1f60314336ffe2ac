import { ApolloServer, HeaderMap, type ApolloServerOptionsWithGateway } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
  ApolloServerPluginSchemaReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Caller } from '../access/caller.js';
import { makeContext, type RequestContext, type Services } from '../graphql/context.js';
import { formatError } from '../graphql/errors.js';
import { makeExecutor, type Executor } from '../graphql/executor.js';
import { MAX_DOCUMENT_TOKENS } from '../graphql/schema.js';

/** Starts Apollo Server for a schema. */
export async function startApollo(schema: GraphQLSchema, log: Logger): Promise<ApolloServer<RequestContext>> {
  const apollo = new ApolloServer<RequestContext>({
    gateway: asGateway(schema, makeExecutor(schema)),
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // Apollo's indented answers are for its own tools.
    nodeEnv: 'production',
    parseOptions: { maxLexicalTokens: MAX_DOCUMENT_TOKENS },
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    formatError: (formatted, error) =>
      formatError(error instanceof GraphQLError ? error : Object.assign(new GraphQLError(formatted.message), { originalError: error }), log),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
    ],
  });
  await apollo.start();
  return apollo;
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

/** Serves GraphQL over HTTP at `/graphql`. `callerOf` gives who asks, as the gate before it found out. */
export function routeGraphql(
  app: FastifyInstance,
  apollo: ApolloServer<RequestContext>,
  services: Services,
  callerOf: (request: FastifyRequest) => Caller,
): void {
  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    const query = request.url.indexOf('?');
    const response = await services.control.whileUp(() =>
      apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: request.method, headers, search: query < 0 ? '' : request.url.slice(query), body: request.body },
        context: () => Promise.resolve(makeContext(services, callerOf(request))),
      }),
    );
    for (const [name, value] of response.headers) reply.header(name, value);
    reply.code(response.status ?? 200);
    if (response.body.kind === 'complete') return reply.send(response.body.string);
    throw new Error('an answer in parts was not asked for');
  };
  app.route({ method: ['GET', 'POST'], url: '/graphql', handler: handle });
}
