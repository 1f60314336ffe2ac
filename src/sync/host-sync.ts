import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ExponentialBackoff, type IBackoff } from 'cockatiel';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { v7 as newId } from 'uuid';
import type { Credentials } from '../engine/endpoint.js';
import type { Engine } from '../engine/engine.js';
import { readEventStream } from '../engine/event-stream.js';
import type { EngineEvent } from '../engine/model.js';
import { markOnline, markUnreachable, writeWatchedSince, type Freshness } from '../inventory/hosts.js';
import type { HostPicture } from '../inventory/picture.js';
import { absorb, isEmpty } from '../inventory/changes.js';
import { openClaims } from '../inventory/change-claims.js';
import { confirmLease, LeaseLostError, outlastWriters, type Lease } from '../inventory/lease.js';
import { reconcile } from '../inventory/reconcile.js';
import { signKey, type Seen } from '../inventory/seen.js';
import { applyChanges, loadPicture } from '../inventory/store.js';
import { Problem, toShownProblem } from '../problems.js';
import type { Sealer } from '../sealing.js';
import { inSpan } from '../tracing.js';
import { connectHost, type ConnectContext } from './connect-host.js';
import type { KnownEngine } from './engine-identity.js';
import { globalRemovals, removalsOfUnknown, type GlobalRemoval } from './global-removals.js';
import { observe } from './observe.js';
import { PendingObjects, type Claim, type Pending } from './pending-objects.js';
import type { FullLooks } from './full-looks.js';
import { SlowObjects } from './slow-objects.js';

/** Milliseconds by which the engine's clock may be misread, from its Date header of whole seconds. */
const CLOCK_DOUBT_MS = 2_000;
/** Milliseconds that one event stream lives. Its clean end is the heartbeat: an engine sends none of its own. */
const STREAM_LIFE_MS = 15_000;
/** Milliseconds between the beginnings of two streams at least. */
const SHORTEST_STREAM_MS = 500;
/** Milliseconds after its end by which a stream must have ended; past it the link is half open. */
const STREAM_GRACE_MS = 5_000;
/** How far back a new stream begins, in nanoseconds: events come up to 4 ms out of order, and clocks are read to a second. */
const OVERLAP_NANO = 2_000_000_000n;
/**
 * Events whose doubles, from overlapping streams, are left out. A stream begins when the one before has ended, and an engine can
 * replay no more than its newest 256: of these there are four times as many, 0.3 MB for each host that tells of much.
 */
const REMEMBERED_EVENTS = 1_024;
/** Milliseconds in which a new stream must have replayed the newest event known, or there was a gap. */
const REPLAY_TIME_MS = 1_000;
/** Milliseconds in which the first event of a replay must come, and of silence after which it counts as complete. */
const FIRST_REPLAY_MS = 300;
const REPLAY_LULL_MS = 50;
/** The engine keeps 256 past events; a replay of nearly as many may have lost some. */
const REPLAY_LIMIT = 240;
/**
 * Milliseconds by which an event may come late. An engine silently drops events for a reader that lags by about 1,300 of
 * them, which takes longer: whoever read late may have lost some.
 */
const LATE_EVENT_MS = 250;
/** Milliseconds in which the events that follow a late one are taken together. */
const LATE_EVENTS_WINDOW_MS = 500;
/**
 * So many late events in a row, and some may have been dropped: an engine keeps 1,024 for a reader before it drops any, and
 * those all come late.
 */
const LOSSY_LAG = 64;
/** How many times as long as a listing takes is waited for: listing itself can make events late. */
const LATE_EVENTS_REST = 4;
/** First and longest wait before an engine that cannot be reached is tried again, in milliseconds. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 3_000;
/** A session that held this long counts as healthy: the waits begin anew. */
const HEALTHY_AFTER_MS = 120_000;
/** Part of the interval by which full comparisons are spread, so that hosts do not all list at once. */
const RESYNC_JITTER = 0.2;
/** Milliseconds between tries while the database cannot be written to. */
const DATABASE_RETRY_MS = 1_000;

/** A host, ready to be connected to. */
export interface SyncedHost {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** undefined: never. */
  readonly lastSeenAt: Date | undefined;
  /** The newest event up to which all was looked into, as {@link HostSync.freshness} told it; undefined: none is known. */
  readonly heardEvent: string | undefined;
  /** What its engine last told of itself. */
  readonly engine: KnownEngine | undefined;
}

interface OpenStream {
  readonly stream: IncomingMessage;
  /** Engine times in nanoseconds. */
  readonly since: bigint;
  readonly until: bigint;
  /** Our clock, in milliseconds. */
  readonly openedAt: number;
}

export interface SyncContext extends ConnectContext {
  readonly sealer: Sealer;
  readonly log: Logger;
  readonly resyncIntervalMs: number;
  /** In whose turns everything of a host is compared. */
  readonly fullLooks: FullLooks;
  /** Called after every commit that journalled something. */
  readonly committed: () => void;
}

/** Thrown to those who wait for a look when this gateway stops watching the host: another one, or another loop, does it. */
export class WatchEndedError extends Problem {
  constructor(host: string) {
    super('HOST_UNREACHABLE', `Host ${host} is not watched any more.`);
  }
}

/** A host that this gateway watches. */
export interface WatchedHost {
  readonly name: string;
  readonly status: 'ONLINE' | 'CONNECTING' | 'UNREACHABLE';
  /** When everything on it was last compared, in milliseconds since 1970; undefined: never by this loop. */
  readonly comparedAt: number | undefined;
  /** Milliseconds that this took. */
  readonly comparedMs: number;
}

/** What a session keeps from look to look. */
interface Memory {
  /** undefined: to be read from the database. */
  picture: HostPicture | undefined;
  /** Whether a commit may have gone through that nobody heard of. */
  inDoubt: boolean;
}

/** What one look is at, and for. */
interface Look {
  readonly taken: Pending;
  readonly recheckRuns: boolean;
  /** Whether events before it may have been lost. */
  readonly beginsWatch: boolean;
  /** Whether somebody waits for it. */
  readonly waitedFor: boolean;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (problem: Problem) => void;
}

/**
 * The loop of one host: watch, list, reconcile, again. It never gives up, and nothing that goes wrong in it reaches
 * another host.
 */
export class HostSync {
  private readonly stopping = new AbortController();
  private readonly pending = new PendingObjects();
  private readonly log: Logger;
  private waiters: Waiter[] = [];
  private engine: Engine | undefined;
  private running: Promise<void> = Promise.resolve();
  /** Why there is no engine now; undefined until the first try has ended. */
  private trouble: Problem | undefined;
  private firstTry: Promise<void>;
  private endFirstTry: () => void = () => undefined;
  private seenAt: Date | undefined;
  private syncedAt: Date | undefined;
  private comparedAt: number | undefined;

  constructor(
    private host: SyncedHost,
    /** What this loop writes under. */
    readonly lease: Lease,
    private readonly context: SyncContext,
    /** Called with volumes that went from this host, and so from all others. */
    private readonly wentEverywhere: (removals: readonly GlobalRemoval[]) => void = () => undefined,
  ) {
    this.log = context.log.child({ host: host.name });
    this.witness = readWitness(host.heardEvent);
    this.firstTry = new Promise((resolve) => {
      this.endFirstTry = resolve;
    });
  }

  start(): void {
    this.running = this.run();
  }

  /** Goes on under another name; nothing is cut for it. */
  rename(name: string): void {
    this.host = { ...this.host, name };
  }

  /** Ends the loop and every socket; resolves when both are ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.beInTrouble(new WatchEndedError(this.host.name));
  }

  /** The connected engine, after the first try to connect has ended. @throws {Problem} why there is none. */
  async connectedEngine(): Promise<Engine> {
    if (this.engine === undefined) await this.firstTry;
    if (this.engine !== undefined) return this.engine;
    throw this.trouble ?? new Problem('HOST_UNREACHABLE', `Host ${this.host.name} is not connected.`);
  }

  /**
   * Looks at one object now and resolves when what was found is committed. `actor` has changed it, for the journal.
   * @throws {Problem} when it cannot be.
   */
  async look(kind: 'volume' | 'container', key: string, actor?: string): Promise<void> {
    await this.connectedEngine();
    this.pending.ask(kind, key, actor);
    await this.nextCommit();
  }

  /** Says who is about to change an object. To be released when that is done. */
  claim(claim: Claim): { release: () => void } {
    return this.pending.claim(claim);
  }

  /** Lists everything now and resolves when what was found is committed. @throws {Problem} when it cannot be. */
  async syncNow(): Promise<void> {
    await this.connectedEngine();
    this.pending.everything();
    await this.nextCommit();
  }

  /** How true the inventory of this host is; undefined before the first comparison. */
  get freshness(): Freshness | undefined {
    if (this.engine === undefined || this.seenAt === undefined || this.syncedAt === undefined) return undefined;
    return { lease: this.lease, seenAt: this.seenAt, syncedAt: this.syncedAt, heardEvent: this.settledEvent };
  }

  /** How it stands with this host now. */
  get state(): WatchedHost {
    const status = this.engine !== undefined ? 'ONLINE' : this.trouble === undefined ? 'CONNECTING' : 'UNREACHABLE';
    return { name: this.host.name, status, comparedAt: this.comparedAt, comparedMs: this.listingMs };
  }

  private nextCommit(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
    });
  }

  private fail(problem: Problem): void {
    for (const waiter of this.waiters.splice(0)) waiter.reject(problem);
  }

  /** Tells all who wait, and all who will ask, why there is no engine. */
  private beInTrouble(trouble: Problem): void {
    this.trouble = trouble;
    this.fail(trouble);
    this.endFirstTry();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const waits = new ExponentialBackoff({ initialDelay: FIRST_RETRY_MS, maxDelay: LAST_RETRY_MS });
    let wait: IBackoff<unknown> | undefined;
    while (!signal.aborted) {
      const began = Date.now();
      await this.session().catch((error: unknown) => this.recordTrouble(error));
      wait = wait === undefined || Date.now() - began > HEALTHY_AFTER_MS ? waits.next() : wait.next(undefined);
      await delay(wait.duration, undefined, { signal }).catch(() => undefined);
    }
  }

  private async recordTrouble(error: unknown): Promise<void> {
    if (this.stopping.signal.aborted) return;
    if (error instanceof LeaseLostError) {
      this.end();
      return;
    }
    const known = error instanceof Problem;
    if (known) this.log.warn({ code: error.code, reason: error.message }, 'the host cannot be reached');
    else this.log.error({ err: error }, 'synchronising the host failed');
    const trouble = known ? error : new Problem('INTERNAL', 'Synchronising this host failed; the log of the gateway has the details.');
    this.beInTrouble(trouble);
    await markUnreachable(this.context.database, this.lease, trouble.message).then(this.context.committed, (failure: unknown) => {
      if (failure instanceof LeaseLostError) this.end();
      else this.log.warn({ err: failure }, 'the status of the host cannot be written');
    });
  }

  /** Ends the loop from within: another gateway watches the host, or it was removed. */
  private end(): void {
    this.log.info('the lease of the host is lost');
    this.stopping.abort();
    this.beInTrouble(new WatchEndedError(this.host.name));
  }

  private async session(): Promise<void> {
    const { host, context } = this;
    const { signal } = this.stopping;
    const engine = await connectHost(context, host, host.credentials, signal);
    const session = new AbortController();
    const end = () => {
      session.abort();
      // Calls that are under way would otherwise hold the end up until their deadline.
      engine.close();
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    let resync: NodeJS.Timeout | undefined;
    const scheduleResync = () => {
      const spread = 1 + (Math.random() * 2 - 1) * RESYNC_JITTER;
      resync = setTimeout(() => {
        this.pending.everything();
        scheduleResync();
      }, context.resyncIntervalMs * spread);
    };
    const tasks: Promise<void>[] = [];
    try {
      // The stream first, then the list: what happens in between is heard. It reaches back to the last time that this
      // host was seen, since the engine may still tell of what happened while nobody listened.
      const missed = this.witness !== undefined || this.host.lastSeenAt !== undefined;
      this.resumed = false;
      const firstStream = await this.openStream(engine, this.lastHeard(engine) - OVERLAP_NANO, session.signal);
      tasks.push(this.watch(engine, firstStream, session.signal));
      if (missed) await Promise.race([...tasks, this.replayHasCome(session.signal)]);
      this.recheckRuns = true;
      this.pending.everything();
      scheduleResync();
      tasks.push(this.work(engine, session.signal));
      await Promise.race(tasks);
    } finally {
      clearTimeout(resync);
      clearTimeout(this.lateEvents);
      this.lateEvents = undefined;
      this.engine = undefined;
      end();
      signal.removeEventListener('abort', end);
      await Promise.allSettled(tasks);
    }
  }

  // ---- watching

  private recheckRuns = true;
  private readonly recentEvents = new LRUCache<string, true>({ max: REMEMBERED_EVENTS });
  /** The newest event heard: if a later stream does not replay it, events between were lost. */
  private witness: Witness | undefined;
  /** Whether this session was shown to go on where the last one ended: its stream replayed the newest event known. */
  private resumed = false;
  /** Whether events may have been lost, and not everything was listed since. */
  private gap = false;
  /** Whether the newest event known has still to be replayed by the stream. */
  private awaited = false;
  /** The newest event up to which all was looked into. */
  private settledEvent: string | undefined;

  private async openStream(engine: Engine, since: bigint, signal: AbortSignal): Promise<OpenStream> {
    const openedAt = Date.now();
    const now = engine.clock.nowNano();
    // An engine refuses a stream that begins after its end, and would do so until its clock is where it was.
    if (this.witness !== undefined && wasSetBack(this.witness.timeNano, now)) {
      this.witness = undefined;
      this.suspectGap();
    }
    const from = wasSetBack(since, now) ? now - OVERLAP_NANO : since;
    const until = now + BigInt(STREAM_LIFE_MS) * 1_000_000n;
    return { stream: await engine.events(from, until, signal), since: from, until, openedAt };
  }

  private async watch(engine: Engine, first: OpenStream, signal: AbortSignal): Promise<void> {
    let current = first;
    while (!signal.aborted) {
      await this.readStream(engine, current, signal);
      this.seenAt = new Date();
      // Whatever ends every stream at once must not make this a loop without a pause.
      const shortBy = SHORTEST_STREAM_MS - (Date.now() - current.openedAt);
      if (shortBy > 0) await delay(shortBy, undefined, { signal }).catch(() => undefined);
      // Up to the end that was asked for, everything has been delivered. A proxy may end a stream earlier.
      const whole = Date.now() - current.openedAt >= STREAM_LIFE_MS - CLOCK_DOUBT_MS;
      // Then the newest event must be replayed, however old; with none, nothing shows that none was lost.
      if (!whole && this.witness === undefined) this.resumed = false;
      const delivered = whole ? current.until : (this.witness?.timeNano ?? current.since);
      current = await this.openStream(engine, delivered - OVERLAP_NANO, signal);
    }
  }

  /** When the newest event came, by the monotonic clock in milliseconds. */
  private heardAt = -Infinity;

  /**
   * Waits a moment for what the engine still tells of the time in which nobody listened: an entry of the journal then has
   * the engine's own word and time, and not only the fact that was found by listing. For the newest event known it waits
   * longer: with it, nothing was lost.
   */
  private async replayHasCome(signal: AbortSignal): Promise<void> {
    const began = performance.now();
    for (;;) {
      await delay(REPLAY_LULL_MS / 2, undefined, { signal }).catch(() => undefined);
      const now = performance.now();
      const came = this.heardAt >= began;
      if (signal.aborted || now - began > (came || this.awaited ? REPLAY_TIME_MS : FIRST_REPLAY_MS)) return;
      if (came && !this.awaited && now - this.heardAt > REPLAY_LULL_MS) return;
    }
  }

  private async readStream(engine: Engine, { stream, since }: OpenStream, signal: AbortSignal): Promise<void> {
    const expected = this.witness !== undefined && this.witness.timeNano >= since ? this.witness.key : undefined;
    let proven = expected === undefined;
    this.awaited = !proven;
    let replayed: number | undefined = 0;
    const endReplay = setTimeout(() => {
      if (!proven || (replayed ?? 0) >= REPLAY_LIMIT) this.suspectGap();
      this.awaited = false;
      replayed = undefined;
    }, REPLAY_TIME_MS);
    const abort = () => stream.destroy();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      await readEventStream(stream, STREAM_LIFE_MS + STREAM_GRACE_MS, (event) => {
        const key = eventKey(event);
        this.heardAt = performance.now();
        if (key === expected) {
          proven = true;
          this.resumed = true;
          this.awaited = false;
        }
        engine.clock.hearEvent(event.timeNano);
        if (replayed !== undefined) replayed += 1;
        else if (engine.clock.certainlyPastNano() - event.timeNano > BigInt(LATE_EVENT_MS) * 1_000_000n) this.hearLate();
        else this.lateInARow = 0;
        if (this.recentEvents.has(key)) return;
        this.recentEvents.set(key, true);
        if (this.witness === undefined || event.timeNano >= this.witness.timeNano) this.witness = { key, timeNano: event.timeNano };
        this.pending.hear(event);
      });
    } finally {
      clearTimeout(endReplay);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Engine time up to which events were heard, or now for a host that was never seen. */
  private lastHeard(engine: Engine): bigint {
    if (this.witness !== undefined) return this.witness.timeNano;
    const { lastSeenAt } = this.host;
    const now = engine.clock.nowNano();
    return lastSeenAt === undefined ? now : now - BigInt(Math.max(0, Date.now() - lastSeenAt.getTime())) * 1_000_000n;
  }

  private lateEvents: NodeJS.Timeout | undefined;
  private lateInARow = 0;
  /** Milliseconds that the last listing of everything took. */
  private listingMs = 0;

  private hearLate(): void {
    this.lateInARow += 1;
    if (this.lateInARow >= LOSSY_LAG) this.gap = true;
    this.lateEvents ??= setTimeout(
      () => {
        this.lateEvents = undefined;
        this.listEverything();
      },
      Math.max(LATE_EVENTS_WINDOW_MS, LATE_EVENTS_REST * this.listingMs),
    );
  }

  private suspectGap(): void {
    this.gap = true;
    this.listEverything();
  }

  private listEverything(): void {
    this.log.info('events were lost; listing everything');
    this.recheckRuns = true;
    this.pending.everything();
  }

  // ---- working off

  private async work(engine: Engine, signal: AbortSignal): Promise<void> {
    const memory: Memory = { picture: undefined, inDoubt: false };
    const slow = new SlowObjects(engine, signal, ({ kind, key }, signs) => {
      this.pending.recheck(kind, key, signs);
    });
    for (;;) {
      await this.pending.some(signal);
      if (signal.aborted) return;
      // A call of its own: what it held would be kept in memory while this one waits.
      await this.lookOnce(engine, memory, slow, signal);
    }
  }

  /** Looks at what is pending, and writes what changed. */
  private async lookOnce(engine: Engine, memory: Memory, slow: SlowObjects, signal: AbortSignal): Promise<void> {
    const waiters = this.waiters.splice(0);
    const heard = this.witness;
    const taken = this.pending.take();
    if (taken.lost) this.gap = true;
    const beginsWatch = taken.all && (this.gap || !this.resumed);
    if (beginsWatch) [this.gap, this.resumed] = [false, true];
    const recheckRuns = this.recheckRuns && taken.all;
    // Before looking: a gap that is found meanwhile asks for it once more.
    if (recheckRuns) this.recheckRuns = false;
    try {
      if (memory.inDoubt) await outlastWriters(this.context.database, this.lease);
      memory.inDoubt = false;
      const compare = () => {
        // It may have ended while others had their turns.
        if (signal.aborted) throw new WatchEndedError(this.host.name);
        const look = { taken, recheckRuns, beginsWatch, waitedFor: waiters.length > 0 };
        return inSpan('look at host', { root: true, attributes: { 'stowage.host': this.host.name, 'stowage.all': taken.all } }, () =>
          this.compare(engine, memory, look, slow),
        );
      };
      const { observedAt, picture } = await (taken.all ? this.context.fullLooks.take(compare) : compare());
      this.seenAt = new Date();
      if (taken.all) {
        picture.sharesAreComplete = true;
        this.comparedAt = Date.now();
        await this.synced(engine, observedAt, beginsWatch ? observedAt : undefined);
      } else if (this.syncedAt !== undefined) {
        this.syncedAt = observedAt;
      }
      if (!this.gap && this.resumed && !this.awaited) this.settledEvent = heard?.key;
      for (const waiter of waiters) waiter.resolve();
    } catch (error) {
      this.pending.restore(taken);
      this.gap ||= beginsWatch;
      this.recheckRuns ||= recheckRuns;
      this.waiters.unshift(...waiters);
      if (error instanceof LeaseLostError || toShownProblem(error).problem.code !== 'UNAVAILABLE') throw error;
      // The database is away: whether the commit went through is not known, so what is known is read anew.
      this.log.warn({ err: error }, 'the inventory cannot be written now');
      memory.picture = undefined;
      memory.inDoubt = true;
      this.pending.everything();
      this.fail(new Problem('UNAVAILABLE', 'The database cannot be written to now. Try again.'));
      await delay(DATABASE_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Compares what the engine shows with what is known, and writes the difference. */
  private async compare(engine: Engine, memory: Memory, look: Look, slow: SlowObjects): Promise<{ readonly observedAt: Date; readonly picture: HostPicture }> {
    const { taken, recheckRuns, beginsWatch, waitedFor } = look;
    const { database, sealer } = this.context;
    let picture = (memory.picture ??= await loadPicture(database, sealer, this.host));
    if (picture.host.name !== this.host.name) memory.picture = picture = { ...picture, host: { id: this.host.id, name: this.host.name } };
    const began = performance.now();
    const seen = await observe(engine, picture, taken, recheckRuns, slow);
    let changes = reconcile(picture, seen, newId);
    if (changes.entries.some(({ actor }) => actor === undefined)) {
      const claims = await openClaims(database, this.host.id);
      if (claims.length > 0) changes = reconcile(picture, { ...seen, actors: withClaims(seen, claims) }, newId);
    }
    const wentEverywhere = [...removalsOfUnknown(taken, picture), ...globalRemovals(changes)];
    const observed = performance.now();
    const observedAt = new Date(seen.observedAt);
    // Before what was found is shown: it says less than it did. The first one is written when the host is ONLINE.
    if (beginsWatch && this.engine !== undefined) await writeWatchedSince(database, this.lease, observedAt);
    if (!isEmpty(changes)) {
      await applyChanges(database, sealer, this.lease, picture.host, changes);
      absorb(picture, changes);
      this.context.committed();
    } else if (waitedFor) {
      // A gateway that was frozen meanwhile must not vouch for what another one keeps by now.
      await confirmLease(database, this.lease);
    }
    if (wentEverywhere.length > 0) this.wentEverywhere(wentEverywhere);
    if (taken.all) this.listingMs = performance.now() - began;
    this.log.debug(
      {
        all: taken.all,
        objects: taken.objects.size,
        entries: changes.entries.length,
        observeMs: Math.round(observed - began),
        commitMs: Math.round(performance.now() - observed),
      },
      'looked',
    );
    return { observedAt, picture };
  }

  private async synced(engine: Engine, at: Date, watchedSince: Date | undefined): Promise<void> {
    this.syncedAt = at;
    if (this.engine !== undefined) return;
    await markOnline(this.context.database, this.lease, engine.info, at, watchedSince);
    this.context.committed();
    this.engine = engine;
    this.host = { ...this.host, engine: engine.info };
    this.trouble = undefined;
    this.endFirstTry();
    this.log.info({ version: engine.info.version, apiVersion: engine.info.apiVersion }, 'the host is online');
  }
}

/** Who changes what is seen, also through other gateways. */
function withClaims(seen: Seen, claims: readonly Claim[]): ReadonlyMap<string, string> {
  const actors = new Map(seen.actors);
  const byName = new Map([...seen.containers].flatMap(([id, facts]) => (typeof facts === 'string' ? [] : [[facts.name, id]])));
  for (const { kind, key, actor } of claims) {
    const signed = signKey(kind, kind === 'container' ? (byName.get(key) ?? key) : key);
    if (!actors.has(signed)) actors.set(signed, actor);
  }
  return actors;
}

/** Whether the engine's clock was set back since it told of `then`; both in its nanoseconds. */
export function wasSetBack(then: bigint, now: bigint): boolean {
  return then > now + BigInt(CLOCK_DOUBT_MS) * 1_000_000n;
}

/** An event by which to know whether those after it were lost. */
interface Witness {
  readonly key: string;
  readonly timeNano: bigint;
}

/** The event of an {@link eventKey}. */
function readWitness(key: string | undefined): Witness | undefined {
  const time = /^\d+(?= )/.exec(key ?? '')?.[0];
  return key === undefined || time === undefined ? undefined : { key, timeNano: BigInt(time) };
}

/** What tells an event from all others; it begins with its time. */
function eventKey(event: EngineEvent): string {
  return `${String(event.timeNano)} ${event.type} ${event.action} ${event.actorId} ${event.attributes['container'] ?? ''} ${event.attributes['destination'] ?? ''}`;
}
