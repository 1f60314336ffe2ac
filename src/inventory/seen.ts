import type { ContainerFacts, VolumeFacts } from './picture.js';

/** What the event stream said of one object: engine time in nanoseconds of the newest of each action. */
export type Signs = ReadonlyMap<string, bigint>;

/** A mount by a container that was gone before anyone could look at it, e.g. `docker run --rm` of a short job. */
export interface BriefUse {
  readonly volumeName: string;
  readonly containerName: string;
  /** Milliseconds since 1970, engine time. */
  readonly at: number;
}

/** What was found by looking at an engine: at all of it, or at some objects. */
export interface Seen {
  /** True when these are full lists: what is missing in them is gone. */
  readonly complete: boolean;
  /** By name. An object that is not in here was not looked at. UNCHANGED: it is as it is known, or it could not be looked at. */
  readonly volumes: ReadonlyMap<string, VolumeFacts | 'UNCHANGED' | 'GONE'>;
  /** By the engine's id. UNCHANGED: the list shows name and state as they are known, or it could not be looked at. */
  readonly containers: ReadonlyMap<string, ContainerFacts | 'UNCHANGED' | 'GONE'>;
  /** Drivers that did not answer the engine: nothing is known of their volumes, so that none counts as gone. */
  readonly unreadableDrivers: ReadonlySet<string>;
  /** When looking began, in milliseconds since 1970. */
  readonly observedAt: number;
  /** A moment on the engine's clock, in nanoseconds, that was certainly past when looking began; the nearer, the better. */
  readonly engineTime: bigint;
  /** Whether CreatedAt stays the same in a volume's life: from engine 24.0 (moby#44719). */
  readonly trustsCreatedAt: boolean;
  /** By {@link signKey}. */
  readonly signs: ReadonlyMap<string, Signs>;
  /** By {@link signKey}: who changed it through the gateway. */
  readonly actors: ReadonlyMap<string, string>;
  readonly briefUses: readonly BriefUse[];
}

/** How an object is named in {@link Seen.signs} and {@link Seen.actors}. */
export function signKey(kind: 'volume' | 'container', id: string): string {
  return `${kind}:${id}`;
}

/** Milliseconds, with fractions, of an engine time in nanoseconds. */
export function asMilliseconds(nano: bigint): number {
  return Number(nano / 1000n) / 1000;
}
