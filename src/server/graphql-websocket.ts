import type { Server } from 'node:http';
import { GraphQLError, getOperationAST, OperationTypeNode, parse, specifiedRules, validate, type ExecutionArgs, type GraphQLSchema } from 'graphql';
import type { Disposable, SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import type { Logger } from 'pino';
import WebSocket, { WebSocketServer } from 'ws';
import type { Authenticator } from '../access/tokens.js';
import type { Caller } from '../access/caller.js';
import { makeContext, type Services } from '../graphql/context.js';
import { formatError } from '../graphql/errors.js';
import type { KnownDocuments } from '../graphql/known-documents.js';
import { checkNesting, limitRules, type CostLimit } from '../graphql/limits.js';

/** Close code for a message that is too large (RFC 6455, section 7.4.1). */
const MESSAGE_TOO_BIG = 1009;
/** Close code for a client that is welcome, but not now (IANA's WebSocket registry). */
const TRY_AGAIN_LATER = 1013;

/** What is kept of one connection. */
interface Extra extends Record<PropertyKey, unknown> {
  caller?: Caller;
}

/** What requests over WebSocket are answered with. */
export interface WebSocketOptions {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly authenticator: Authenticator;
  readonly costLimit: CostLimit;
  /** The only documents that are answered; undefined: any. */
  readonly knownDocuments: KnownDocuments | undefined;
  readonly log: Logger;
}

/**
 * Serves subscriptions over WebSocket at `/graphql` (graphql-transport-ws). Only subscriptions: Apollo's guards stand
 * before HTTP alone.
 */
export function serveWebSocket(http: Server, options: WebSocketOptions): Disposable {
  const { schema, services, authenticator, log } = options;
  const { bodyBytes } = services.limits;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: bodyBytes, perMessageDeflate: false, WebSocket: socketThatSays(bodyBytes) });
  http.on('upgrade', (request, socket, head) => {
    // Node takes its own listener away before this event: a client that resets the connection now would end the process.
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?', 1)[0] !== '/graphql') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // Without a listener a broken frame would end the process; the close that follows it is handled by graphql-ws.
      webSocket.on('error', (error) => {
        log.debug({ err: error }, 'a WebSocket failed');
      });
      sockets.emit('connection', webSocket, request);
    });
  });
  return useServer<Record<string, unknown>, Extra>(
    {
      schema,
      onConnect: async (context) => {
        const authorization = context.connectionParams?.['authorization'] ?? context.connectionParams?.['Authorization'];
        try {
          const header = typeof authorization === 'string' ? authorization : undefined;
          context.extra.caller = await services.control.whileUp(() => authenticator.authenticate(header));
          return true;
        } catch (error) {
          const { message, extensions } = formatError(error, log);
          log.info({ reason: message }, 'a WebSocket was refused');
          if (extensions?.['code'] === 'UNAVAILABLE') context.extra.socket.close(TRY_AGAIN_LATER, 'Try again later');
          return false;
        }
      },
      onSubscribe: (context, _id, payload) => {
        const { caller } = context.extra;
        if (caller === undefined) return [new GraphQLError('Not signed in.', { extensions: { code: 'UNAUTHENTICATED' } })];
        const prepared = prepare(options, payload);
        if (Array.isArray(prepared)) return prepared;
        return { ...prepared, contextValue: makeContext(services, caller) };
      },
      onError: (_context, _id, _payload, errors) => errors.map((error) => formatError(error, log)),
      onNext: (_context, _id, _payload, _args, result) => {
        if (result.errors === undefined) return undefined;
        return { data: result.data ?? null, errors: result.errors.map((error) => formatError(error, log)) };
      },
    },
    sockets,
  );
}

/** A WebSocket that says why it closes for a message that is too large; such a message is not read, so that it has no other answer. */
function socketThatSays(limit: number): typeof WebSocket {
  return class extends WebSocket {
    override close(code?: number, data?: string | Buffer): void {
      super.close(code, code === MESSAGE_TOO_BIG ? `LIMIT_EXCEEDED: a message has at most ${String(limit)} bytes (STOWAGE_MAX_BODY_BYTES).` : data);
    }
  };
}

/** Reads and checks a document as Apollo does before HTTP. */
function prepare({ schema, services, costLimit, knownDocuments }: WebSocketOptions, payload: SubscribePayload): ExecutionArgs | GraphQLError[] {
  const { limits } = services;
  try {
    const text = knownDocuments?.textOf(payload) ?? payload.query;
    checkNesting(text, limits);
    const document = parse(text, { maxLexicalTokens: limits.tokens });
    const errors = validate(schema, document, [...specifiedRules, ...limitRules(limits)]);
    if (errors.length > 0) return [...errors];
    const operation = getOperationAST(document, payload.operationName);
    if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
      return [new GraphQLError('Over WebSocket only subscriptions run; send queries and mutations by HTTP POST.', { extensions: { code: 'BAD_USER_INPUT' } })];
    }
    costLimit.check({ document, operationName: payload.operationName ?? undefined, variables: payload.variables ?? undefined });
    return { schema, document, operationName: payload.operationName ?? null, variableValues: payload.variables ?? null };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    return [new GraphQLError('The document was refused.', { originalError: error instanceof Error ? error : new Error(String(error)) })];
  }
}
