import type { Reach } from './storage-reach.js';

/**
 * What a prune may remove. Pure: what is known of a volume goes in, and why it is spared comes out. What is not known never
 * counts as unused.
 */

/** A volume as far as this goes. */
export interface PruneCandidate {
  readonly scope: string;
  readonly driver: string;
  readonly anonymous: boolean;
  readonly state: 'IN_USE' | 'IDLE' | 'DANGLING' | 'REMOVED';
  /** Also when the same volume, of a driver with scope global, is protected on another host. */
  readonly protected: boolean;
  /** Its host, when that is not ONLINE or was not looked at yet by who watches it now: what is known of it is of an earlier time. */
  readonly hostAway: { readonly name: string; readonly online: boolean } | undefined;
  /** Containers that refer to it: here, and, of a driver with scope global, on other hosts. */
  readonly users: readonly { readonly name: string; readonly active: boolean; readonly host: string | undefined }[];
  /** Other ways by which containers use what it holds. */
  readonly reaches: readonly ReachInWords[];
  /** What is being done with its content. */
  readonly atWork: string | undefined;
  /** Of a driver with scope global: other hosts that could know of a use and do not answer now. */
  readonly othersAway: readonly string[];
  readonly firstSeenAt: Date;
  /** Since when its host, or each that could know of a use, was watched; undefined: not at all. */
  readonly watchedSince: Date | undefined;
  /** The last moment at which it is known to have been in use; null: it was never seen in use. */
  readonly lastInUseAt: Date | null;
}

/** Another way to a volume's storage than its name, as far as the caller may hear of it. */
export interface ReachInWords {
  /** The container, with its host where that is another one. */
  readonly name: string;
  /** What it mounts; undefined: that is not for the caller to hear. */
  readonly by: Reach['by'] | undefined;
  /** Whether the volume's storage lies in that. */
  readonly around: boolean;
}

/** What the caller asks for beside which volumes. */
export interface PruneConditions {
  readonly anonymous: boolean | undefined;
  /** It must not have been in use since then. */
  readonly unusedSince: Date | undefined;
}

/** Why a volume is spared, in words; undefined: it may go. */
export function whySpared(volume: PruneCandidate, conditions: PruneConditions): string | undefined {
  if (volume.state === 'REMOVED') return 'it is gone already';
  if (volume.protected) return 'it is protected';
  if (volume.hostAway !== undefined) {
    const { name, online } = volume.hostAway;
    return `its host ${name} ${online ? 'was not looked at yet' : 'is unreachable'}, so that its use is not known now`;
  }
  const running = volume.users.filter(({ active }) => active);
  if (running.length > 0) return `in use by ${nameAll(running)}`;
  if (volume.users.length > 0) return `stopped container refers to it: ${nameAll(volume.users)}`;
  // The state may be newer than the list of users, and the other way round: both must say that nobody uses it.
  if (volume.state !== 'DANGLING') return 'a container refers to it';
  const reached = howReached(volume.reaches);
  if (reached !== undefined) return reached;
  if (volume.atWork !== undefined) return volume.atWork;
  if (volume.othersAway.length > 0) {
    return `its driver ${volume.driver} shows it to all hosts, and whether it is used on ${[...volume.othersAway].sort().join(', ')} is not known now`;
  }
  if (conditions.anonymous === true && !volume.anonymous) return 'it is named, and only anonymous ones were asked for';
  if (conditions.anonymous === false && volume.anonymous) return 'it is anonymous, and only named ones were asked for';
  if (conditions.unusedSince !== undefined) {
    if (volume.lastInUseAt !== null && volume.lastInUseAt > conditions.unusedSince) return `used too recently: last at ${volume.lastInUseAt.toISOString()}`;
    const unknown = 'whether it was used too recently is not known';
    if (volume.firstSeenAt > conditions.unusedSince) return `${unknown}: it was first seen at ${volume.firstSeenAt.toISOString()}`;
    if (volume.watchedSince === undefined) return `${unknown}: its host was not watched yet`;
    if (volume.watchedSince > conditions.unusedSince) return `${unknown}: its host is watched without a gap only since ${volume.watchedSince.toISOString()}`;
  }
  return undefined;
}

/** The closest way, with all who have it. */
function howReached(reaches: readonly ReachInWords[]): string | undefined {
  const ways = [
    { of: reaches.filter(({ by, around }) => by?.kind === 'path' && !around), words: (names: string) => `its directory is bound by ${names}` },
    {
      of: reaches.filter(({ by, around }) => by?.kind === 'volume' && !around),
      words: (names: string, by: string) => `its storage is in use through volume ${by}, by ${names}`,
    },
    {
      of: reaches.filter(({ by, around }) => by !== undefined && around),
      words: (names: string, by: string) => `it lies in ${by}, which ${names} can write to`,
    },
    { of: reaches, words: (names: string) => `its storage is in use by ${names}` },
  ];
  const [way] = ways.filter(({ of }) => of.length > 0);
  if (way === undefined) return undefined;
  const by = way.of.flatMap((reach) => (reach.by === undefined ? [] : [reach.by.kind === 'path' ? reach.by.path : reach.by.name]));
  return way.words(listed(way.of.map(({ name }) => name)), listed(by));
}

function listed(names: readonly string[]): string {
  return [...new Set(names)].sort().join(', ');
}

function nameAll(users: PruneCandidate['users']): string {
  return users
    .map(({ name, host }) => (host === undefined ? name : `${name} on host ${host}`))
    .sort()
    .join(', ');
}
