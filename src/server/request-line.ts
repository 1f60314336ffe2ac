import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Caller } from '../access/caller.js';
import type { OperationTold } from '../graphql/context.js';
import type { Metrics } from '../metrics.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What its line in the log says beside what every request has; undefined until there is something. */
    told: RequestTold | undefined;
  }
}

/** What is known of a request when it has its answer. */
interface RequestTold {
  readonly operation?: OperationTold | undefined;
  readonly problems: readonly string[];
}

/** Characters of an operation's name that the log tells: a name may be as long as a request. */
const MAX_NAME_LENGTH = 100;

/** Addresses that are asked all the time, and say nothing of anybody's work. */
const QUIET = /^\/(livez|readyz|metrics|graphiql)\b/;

/** Has one line logged for each request, and what it was counted. `callerOf` gives who asked; undefined: nobody was let in. */
export function logRequests(app: FastifyInstance, metrics: Metrics, log: Logger, callerOf: (request: FastifyRequest) => Caller | undefined): void {
  app.decorateRequest('told', undefined);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { operation, problems = [] } = request.told ?? {};
    const path = request.url.split('?', 1)[0] ?? '';
    if (path === '/graphql') {
      metrics.answered({ operationName: operation?.name, kind: operation?.kind ?? 'unknown', seconds: reply.elapsedTime / 1000, problems });
    }
    const level = QUIET.test(path) ? 'debug' : 'info';
    if (!log.isLevelEnabled(level)) {
      done();
      return;
    }
    const line = {
      requestId: request.id,
      method: request.method,
      path,
      status: reply.statusCode,
      ...(operation === undefined ? {} : { operation: toldName(operation.name), kind: operation.kind }),
      caller: callerOf(request)?.name ?? null,
      address: request.ip,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(problems.length === 0 ? {} : { problems: [...new Set(problems)] }),
    };
    log[level](line, 'request');
    done();
  });
}

/** A name as the log tells it. */
function toldName(name: string | null | undefined): string | null {
  return name?.slice(0, MAX_NAME_LENGTH) ?? null;
}

/** One subscription over a WebSocket, as the log tells of it when it has ended. */
export class SubscriptionLine {
  private readonly began = performance.now();
  private readonly problems: string[] = [];

  constructor(
    private readonly about: { readonly requestId: string; readonly operation: string | null; readonly caller: string | null; readonly address: string },
    private readonly metrics: Metrics,
    private readonly log: Logger,
  ) {}

  note(codes: readonly string[]): void {
    this.problems.push(...codes);
  }

  end(): void {
    const { about, problems } = this;
    const ms = Math.round(performance.now() - this.began);
    this.metrics.answered({ operationName: about.operation ?? undefined, kind: 'subscription', seconds: ms / 1000, problems });
    this.log.info(
      { ...about, operation: toldName(about.operation), kind: 'subscription', ms, ...(problems.length === 0 ? {} : { problems: [...new Set(problems)] }) },
      'request',
    );
  }
}
