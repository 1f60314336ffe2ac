import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { noteForbidden, type Audit } from '../access/audit.js';
import type { Caller } from '../access/caller.js';
import type { Database } from '../database/client.js';
import type { Broadcast } from '../graphql/live/broadcast.js';
import type { Metrics } from '../metrics.js';
import { countOperations } from '../operations/records.js';
import { Problem } from '../problems.js';
import type { Fleet } from '../sync/fleet.js';
import type { ControlConnection } from '../database/control-connection.js';
import type { Health } from './health.js';
import { listening, urlOf } from './listener.js';
import type { LiveConnections } from './live-connections.js';

/** Parts of the gateway that are looked at when somebody asks for its metrics. */
export interface WatchedParts {
  readonly database: Database;
  readonly control: ControlConnection;
  readonly fleet: Pick<Fleet, 'watched'>;
  readonly broadcast: Pick<Broadcast, 'counts'>;
  readonly connections: Pick<LiveConnections, 'open'>;
  readonly health: Health;
}

const HOST_STATES = ['ONLINE', 'CONNECTING', 'UNREACHABLE'] as const;

/** Has the present state of the gateway told among its metrics. */
export function watchParts(metrics: Metrics, { database, control, fleet, broadcast, connections, health }: WatchedParts): void {
  metrics.gauge('stowage_ready', 'Whether /readyz says ok.', [], () => [{ labels: {}, value: health.readiness.status === 'ok' ? 1 : 0 }]);
  metrics.gauge('stowage_hosts', 'Hosts that this gateway watches, by status. The sum over all gateways is all enabled hosts.', ['status'], () => {
    const watched = fleet.watched();
    return HOST_STATES.map((status) => ({ labels: { status }, value: watched.filter((host) => host.status === status).length }));
  });
  metrics.gauge('stowage_host_up', 'Whether a host that this gateway watches is ONLINE.', ['host'], () =>
    fleet.watched().map(({ name, status }) => ({ labels: { host: name }, value: status === 'ONLINE' ? 1 : 0 })),
  );
  metrics.gauge('stowage_host_sync_age_seconds', 'Time since everything on a host was last compared with its engine.', ['host'], () =>
    fleet.watched().flatMap(({ name, comparedAt }) => (comparedAt === undefined ? [] : [{ labels: { host: name }, value: (Date.now() - comparedAt) / 1000 }])),
  );
  metrics.gauge('stowage_host_sync_duration_seconds', 'What the last comparison of everything on a host took.', ['host'], () =>
    fleet.watched().flatMap(({ name, comparedAt, comparedMs }) => (comparedAt === undefined ? [] : [{ labels: { host: name }, value: comparedMs / 1000 }])),
  );
  metrics.gauge('stowage_subscribers', 'Subscriptions that are open at this gateway, by whether they have all there is.', ['state'], () => {
    const { live, behind } = broadcast.counts;
    return [
      { labels: { state: 'live' }, value: live },
      { labels: { state: 'catching_up' }, value: behind },
    ];
  });
  metrics.gauge('stowage_subscription_groups', 'Groups of subscriptions that share answers.', [], () => [{ labels: {}, value: broadcast.counts.groups }]);
  metrics.gauge('stowage_live_connections', 'WebSockets and event streams that are signed in.', [], () => [{ labels: {}, value: connections.open }]);
  metrics.gauge('stowage_operations', 'Operations that are not over, of all gateways. Missing while the database is away.', ['kind', 'state'], async () =>
    (await control.whileUp(() => countOperations(database))).map(({ kind, state, count }) => ({ labels: { kind, state }, value: count })),
  );
  metrics.gauge('stowage_database_up', 'Whether the database answers.', [], () => [{ labels: {}, value: control.isUp ? 1 : 0 }]);
  const pools = ['write', 'read', 'quick'].flatMap((name, index) => {
    const pool = database.pools[index];
    return pool === undefined ? [] : [{ name, pool }];
  });
  metrics.gauge('stowage_database_connections', 'Connections of each pool, by what they do.', ['pool', 'state'], () =>
    pools.flatMap(({ name, pool }) => [
      { labels: { pool: name, state: 'used' }, value: pool.totalCount - pool.idleCount },
      { labels: { pool: name, state: 'idle' }, value: pool.idleCount },
    ]),
  );
  metrics.gauge('stowage_database_connections_max', 'Connections that each pool may have.', ['pool'], () =>
    pools.map(({ name, pool }) => ({ labels: { pool: name }, value: pool.options.max })),
  );
  metrics.gauge('stowage_database_waiting', 'Statements that wait for a connection of a pool.', ['pool'], () =>
    pools.map(({ name, pool }) => ({ labels: { pool: name }, value: pool.waitingCount + (database.turns.get(pool)?.waitingCount ?? 0) })),
  );
}

/** Serves /metrics to whoever may see all hosts: their names are in it. */
export function routeMetrics(
  app: FastifyInstance,
  { metrics, audit }: { readonly metrics: Metrics; readonly audit: Pick<Audit, 'note'> },
  callerOf: (request: FastifyRequest) => Caller,
): void {
  app.get('/metrics', async (request, reply) => {
    const { name, hosts } = callerOf(request);
    if (hosts !== null) {
      const refusal = new Problem('FORBIDDEN', 'Metrics tell of all hosts, and this token is for some of them only.');
      noteForbidden(audit, refusal, name, request.ip);
      throw refusal;
    }
    const { contentType, text } = await metrics.tell();
    return reply.header('content-type', contentType).send(text);
  });
}

/** A port of its own for metrics and health, without tokens: so that they can be read while the database, which knows the tokens, is away. */
export async function openMetricsPort(
  { bind, port }: { readonly bind: string; readonly port: number },
  metrics: Metrics,
  health: Health,
  log: Logger,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const answers: Readonly<Record<string, () => Promise<{ status: number; contentType: string; text: string }>>> = {
    '/metrics': async () => ({ status: 200, ...(await metrics.tell()) }),
    '/livez': () => Promise.resolve({ status: 200, contentType: 'application/json', text: '{"status":"ok"}' }),
    '/readyz': () => {
      const { readiness } = health;
      return Promise.resolve({ status: readiness.status === 'ok' ? 200 : 503, contentType: 'application/json', text: JSON.stringify(readiness) });
    },
  };
  const server = http.createServer((request, response) => {
    const answer = request.method === 'GET' ? answers[request.url?.split('?', 1)[0] ?? ''] : undefined;
    if (answer === undefined) {
      response.writeHead(404).end();
      return;
    }
    answer().then(
      ({ status, contentType, text }) => response.writeHead(status, { 'content-type': contentType }).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'metrics could not be told');
        response.writeHead(500).end();
      },
    );
  });
  server.listen(port, bind);
  await listening(once(server, 'listening'), { bind, port }, ['STOWAGE_METRICS_BIND', 'STOWAGE_METRICS_PORT']);
  return {
    url: urlOf('http', server.address() as AddressInfo),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
