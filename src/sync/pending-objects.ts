import { LRUCache } from 'lru-cache';
import { HELPER_LABEL, type EngineEvent } from '../engine/model.js';
import type { ChangeClaim as Claim } from '../inventory/change-claims.js';
import { asMilliseconds, signKey, type BriefUse, type Signs } from '../inventory/seen.js';

/** More objects than this to look at one by one, and listing everything is cheaper (a list of 2,000 volumes: 10 ms). */
const MAX_OBJECTS = 256;
/** Mounts by containers that may be gone before anyone looks; older ones are dropped, and everything is listed. */
const MAX_USES = 1_024;

/** Milliseconds after a change in which what is heard of its object is still taken for that change. */
const CLAIM_AFTERMATH_MS = 1_000;

export type { ChangeClaim as Claim } from '../inventory/change-claims.js';

/** An object to look at, with what the event stream said of it. */
export interface PendingObject {
  readonly kind: 'volume' | 'container';
  /** Name of a volume, engine id of a container. */
  readonly key: string;
  readonly signs: Map<string, bigint>;
  /** Driver of a volume whose removal was heard of. */
  removedFrom: string | undefined;
  /** Whether someone waits for this look, and has not only heard of the object. */
  asked: boolean;
  /** Who changed it through the gateway. */
  actor: string | undefined;
}

/** A mount that was heard of, until it is known whether its container was still there to be looked at. */
export interface HeardUse extends BriefUse {
  readonly containerId: string;
}

/** Everything to look at next. */
export interface Pending {
  readonly all: boolean;
  readonly objects: ReadonlyMap<string, PendingObject>;
  readonly uses: readonly HeardUse[];
  /** Whether uses were dropped since the last time. */
  readonly lost: boolean;
}

/**
 * What is to be looked at, filled by the event stream at once and without waiting, emptied by the worker. Bounded: when
 * too much comes together, everything is listed instead.
 */
export class PendingObjects {
  private objects = new Map<string, PendingObject>();
  private uses: HeardUse[] = [];
  private all = false;
  private lost = false;
  /** Names of containers by id, from their events: a mount event holds only the id. */
  private readonly names = new Map<string, string>();
  private readonly claims = new Set<Claim & { until: number }>();
  private wakeUp: (() => void) | undefined;
  /** Containers that the gateway made for itself: what happens to them is nobody's use of a volume. */
  private readonly helpers = new LRUCache<string, true>({ max: MAX_USES });

  /** Takes an event as a hint to look at its object. */
  hear(event: EngineEvent): void {
    if (event.action === 'prune') {
      // 20.10 tells of a prune, but not of what went (moby#34953).
      this.everything();
      return;
    }
    const containerId = event.type === 'container' ? event.actorId : event.attributes['container'];
    if (event.type === 'container' && HELPER_LABEL in event.attributes) this.helpers.set(event.actorId, true);
    if (containerId !== undefined && this.helpers.has(containerId)) return;
    // Words after a colon (exec_create: sh) belong to actions that are not watched.
    const action = event.action.split(':', 1)[0] ?? '';
    if (event.type === 'volume') {
      const object = this.object('volume', event.actorId, action, event.timeNano);
      if (object !== undefined && action === 'destroy') object.removedFrom = event.attributes['driver'];
      if (action === 'mount' && containerId !== undefined) {
        this.uses.push({
          volumeName: event.actorId,
          containerId,
          containerName: this.names.get(containerId) ?? containerId.slice(0, 12),
          at: asMilliseconds(event.timeNano),
        });
        this.dropUses();
      }
    } else if (event.type === 'container') {
      this.object('container', event.actorId, action, event.timeNano);
      const name = event.attributes['name'];
      if (name !== undefined) this.names.set(event.actorId, name);
      if (action === 'destroy') this.names.delete(event.actorId);
      if (this.names.size > MAX_USES) this.names.delete(this.names.keys().next().value ?? '');
    }
    this.wake();
  }

  /** Has one object looked at, without any event. */
  ask(kind: 'volume' | 'container', key: string, actor?: string): void {
    const object = this.object(kind, key, undefined, 0n);
    if (object !== undefined) object.asked = true;
    if (object !== undefined && actor !== undefined) object.actor = actor;
    this.wake();
  }

  /** Has it looked at when nobody waits for it, with what was heard of it before. */
  recheck(kind: 'volume' | 'container', key: string, signs: Signs): void {
    this.object(kind, key, undefined, 0n);
    for (const [action, at] of signs) this.object(kind, key, action, at);
    this.wake();
  }

  /**
   * Says who changes an object before it is changed: the engine's event may be here, and worked off, before its answer.
   * The claim holds until it is released and a moment longer.
   */
  claim(claim: Claim): { release: () => void } {
    const held = { ...claim, until: Infinity };
    this.claims.add(held);
    return {
      release: () => {
        held.until = performance.now() + CLAIM_AFTERMATH_MS;
      },
    };
  }

  /** Has everything listed. */
  everything(): void {
    this.all = true;
    this.wake();
  }

  /** Takes all that is pending; from now on it is collected anew. */
  take(): Pending {
    for (const object of this.objects.values()) object.actor ??= this.claimant(object);
    const taken = { all: this.all || this.objects.size > MAX_OBJECTS, objects: this.objects, uses: this.uses, lost: this.lost };
    this.objects = new Map();
    this.uses = [];
    this.all = false;
    this.lost = false;
    return taken;
  }

  /** Puts back what was taken and could not be worked off. */
  restore(pending: Pending): void {
    const newer = this.objects;
    this.objects = new Map(pending.objects);
    for (const { kind, key, signs, removedFrom, asked, actor } of newer.values()) {
      if (asked) this.ask(kind, key, actor);
      this.recheck(kind, key, signs);
      const object = this.objects.get(signKey(kind, key));
      if (object !== undefined) object.removedFrom ??= removedFrom;
    }
    this.uses = [...pending.uses, ...this.uses];
    this.all ||= pending.all;
    this.lost ||= pending.lost;
    this.dropUses();
  }

  get isEmpty(): boolean {
    return !this.all && this.objects.size === 0;
  }

  /** Resolves as soon as there is something, or the signal aborts. */
  async some(signal: AbortSignal): Promise<void> {
    if (!this.isEmpty || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wakeUp = () => {
        signal.removeEventListener('abort', wakeUp);
        resolve();
      };
      this.wakeUp = wakeUp;
      signal.addEventListener('abort', wakeUp, { once: true });
    });
  }

  private dropUses(): void {
    if (this.uses.length <= MAX_USES) return;
    this.uses.splice(0, this.uses.length - MAX_USES);
    this.all = true;
    this.lost = true;
  }

  private claimant({ kind, key }: PendingObject): string | undefined {
    const name = this.names.get(key);
    for (const claim of this.claims) {
      if (claim.until < performance.now()) this.claims.delete(claim);
      else if (claim.kind === kind && (claim.key === key || (kind === 'container' && claim.key === name))) return claim.actor;
    }
    return undefined;
  }

  private wake(): void {
    this.wakeUp?.();
    this.wakeUp = undefined;
  }

  private object(kind: 'volume' | 'container', key: string, action: string | undefined, at: bigint): PendingObject | undefined {
    if (key === '') return undefined;
    const name = signKey(kind, key);
    let object = this.objects.get(name);
    if (object === undefined) {
      // Past the bound only the fact counts that everything is to be listed; the signs are kept as far as they fit.
      if (this.objects.size > MAX_OBJECTS * 16) {
        this.all = true;
        return undefined;
      }
      object = { kind, key, signs: new Map(), removedFrom: undefined, asked: false, actor: undefined };
      this.objects.set(name, object);
    }
    if (action !== undefined && at > (object.signs.get(action) ?? 0n)) object.signs.set(action, at);
    return object;
  }
}
