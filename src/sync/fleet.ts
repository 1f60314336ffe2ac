import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { ControlConnection } from '../database/control-connection.js';
import { parseEndpoint, type Credentials } from '../engine/endpoint.js';
import { Engine } from '../engine/engine.js';
import { engineOf, listHosts, markUnreachable, requireHost, writeFreshness, type Host } from '../inventory/hosts.js';
import type { Lease } from '../inventory/lease.js';
import { Problem, toShownProblem } from '../problems.js';
import type { Sealer } from '../sealing.js';
import { refuseAnotherEngine } from './engine-identity.js';
import { openCredentials } from './host-credentials.js';
import { HostSync, WatchEndedError, type SyncContext, type SyncedHost } from './host-sync.js';
import { LeaseKeeper } from './lease-keeper.js';
import { LookExchange } from './look-exchange.js';

/** Milliseconds between writes of how fresh each host's picture is. */
const FRESHNESS_INTERVAL_MS = 5_000;
/** Milliseconds that a connection to an engine is kept that another gateway watches, after its last use. */
const BORROWED_ENGINE_MS = 30_000;
/** Such connections kept at once. */
const MAX_BORROWED_ENGINES = 100;
/** Milliseconds for a new or changed host to be tried for the first time, and between looks at whether it was. */
const FIRST_TRY_LIMIT_MS = 20_000;
const FIRST_TRY_POLL_MS = 50;

/** A host as commands deal with it, whichever gateway watches it. */
export interface HostLink {
  /** The host's engine. @throws {Problem} why it cannot be reached. */
  connectedEngine(): Promise<Engine>;
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
  /** Fencing numbers of hosts whose keys cannot be opened, by host id: only another number is worth another try. */
  private readonly unreadable = new Map<string, bigint>();
  private readonly leases: LeaseKeeper;
  private readonly looks: LookExchange;
  /** Two matches at once must not leave two loops for one host. */
  private readonly oneAtATime = pLimit(1);
  private readonly borrowed: LRUCache<string, Promise<Engine>>;
  private freshnessTimer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: SyncContext,
    control: ControlConnection,
    private readonly sealer: Sealer,
  ) {
    this.leases = new LeaseKeeper(control, context.log, () => {
      void this.match().catch((error: unknown) => {
        context.log.warn({ err: error }, 'the hosts to watch cannot be read now');
      });
      this.looks.serve();
    });
    this.looks = new LookExchange(context.database, control, context.log, this.syncs);
    this.borrowed = new LRUCache({
      max: MAX_BORROWED_ENGINES,
      ttl: BORROWED_ENGINE_MS,
      ttlAutopurge: true,
      updateAgeOnGet: true,
      dispose: (engine) => {
        void engine.then(
          (connected) => {
            connected.close();
          },
          () => undefined,
        );
      },
    });
  }

  /** Starts to watch what this gateway is to watch. `alone`: no other gateway can use this database. Waits for no engine. */
  async start(alone: boolean): Promise<void> {
    await this.leases.start(alone);
    await this.match();
    this.freshnessTimer = setInterval(() => {
      this.writing = this.writeFreshness();
    }, FRESHNESS_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.freshnessTimer);
    await this.writing;
    await this.writeFreshness();
    await this.oneAtATime(async () => {
      this.stopped = true;
      await Promise.all([...this.syncs.keys()].map((hostId) => this.end(hostId)));
    });
    await this.looks.settle();
    await this.leases.stop();
    this.borrowed.clear();
  }

  private stopped = false;

  /** Takes over at once what a command has changed about hosts, as far as it is for this gateway to do. */
  async settle(): Promise<void> {
    await this.leases.renew();
    await this.match();
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

  /** The way to a host. @throws {Problem} HOST_DISABLED. */
  of(host: Host): HostLink {
    if (!host.enabled) throw new Problem('HOST_DISABLED', `Host ${host.name} is disabled.`);
    return {
      connectedEngine: () =>
        this.byWatcher(
          host,
          (sync) => sync.connectedEngine(),
          () => this.borrowEngine(host),
        ),
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

  private async borrowEngine(host: Host): Promise<Engine> {
    // Sealing differs each time, so that other keys are another way, too.
    const key = `${host.id} ${host.endpoint} ${Buffer.from(host.credentials ?? []).toString('base64url')}`;
    let engine = this.borrowed.get(key);
    if (engine === undefined) {
      const credentials = openCredentials(this.sealer, host);
      engine = Engine.connect(parseEndpoint(host.endpoint, credentials), credentials, this.context.engineTimeoutMs).then((connected) => {
        refuseAnotherEngine(engineOf(host), connected);
        return connected;
      });
      this.borrowed.set(key, engine);
      engine.catch(() => this.borrowed.delete(key));
    }
    return engine;
  }

  /** Has just those hosts watched whose leases are held, each under its newest fencing number and name. */
  private async match(): Promise<void> {
    await this.oneAtATime(async () => {
      if (this.stopped) return;
      const { held, surplus } = this.leases;
      const wanted = new Map([...held].filter(([hostId]) => !surplus.includes(hostId)));
      const ending = [...this.syncs].filter(([hostId, sync]) => wanted.get(hostId)?.lease.epoch !== sync.lease.epoch);
      await Promise.all(ending.map(([hostId]) => this.end(hostId)));
      if (surplus.length > 0) await this.leases.release(surplus);
      for (const [hostId, sync] of this.syncs) sync.rename(wanted.get(hostId)?.name ?? '');
      const missing = [...wanted].flatMap(([hostId, { lease }]) => (this.syncs.has(hostId) || this.unreadable.get(hostId) === lease.epoch ? [] : [hostId]));
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
      credentials = openCredentials(this.sealer, host);
    } catch (error) {
      this.unreadable.set(host.id, lease.epoch);
      this.context.log.error({ err: error, host: host.name }, 'the keys of a host cannot be opened');
      void markUnreachable(this.context.database, lease, toShownProblem(error).problem.message).then(this.context.committed, (failure: unknown) => {
        this.context.log.warn({ err: failure, host: host.name }, 'the status of the host cannot be written');
      });
      return;
    }
    const { id, name, endpoint } = host;
    const known: SyncedHost = { id, name, endpoint, credentials, lastSeenAt: host.lastSeenAt ?? undefined, engine: engineOf(host) };
    const sync = new HostSync(known, lease, this.context);
    this.syncs.set(id, sync);
    sync.start();
  }

  private async writeFreshness(): Promise<void> {
    const fresh = [...this.syncs.values()].map((sync) => sync.freshness).filter((freshness) => freshness !== undefined);
    await writeFreshness(this.context.database, fresh).catch((error: unknown) => {
      this.context.log.warn({ err: error }, 'the freshness of hosts cannot be written now');
    });
  }
}
