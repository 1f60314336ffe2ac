import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { Problem, toShownProblem } from '../problems.js';
import { endSoonWithoutPeer } from './client.js';

/** Milliseconds in which the database must answer here; past them the connection counts as dead. */
const ANSWER_TIMEOUT_MS = 2_000;
/** Milliseconds that a statement here waits for a lock: one that a stuck gateway holds must not hold up a heartbeat. */
const LOCK_TIMEOUT_MS = 500;
/** Milliseconds for an orderly end of the connection. */
const FAREWELL_LIMIT_MS = 500;
/** Milliseconds between tries to connect again. */
const RECONNECT_DELAY_MS = 250;

/**
 * One connection beside the pool, for what must never wait behind queries: heartbeats, leases, and being woken. What it
 * sees of the database is what `isUp` says: with the database away everything else answers UNAVAILABLE at once, instead
 * of after the time-outs of each statement.
 */
export class ControlConnection {
  private readonly handlers = new Map<string, (() => void)[]>();
  private readonly stopping = new AbortController();
  private readonly losses = new Set<() => void>();
  private client: pg.Client | undefined;
  private up = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly log: Logger,
  ) {}

  /**
   * Has `handler` called after every notification on a channel, and after every new connection, before which some may
   * have been lost. A notification only wakes: what there is to know is read from tables. Call it before {@link start}.
   */
  listen(channel: string, handler: () => void): void {
    this.handlers.set(channel, [...(this.handlers.get(channel) ?? []), handler]);
  }

  /** Connects, and from then on keeps connected. @throws when the first try fails. */
  async start(): Promise<void> {
    const first = await this.connect();
    this.running = this.keep(first);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Whether the database answers, as far as is known. A connection that is lost and made again at once does not count. */
  get isUp(): boolean {
    return this.up;
  }

  /**
   * Waits for work that needs the database, but no longer than the database is there.
   * @throws {Problem} UNAVAILABLE as soon as it is not.
   */
  async whileUp<T>(work: () => Promise<T>): Promise<T> {
    if (!this.up) throw away();
    let lost: () => void = () => undefined;
    const loss = new Promise<never>((_resolve, reject) => {
      lost = () => {
        reject(away());
      };
    });
    this.losses.add(lost);
    try {
      return await Promise.race([work(), loss]);
    } finally {
      this.losses.delete(lost);
    }
  }

  /** Runs one statement. @throws {Problem} UNAVAILABLE when the database does not answer in time; what PostgreSQL says otherwise. */
  async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const { client } = this;
    if (client === undefined) throw away();
    let lastLook: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      // A process that was busy itself has not read what came: that is done before this.
      lastLook = setImmediate(() => {
        // Unlike a connection that was closed, one that falls silent is no matter of a moment.
        this.fall();
        cut(client);
      });
    }, ANSWER_TIMEOUT_MS);
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw toShownProblem(error).unknown ? error : away(error);
    } finally {
      clearTimeout(timer);
      clearImmediate(lastLook);
    }
  }

  private async connect(): Promise<Connected> {
    const client = new pg.Client({
      connectionString: this.url,
      keepAlive: true,
      application_name: 'stowage control',
      connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
      statement_timeout: ANSWER_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
    });
    const lost = new Promise<void>((resolve) => {
      client.on('error', () => {
        resolve();
      });
      client.on('end', resolve);
    });
    client.on('notification', ({ channel }) => {
      for (const handler of this.handlers.get(channel) ?? []) handler();
    });
    const giveUp = () => {
      cut(client);
    };
    const timer = setTimeout(giveUp, 2 * ANSWER_TIMEOUT_MS);
    this.stopping.signal.addEventListener('abort', giveUp, { once: true });
    try {
      await client.connect();
      await endSoonWithoutPeer(client);
      for (const channel of this.handlers.keys()) await client.query(`listen ${channel}`);
    } catch (error) {
      cut(client);
      throw error;
    } finally {
      clearTimeout(timer);
      this.stopping.signal.removeEventListener('abort', giveUp);
    }
    this.client = client;
    this.up = true;
    for (const handler of [...this.handlers.values()].flat()) handler();
    return { client, lost };
  }

  private async keep(first: Connected): Promise<void> {
    const { signal } = this.stopping;
    // Reads the flag anew each time: it changes while something is awaited.
    const stopped = () => signal.aborted;
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    let connected: Connected | undefined = first;
    while (!stopped()) {
      if (connected !== undefined) {
        await Promise.race([connected.lost, aborted]);
        this.client = undefined;
        // Over a half-open link a farewell is never answered.
        if (stopped()) await Promise.race([connected.client.end().catch(() => undefined), delay(FAREWELL_LIMIT_MS, undefined, { ref: false })]);
        cut(connected.client);
        if (stopped()) return;
      }
      connected = await this.connect().catch((error: unknown) => {
        this.log.debug({ err: error }, 'the database cannot be connected to');
        this.fall();
        return undefined;
      });
      if (connected === undefined) await delay(RECONNECT_DELAY_MS, undefined, { signal }).catch(() => undefined);
    }
    if (connected !== undefined) cut(connected.client);
  }

  private fall(): void {
    if (this.up) this.log.warn('the database does not answer');
    this.up = false;
    const losses = [...this.losses];
    this.losses.clear();
    for (const lost of losses) lost();
  }
}

interface Connected {
  readonly client: pg.Client;
  readonly lost: Promise<void>;
}

function away(cause?: unknown): Problem {
  return new Problem('UNAVAILABLE', 'The database of the gateway does not answer now. Try again.', { cause });
}

/** Ends the socket itself: over a half-open link a farewell would never be answered. */
function cut(client: pg.Client): void {
  // node-postgres' types do not show the socket.
  (client as unknown as { connection: { stream: { destroy: () => void } } }).connection.stream.destroy();
}
