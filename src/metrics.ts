import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds from an engine's event to subscribers, and that requests take. */
const LAG_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 30];
/** Names of operations that have series of their own; clients make them up, and each costs a dozen series for ever. */
const MAX_NAMES = 100;
/** GraphQL's rule for names, bounded. */
const NAME = /^[_A-Za-z][_0-9A-Za-z]{0,63}$/;

/** What is told of one request. */
export interface RequestFigures {
  /** As the document names it; undefined: it has no name, or was not found out. */
  readonly operationName: string | undefined;
  readonly kind: 'query' | 'mutation' | 'subscription' | 'unknown';
  readonly seconds: number;
  readonly problems: readonly string[];
}

/** A value with its labels, as it is at a scrape. */
export interface Reading<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

/**
 * All that /metrics tells. What happens is counted where it happens, once for each event and group, never for each
 * subscriber; what is the case is read when somebody asks ({@link gauge}).
 */
export class Metrics {
  private readonly registry = new Registry();
  private readonly names = new Set<string>();
  private readonly events = this.counter('stowage_events_total', 'Entries of the journal that this gateway has read, by type.', ['type']);
  private readonly operationsEnded = this.counter('stowage_operations_ended_total', 'Operations that this gateway has ended.', ['kind', 'state']);
  private readonly problems = this.counter('stowage_graphql_problems_total', 'Problems in answers, by operation and code.', ['operation', 'code']);
  private readonly eventLag = new Histogram({
    name: 'stowage_event_lag_seconds',
    help: "From an event, by the engine's clock, until it was handed to the live subscribers of a group.",
    buckets: LAG_BUCKETS,
    registers: [this.registry],
  });
  private readonly requests = new Histogram({
    name: 'stowage_graphql_request_seconds',
    help: `Queries and mutations, by the operation's name (the first ${String(MAX_NAMES)} that worked; "other" beyond them).`,
    labelNames: ['operation', 'kind'],
    buckets: DURATION_BUCKETS,
    registers: [this.registry],
  });
  private readonly subscriptions = this.counter('stowage_subscriptions_ended_total', 'Subscriptions that have ended or were refused, by operation.', [
    'operation',
  ]);

  /** @param knownNames names of the only documents that are answered, all of which have series of their own. */
  constructor(knownNames: readonly string[] = []) {
    for (const name of knownNames) this.names.add(name);
  }

  /** Has Node's own figures told as well: memory, event loop, what keeps it running. Once for a process. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry });
    // Gauges that are called like counters; their parts, by type, are told all the same.
    for (const kind of ['handles', 'requests', 'resources']) this.registry.removeSingleMetric(`nodejs_active_${kind}_total`);
  }

  /** Entries of the journal were read. */
  readEntries(entries: readonly { readonly type: string }[]): void {
    for (const { type } of entries) this.events.inc({ type });
  }

  /** Entries were handed to all live subscribers of a group. */
  handedOut(entries: readonly { readonly occurredAt: Date }[]): void {
    const now = Date.now();
    // An engine's clock may be ahead.
    for (const { occurredAt } of entries) this.eventLag.observe(Math.max(0, (now - occurredAt.getTime()) / 1000));
  }

  endedOperation(kind: string, state: string): void {
    this.operationsEnded.inc({ kind, state });
  }

  answered({ operationName, kind, seconds, problems }: RequestFigures): void {
    const operation = this.labelOf(operationName, problems.length === 0);
    if (kind === 'subscription') this.subscriptions.inc({ operation });
    else this.requests.observe({ operation, kind }, seconds);
    for (const code of problems) this.problems.inc({ operation, code });
  }

  /** Has something read at each scrape. A reading that fails is left out, and the others are told. */
  gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[], read: () => Promise<Reading<Label>[]> | Reading<Label>[]): void {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      async collect() {
        this.reset();
        const readings = await Promise.resolve()
          .then(read)
          .catch(() => []);
        for (const { labels, value } of readings) this.set(labels, value);
      },
    });
  }

  /** In the text format of Prometheus, with its content type. */
  async tell(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }

  private counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  /** Only what worked gets a place: nobody fills them with names of documents that are not even valid. */
  private labelOf(name: string | undefined, worked: boolean): string {
    if (name === undefined) return 'unnamed';
    if (this.names.has(name)) return name;
    if (!worked || this.names.size >= MAX_NAMES || !NAME.test(name)) return 'other';
    this.names.add(name);
    return name;
  }
}
