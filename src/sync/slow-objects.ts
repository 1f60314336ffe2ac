import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Engine } from '../engine/engine.js';
import { signKey, type Signs } from '../inventory/seen.js';
import { Problem } from '../problems.js';

/** Milliseconds for a look while others wait for its answer. */
const PATIENCE_MS = 500;
/** The same when so many looks were in vain already that it is the rule. */
const MANY = 4;
const LITTLE_PATIENCE_MS = 250;
/** Milliseconds for the first looks beside the rest: an object that was only late must not wait behind those that are stuck. */
const FIRST_PATIENCES_MS = [1_000, 2_000];
/** Objects that are asked for at once in that way; each may hold a socket meanwhile. */
const NEW_AT_ONCE = 12;
/** The same for those that did not answer then either. */
const STUCK_AT_ONCE = 4;
/** Milliseconds between the ends of two such looks at one object. */
const PAUSE_MS = 2_000;

/** A volume by name, or a container by engine id. */
export interface LookedAt {
  readonly kind: 'volume' | 'container';
  readonly key: string;
}

/**
 * Objects for which the engine does not answer in time: it holds a container while its storage hangs (a dead NFS server,
 * moby/moby#41427), and answers for all others. They are left as they are known and asked for beside the rest, until an
 * answer comes; then they are looked at again, with as much patience as that answer needed.
 */
export class SlowObjects {
  /** By object, what was heard of it meanwhile. */
  private readonly slow = new Map<string, Map<string, bigint>>();
  private readonly needed = new Map<string, number>();
  private readonly newLimit = pLimit(NEW_AT_ONCE);
  private readonly stuckLimit = pLimit(STUCK_AT_ONCE);

  constructor(
    private readonly engine: Engine,
    /** Ends all of it. */
    private readonly signal: AbortSignal,
    /** Called when the engine answers for an object again, with all that was heard of it until then. */
    private readonly answered: (object: LookedAt, signs: Signs) => void,
  ) {}

  /** Milliseconds to wait for the answer of a look; undefined for an object that is not to be waited for now. */
  patienceFor({ kind, key }: LookedAt): number | undefined {
    const name = signKey(kind, key);
    if (this.slow.has(name)) return undefined;
    const needed = this.needed.get(name);
    if (needed !== undefined) return Math.max(PATIENCE_MS, 2 * needed);
    return this.slow.size < MANY ? PATIENCE_MS : LITTLE_PATIENCE_MS;
  }

  /** Takes an object for which no answer came, or which was not asked for since none had come, with what was heard of it. */
  add(object: LookedAt, signs: Signs): void {
    const name = signKey(object.kind, object.key);
    const known = this.slow.get(name);
    if (known !== undefined) {
      for (const [action, at] of signs) if (at > (known.get(action) ?? 0n)) known.set(action, at);
      return;
    }
    const heard = new Map(signs);
    this.slow.set(name, heard);
    this.needed.delete(name);
    void this.outwait(object).then((ms) => {
      this.slow.delete(name);
      if (ms === undefined) return;
      this.needed.set(name, ms);
      this.answered(object, heard);
    });
  }

  /** Says that an answer came in time, whatever it was. */
  inTime({ kind, key }: LookedAt): void {
    this.needed.delete(signKey(kind, key));
  }

  /** Asks until an answer comes. Resolves to the milliseconds that it took; undefined at the end. Never rejects. */
  private async outwait({ kind, key }: LookedAt): Promise<number | undefined> {
    for (let tries = 0; !this.ended(); tries += 1) {
      const patienceMs = FIRST_PATIENCES_MS[tries];
      const ms = await (patienceMs === undefined ? this.stuckLimit : this.newLimit)(async () => {
        const began = performance.now();
        try {
          await (kind === 'volume' ? this.engine.inspectVolume(key, patienceMs) : this.engine.inspectContainer(key, patienceMs));
        } catch (error) {
          if (error instanceof Problem && error.code === 'HOST_TIMEOUT') return undefined;
        }
        // A refusal is an answer, too.
        return performance.now() - began;
      });
      if (ms !== undefined) return this.ended() ? undefined : ms;
      if (patienceMs === undefined) await delay(PAUSE_MS, undefined, { signal: this.signal }).catch(() => undefined);
    }
    return undefined;
  }

  /** Reads the flag anew each time: it changes while something is awaited. */
  private ended(): boolean {
    return this.signal.aborted;
  }
}
