import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ControlConnection } from '../database/control-connection.js';
import type { JournalFeed } from '../journal/feed.js';

/** Milliseconds for which the journal may go unread; it is read once a second at least. */
const JOURNAL_PATIENCE_MS = 5_000;

/** Whether requests should be sent here now, and why not. */
export interface Readiness {
  readonly status: 'ok' | 'not ready';
  /** What is wrong, in words; empty when nothing is. */
  readonly reasons: readonly string[];
  /** The same by part. */
  readonly parts: Readonly<Record<'database' | 'journal' | 'gateway', string>>;
}

/** Knows whether this gateway can answer. Hosts that are away are no reason: what is known of them can be asked for. */
export class Health {
  private stopping = false;

  constructor(
    private readonly control: Pick<ControlConnection, 'isUp'>,
    private readonly feed: Pick<JournalFeed, 'unreadMs'>,
  ) {}

  /** From now on it is not ready: it stops. */
  stop(): void {
    this.stopping = true;
  }

  get readiness(): Readiness {
    const { unreadMs } = this.feed;
    const parts = {
      database: this.control.isUp ? 'ok' : 'the database does not answer',
      journal: unreadMs < JOURNAL_PATIENCE_MS ? 'ok' : `the journal was not read for ${String(Math.round(unreadMs / 1000))} s: subscribers are told nothing`,
      gateway: this.stopping ? 'the gateway stops' : 'ok',
    };
    const reasons = Object.values(parts).filter((state) => state !== 'ok');
    return { status: reasons.length === 0 ? 'ok' : 'not ready', reasons, parts };
  }
}

/** Serves /livez and /readyz, for anyone: they tell nothing of what the gateway knows. */
export function routeHealth(app: FastifyInstance, health: Health): void {
  app.get('/livez', { config: { open: true } }, () => ({ status: 'ok' }));
  app.get('/readyz', { config: { open: true } }, (_request, reply: FastifyReply) => {
    const { readiness } = health;
    return reply.code(readiness.status === 'ok' ? 200 : 503).send(readiness);
  });
}
