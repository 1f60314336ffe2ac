import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { ControlConnection } from '../database/control-connection.js';
import type { Credentials } from '../engine/endpoint.js';
import type { Engine } from '../engine/engine.js';
import { CommandEngines } from './command-engines.js';
import { claimChanges, releaseClaims } from '../inventory/change-claims.js';
import { engineOf, listHosts, markUnreachable, requireHost, writeFreshness, type Host } from '../inventory/hosts.js';
import type { Lease } from '../inventory/lease.js';
import { Problem, toShownProblem } from '../problems.js';
import { openCredentials } from './host-credentials.js';
import { lookOnOtherHosts } from './global-removals.js';
import { HostSync, WatchEndedError, type SyncContext, type SyncedHost, type WatchedHost } from './host-sync.js';
import { LeaseKeeper } from './lease-keeper.js';
import { LookExchange } from './look-exchange.js';
import type { Claim } from './pending-objects.js';

/** Milliseconds between writes of how fresh each host's picture is. */
const FRESHNESS_INTERVAL_MS = 5_000;
/** Milliseconds for a new or changed host to be tried for the first time, and between looks at whether it was. */
const FIRST_TRY_LIMIT_MS = 20_000;
const FIRST_TRY_POLL_MS = 50;

/** A host as commands deal with it, whichever gateway watches it. */
export interface HostLink {
  /**
   * Does some work with the host's engine, which stays connected until the work has ended, whoever watches the host. With
   * `claims`, the work changes those objects.
   * @throws {Problem} why it cannot be reached, and whatever the work throws.
   */
  withEngine<T>(work: (engine: Engine) => Promise<T>, ...claims: Claim[]): Promise<T>;
  /**
   * Resolves when the object was looked at and what was found is committed. `actor` has changed it, for the journal.
   * @throws {Problem} when it cannot be.
   */
  look(kind: 'volume' | 'container', key: string, actor?: string): Promise<void>;
  /** The same for everything on the host. */
  syncNow(): Promise<void>;
}

/**
 * The hosts that this gateway watches, one {@link HostSync} each: those whose leases it holds, as the database has them.
 */
export class Fleet {
  private readonly syncs = new Map<string, HostSync>();
  /** Hosts that are held and whose keys cannot be opened, by host id: only another fencing number is worth another try. */
  private readonly unreadable = new Map<string, { readonly epoch: bigint; readonly name: string; readonly problem: Problem }>();
  private readonly leases: LeaseKeeper;
  private readonly looks: LookExchange;
  /** Two matches at once must not leave two loops for one host. */
  private readonly oneAtATime = pLimit(1);
  private readonly engines: CommandEngines;
  private freshnessTimer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly context: SyncContext,
    private readonly control: ControlConnection,
  ) {
    this.leases = new LeaseKeeper(control, context.log, () => {
      void this.matchSafely();
      this.looks.serve();
    });
    this.looks = new LookExchange(context.database, control, context.log, this);
    this.engines = new CommandEngines(context);
  }

  /** Starts to watch what this gateway is to watch. `alone`: no other gateway can use this database. Waits for no engine. */
  async start(alone: boolean): Promise<void> {
    await this.leases.start(alone);
    await this.match();
    this.freshnessTimer = setInterval(() => {
      void this.writeFreshness();
    }, FRESHNESS_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.freshnessTimer);
    await this.writing;
    await this.writeFreshness();
    this.engines.close();
    this.stopped = true;
    const ended = this.oneAtATime(async () => {
      await Promise.all([...this.syncs.keys()].map((hostId) => this.end(hostId)));
      await this.looks.settle();
    });
    // What is being written ends first, but a database that does not answer is not waited for.
    await this.control
      .whileUp(() => ended)
      .catch((error: unknown) => {
        this.context.log.warn({ err: error }, 'what was being written when the gateway was stopped is left to the database');
      });
    await this.leases.stop();
  }

  private stopped = false;

  /** Tries hosts again whose keys could not be opened: others may be known now. */
  retryUnreadable(): void {
    if (this.unreadable.size === 0) return;
    this.unreadable.clear();
    void this.matchSafely();
  }

  /** Takes over at once what a command has changed about hosts, as far as it is for this gateway to do. */
  async settle(): Promise<void> {
    await this.leases.renew();
    await this.matchSafely();
  }

  /** The same when nobody waits for it, or it is not what they asked for: the next renewal mends a failure. */
  private async matchSafely(): Promise<void> {
    await this.match().catch((error: unknown) => {
      this.context.log.warn({ err: error }, 'the hosts to watch cannot be read now');
    });
  }

  /** A new or changed host as it is after its first try to connect, within a time limit. @throws {Problem} NOT_FOUND. */
  async afterFirstTry(name: string): Promise<Host> {
    const until = performance.now() + FIRST_TRY_LIMIT_MS;
    for (;;) {
      const host = await requireHost(this.context.database, name);
      if (host.status !== 'CONNECTING' || performance.now() > until) return host;
      await delay(FIRST_TRY_POLL_MS);
    }
  }

  /** The hosts that this gateway watches, as they are now. */
  watched(): readonly WatchedHost[] {
    const unreadable = [...this.unreadable.values()].map(({ name }) => ({ name, status: 'UNREACHABLE' as const, comparedAt: undefined, comparedMs: 0 }));
    return [...[...this.syncs.values()].map((sync) => sync.state), ...unreadable];
  }

  /** Ids of the hosts that this gateway is to look at. */
  get hostIds(): readonly string[] {
    return [...this.syncs.keys(), ...this.unreadable.keys()];
  }

  /** The loop of a host, or why there is none; undefined for one that this gateway does not watch. */
  watcher(hostId: string): HostSync | Problem | undefined {
    return this.syncs.get(hostId) ?? this.unreadable.get(hostId)?.problem;
  }

  /** The way to a host. @throws {Problem} HOST_DISABLED. */
  of(host: Host): HostLink {
    if (!host.enabled) throw new Problem('HOST_DISABLED', `Host ${host.name} is disabled.`);
    return {
      withEngine: async (work, ...claims) => {
        // What the watcher knows of why it cannot be reached is told at once.
        const watching = await this.byWatcher(
          host,
          (sync) => sync.connectedEngine(),
          () => Promise.resolve(undefined),
        );
        const release = await this.claim(host, claims);
        try {
          return await this.engines.use(host, watching, work);
        } finally {
          await release();
        }
      },
      look: (kind, key, actor) =>
        this.byWatcher(
          host,
          (sync) => sync.look(kind, key, actor),
          () => this.looks.ask({ hostId: host.id, kind, key, actor: actor ?? null }),
        ),
      syncNow: () =>
        this.byWatcher(
          host,
          (sync) => sync.syncNow(),
          () => this.looks.ask({ hostId: host.id, kind: 'all', key: '', actor: null }),
        ),
    };
  }

  /** Says who is about to change something on a host, to whichever gateway watches it. */
  private async claim(host: Host, claims: readonly Claim[]): Promise<() => Promise<void>> {
    if (claims.length === 0) return () => Promise.resolve();
    const sync = this.syncs.get(host.id);
    if (sync !== undefined) {
      const held = claims.map((claim) => sync.claim(claim));
      return () => {
        for (const claim of held) claim.release();
        return Promise.resolve();
      };
    }
    const ids = await claimChanges(this.context.database, host.id, claims);
    return () =>
      releaseClaims(this.context.database, ids).catch((error: unknown) => {
        this.context.log.debug({ err: error }, 'who changed something runs out by itself');
      });
  }

  private async byWatcher<T>(host: Host, here: (sync: HostSync) => Promise<T>, elsewhere: () => Promise<T>): Promise<T> {
    const sync = this.syncs.get(host.id);
    if (sync !== undefined) {
      try {
        return await here(sync);
      } catch (error) {
        if (!(error instanceof WatchEndedError)) throw error;
      }
    }
    return elsewhere();
  }

  /** Has just those hosts watched whose leases are held, each under its newest fencing number and name. */
  private async match(): Promise<void> {
    await this.oneAtATime(async () => {
      if (this.stopped) return;
      const { held, surplus } = this.leases;
      const wanted = new Map([...held].filter(([hostId]) => !surplus.includes(hostId)));
      for (const [hostId, { epoch }] of this.unreadable) if (wanted.get(hostId)?.lease.epoch !== epoch) this.unreadable.delete(hostId);
      const ending = [...this.syncs].filter(([hostId, sync]) => wanted.get(hostId)?.lease.epoch !== sync.lease.epoch);
      await Promise.all(ending.map(([hostId]) => this.end(hostId)));
      if (surplus.length > 0) await this.leases.release(surplus);
      for (const [hostId, sync] of this.syncs) sync.rename(wanted.get(hostId)?.name ?? '');
      const missing = [...wanted].flatMap(([hostId, { lease }]) =>
        this.syncs.has(hostId) || this.unreadable.get(hostId)?.epoch === lease.epoch ? [] : [hostId],
      );
      if (missing.length === 0) return;
      for (const host of await listHosts(this.context.database)) {
        const lease = wanted.get(host.id)?.lease;
        if (lease !== undefined && host.enabled && missing.includes(host.id)) this.watch(host, lease);
      }
    });
  }

  private async end(hostId: string): Promise<void> {
    const sync = this.syncs.get(hostId);
    this.syncs.delete(hostId);
    await sync?.stop();
  }

  private watch(host: Host, lease: Lease): void {
    let credentials: Credentials;
    try {
      credentials = openCredentials(this.context.sealer, host);
    } catch (error) {
      const { problem } = toShownProblem(error);
      this.unreadable.set(host.id, { epoch: lease.epoch, name: host.name, problem });
      this.context.log.error({ err: error, host: host.name }, 'the keys of a host cannot be opened');
      void markUnreachable(this.context.database, lease, problem.message).then(this.context.committed, (failure: unknown) => {
        this.context.log.warn({ err: failure, host: host.name }, 'the status of the host cannot be written');
      });
      return;
    }
    const { id, name, endpoint } = host;
    const { lastSeenAt, heardEvent } = host;
    const known: SyncedHost = {
      ...{ id, name, endpoint, credentials, engine: engineOf(host) },
      lastSeenAt: lastSeenAt ?? undefined,
      heardEvent: heardEvent ?? undefined,
    };
    const { database, log } = this.context;
    const sync = new HostSync(known, lease, this.context, (removals) => {
      void lookOnOtherHosts({ database, log, of: (other) => this.of(other) }, id, removals);
    });
    this.syncs.set(id, sync);
    sync.start();
  }

  /** One write at a time: while one is held up, the next one will do. */
  private writeFreshness(): Promise<void> {
    this.writing ??= this.control
      .whileUp(() =>
        writeFreshness(
          this.context.database,
          [...this.syncs.values()].map((sync) => sync.freshness).filter((freshness) => freshness !== undefined),
        ),
      )
      .catch((error: unknown) => {
        this.context.log.warn({ err: error }, 'the freshness of hosts cannot be written now');
      })
      .finally(() => {
        this.writing = undefined;
      });
    return this.writing;
  }
}
