import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Caller } from '../access/caller.js';
import { sightOf } from '../access/permissions.js';
import type { Authenticator } from '../access/authenticator.js';
import type { Limits } from '../config.js';
import type { ControlConnection } from '../database/control-connection.js';
import { Problem, toShownProblem } from '../problems.js';
import { TooManyRequests } from './too-many.js';

/** Milliseconds between looks at tokens and at who still answers. */
const ROUND_MS = 1_000;
/** Subscriptions of one connection: nobody looks at more at once, and its messages would hold up each other. */
const MAX_SUBSCRIPTIONS_EACH = 100;
/** Milliseconds after which it is worth another try to be let in: a connection may have ended, and nobody knows when one will. */
const ROOM_RETRY_MS = 1_000;
/** Tokens that are looked at together. */
const CHECKS_AT_ONCE = 8;

/** A connection that stays open, as far as its care goes. */
export interface LiveConnection {
  /** Ends it because its token is not valid any more, or shows something else now. */
  endForbidden(): void;
  /** Called about once a second. */
  round(now: number): void;
}

/** A connection that was let in. */
export interface Admission {
  readonly caller: Caller;
  /** Counts a subscription, for `weight` of them, until the returned function is called. @throws {Problem} LIMIT_EXCEEDED. */
  openSubscription(weight: number): () => void;
  /** The connection has ended. */
  leave(): void;
}

/** What is open with one Authorization header or session. */
interface Holder {
  readonly authorization: string | undefined;
  readonly caller: Caller;
  readonly connections: Set<LiveConnection>;
}

/** What one caller has open, however it has signed in. */
interface Usage {
  connections: number;
  subscriptions: number;
}

/** Cares for everything that stays open: limits for each caller, and the end of those whose token has ended. */
export class LiveConnections {
  private readonly holders = new Map<string, Holder>();
  /** By the callers' ids. */
  private readonly usages = new Map<string, Usage>();
  private readonly checkInTurn = pLimit(CHECKS_AT_ONCE);
  private timer: NodeJS.Timeout | undefined;
  private checking: Promise<void> = Promise.resolve();
  private isChecking = false;
  private lookAgain = false;

  constructor(
    private readonly authenticator: Pick<Authenticator, 'authenticate'>,
    private readonly control: ControlConnection,
    private readonly limits: Limits,
    private readonly log: Logger,
  ) {}

  /** Connections that are open. */
  get open(): number {
    let open = 0;
    for (const { connections } of this.usages.values()) open += connections;
    return open;
  }

  start(): void {
    this.timer = setInterval(() => {
      this.round();
    }, ROUND_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.checking;
  }

  /** @throws {TooManyRequests} when the caller has as many connections as it may. */
  admit(authorization: string | undefined, caller: Caller, connection: LiveConnection): Admission {
    // A token that shows something else now is another holder: the old one is ended at the next look.
    const key = `${sightOf(caller)} ${authorization ?? ''}`;
    const holder = this.holders.get(key) ?? { authorization, caller, connections: new Set<LiveConnection>() };
    const usage = this.usages.get(caller.id) ?? { connections: 0, subscriptions: 0 };
    const { limits } = this;
    if (usage.connections >= limits.connections) {
      throw new TooManyRequests(
        `"${caller.name}" has ${String(usage.connections)} connections open, which is the limit (STOWAGE_MAX_CONNECTIONS).`,
        ROOM_RETRY_MS,
      );
    }
    this.holders.set(key, holder);
    this.usages.set(caller.id, usage);
    usage.connections += 1;
    holder.connections.add(connection);
    let own = 0;
    return {
      caller,
      openSubscription: (weight) => {
        if (!holder.connections.has(connection)) throw new Problem('UNAVAILABLE', 'The connection has ended.');
        if (own + weight > MAX_SUBSCRIPTIONS_EACH) {
          throw new Problem('LIMIT_EXCEEDED', `This connection has ${String(own)} subscriptions, which is the limit of one connection. Open another one.`);
        }
        if (usage.subscriptions + weight > limits.subscriptions) {
          throw new Problem(
            'LIMIT_EXCEEDED',
            `"${caller.name}" has ${String(usage.subscriptions)} subscriptions, which is the limit (STOWAGE_MAX_SUBSCRIPTIONS).`,
          );
        }
        own += weight;
        usage.subscriptions += weight;
        let counts = true;
        return () => {
          if (!counts || !holder.connections.has(connection)) return;
          counts = false;
          own -= weight;
          usage.subscriptions -= weight;
        };
      },
      leave: () => {
        if (!holder.connections.delete(connection)) return;
        usage.subscriptions -= own;
        own = 0;
        usage.connections -= 1;
        if (usage.connections === 0) this.usages.delete(caller.id);
        if (holder.connections.size === 0) this.holders.delete(key);
      },
    };
  }

  private round(): void {
    const now = performance.now();
    for (const { connections } of this.holders.values()) for (const connection of connections) connection.round(now);
    this.look();
  }

  /** Looks at the tokens now: some may have changed. */
  look(): void {
    if (this.isChecking) {
      this.lookAgain = true;
      return;
    }
    this.isChecking = true;
    this.checking = this.checkTokens().finally(() => {
      this.isChecking = false;
      if (!this.lookAgain) return;
      this.lookAgain = false;
      this.look();
    });
  }

  /** Looks at every token that something is open with: it may have been revoked, have expired, or show something else. */
  private async checkTokens(): Promise<void> {
    await Promise.all([...this.holders.values()].map((holder) => this.checkInTurn(() => this.checkToken(holder))));
  }

  private async checkToken(holder: Holder): Promise<void> {
    try {
      const caller = await this.control.whileUp(() => this.authenticator.authenticate(holder.authorization));
      if (sightOf(caller) === sightOf(holder.caller)) return;
    } catch (error) {
      // Nothing is known of tokens while the database is away.
      if (toShownProblem(error).problem.code !== 'UNAUTHENTICATED') return;
    }
    this.log.info({ caller: holder.caller.name, connections: holder.connections.size }, 'a token has ended or changed, and so do its connections');
    for (const connection of [...holder.connections]) connection.endForbidden();
  }
}
