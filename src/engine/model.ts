import { asArray, asRecord, asText } from './json-values.js';
import { readJoined, readPrivileges } from './privileges.js';

/**
 * What an engine says, in the words of its API (https://docs.docker.com/reference/api/engine/), reduced to what the
 * inventory keeps. Missing and null values of the different API versions are evened out here.
 */

export interface EngineVolume {
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly mountpoint: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** undefined where the driver tells none. */
  readonly createdAt: Date | undefined;
}

export interface EngineMount {
  /** The engine's own word: volume, bind, tmpfs, npipe, cluster, image. */
  readonly type: string;
  /** Name of the volume, for volumes. */
  readonly name: string | undefined;
  readonly source: string;
  readonly destination: string;
  readonly readOnly: boolean;
  readonly propagation: string;
}

/** What is taken from the list of containers: enough to see which ones to look at. */
export interface EngineContainerSummary {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  /** The engine's own word: created, running, paused, restarting, removing, exited, dead. */
  readonly state: string;
  /** Whether the gateway made it for itself, to read or write a volume. */
  readonly isHelper: boolean;
}

/** A container that was listed for a label. */
export interface LabelledContainer {
  readonly id: string;
  /** The label's value. */
  readonly value: string;
  /** Of which installation a helper is; undefined for one that was made before helpers told. */
  readonly installation: string | undefined;
  /** Seconds since 1970 by the engine's clock. */
  readonly createdAt: number;
}

/**
 * Label of the containers and images that the gateway makes for itself to reach the content of volumes. They are never
 * started and are no part of the inventory.
 */
export const HELPER_LABEL = 'io.stowage.helper';

/** Label with the installation that a helper is of: several may work with one engine. */
export const INSTALLATION_LABEL = 'io.stowage.installation';

/** What an inspect tells. */
export interface EngineContainer extends EngineContainerSummary {
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the engine removes it when it stops (`--rm`). */
  readonly autoRemove: boolean;
  /** Seconds that it has to stop when nothing else is said; undefined: the engine's own default. */
  readonly stopTimeoutSeconds: number | undefined;
  readonly createdAt: Date;
  readonly mounts: readonly EngineMount[];
  /** undefined: never started. */
  readonly startedAt: Date | undefined;
  /** undefined: never ended. */
  readonly finishedAt: Date | undefined;
  /** Names or ids given with --volumes-from, each with an optional `:ro` or `:rw`. */
  readonly volumesFrom: readonly string[];
  /** Destinations that the user named with -v or --mount and a source. */
  readonly declaredDestinations: ReadonlySet<string>;
  /** What it has of its host beyond what every container has, in words; mounts are not among them. */
  readonly privileges: readonly string[];
  /** Containers, by name or id, whose network, processes or shared memory it has when it runs. */
  readonly joined: readonly string[];
  /** Its own in every network that it is in; none while it does not run, and in its host's network. */
  readonly addresses: readonly string[];
}

export interface EngineInfo {
  readonly id: string;
  readonly version: string;
  /** The version that was agreed on, e.g. "1.41". */
  readonly apiVersion: string;
  readonly os: string;
  readonly arch: string;
  readonly storageDriver: string | undefined;
  readonly name: string | undefined;
}

/** One message of the event stream. It is a hint to look, never the truth. */
export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  /** Id of a container, name of a volume. */
  readonly actorId: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Engine time in nanoseconds, exact: JSON.parse would round it. */
  readonly timeNano: bigint;
}

/** One object for all that have none: most options are, and many labels. */
const NO_TEXTS: Readonly<Record<string, string>> = Object.freeze({});

/** Own entries only, also one that is named like what every object has. */
function textRecord(value: unknown): Readonly<Record<string, string>> {
  if (value === null || value === undefined) return NO_TEXTS;
  const raw = asRecord(value);
  const keys = Object.keys(raw);
  if (keys.length === 0) return NO_TEXTS;
  return Object.fromEntries(keys.map((key) => [asText(key), asText(typeof raw[key] === 'string' ? raw[key] : String(raw[key]))]));
}

/** Engine times that mean "never" are of year 1. */
function asDate(value: unknown): Date | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return time > 0 ? new Date(time) : undefined;
}

export function readVolume(value: unknown): EngineVolume {
  const raw = asRecord(value);
  return {
    name: asText(raw['Name']),
    driver: asText(raw['Driver']),
    scope: asText(raw['Scope']) || 'local',
    mountpoint: asText(raw['Mountpoint']),
    options: textRecord(raw['Options']),
    labels: textRecord(raw['Labels']),
    createdAt: asDate(raw['CreatedAt']),
  };
}

function readMount(value: unknown): EngineMount {
  const raw = asRecord(value);
  const name = asText(raw['Name']);
  return {
    type: asText(raw['Type']),
    name: name === '' ? undefined : name,
    source: asText(raw['Source']),
    destination: asText(raw['Destination']),
    readOnly: raw['RW'] === false,
    propagation: asText(raw['Propagation']),
  };
}

function byDestination(a: EngineMount, b: EngineMount): number {
  return a.destination < b.destination ? -1 : a.destination > b.destination ? 1 : 0;
}

/** By destination, so that equal sets of mounts are equal lists: engines list them in any order. */
function readMounts(value: unknown): EngineMount[] {
  return asArray(value).map(readMount).sort(byDestination);
}

function readName(name: string): string {
  return name.replace(/^\//, '');
}

export function readContainerSummary(value: unknown): EngineContainerSummary {
  const raw = asRecord(value);
  // A container that is linked to by others has further names of the form /other/alias.
  const names = asArray(raw['Names']).map(asText);
  const own = names.find((name) => name.lastIndexOf('/') <= 0) ?? names[0] ?? '';
  return { id: asText(raw['Id']), name: readName(own), state: asText(raw['State']), isHelper: HELPER_LABEL in asRecord(raw['Labels']) };
}

export function readContainer(value: unknown): EngineContainer {
  const raw = asRecord(value);
  const config = asRecord(raw['Config']);
  const hostConfig = asRecord(raw['HostConfig']);
  const state = asRecord(raw['State']);
  const declared = new Set<string>();
  for (const bind of asArray(hostConfig['Binds'])) {
    // `source:destination[:mode]`; a lone destination is an anonymous volume, which nobody named.
    const [, destination] = asText(bind).split(':');
    if (destination !== undefined) declared.add(cleanPath(destination));
  }
  for (const mount of asArray(hostConfig['Mounts'])) {
    const { Source: source, Target: target, Type: type } = asRecord(mount);
    // A volume mount without a source is named by the engine, just as for an image's VOLUME.
    if (type !== 'volume' || asText(source) !== '') declared.add(cleanPath(asText(target)));
  }
  for (const destination of Object.keys(asRecord(hostConfig['Tmpfs']))) declared.add(cleanPath(destination));
  const mounts = readMounts(raw['Mounts']);
  // --tmpfs mounts are not among an inspect's Mounts, but they are mounts all the same.
  for (const destination of Object.keys(asRecord(hostConfig['Tmpfs']))) {
    const options = asText(asRecord(hostConfig['Tmpfs'])[destination]).split(',');
    if (!mounts.some((mount) => mount.destination === destination)) {
      mounts.push({ type: 'tmpfs', name: undefined, source: '', destination, readOnly: options.includes('ro'), propagation: '' });
    }
  }
  return {
    id: asText(raw['Id']),
    name: readName(asText(raw['Name'])),
    image: asText(config['Image']),
    state: asText(state['Status']),
    isHelper: HELPER_LABEL in asRecord(config['Labels']),
    labels: textRecord(config['Labels']),
    autoRemove: hostConfig['AutoRemove'] === true,
    stopTimeoutSeconds: typeof config['StopTimeout'] === 'number' && config['StopTimeout'] >= 0 ? config['StopTimeout'] : undefined,
    createdAt: asDate(raw['Created']) ?? new Date(0),
    startedAt: asDate(state['StartedAt']),
    finishedAt: asDate(state['FinishedAt']),
    mounts: mounts.sort(byDestination),
    volumesFrom: asArray(hostConfig['VolumesFrom']).map(asText),
    declaredDestinations: declared,
    privileges: readPrivileges(hostConfig),
    joined: readJoined(hostConfig),
    addresses: Object.values(asRecord(asRecord(raw['NetworkSettings'])['Networks']))
      .map(asRecord)
      .flatMap((network) => [asText(network['IPAddress']), asText(network['GlobalIPv6Address'])])
      .filter((address) => address !== ''),
  };
}

export function readLabelled(value: unknown, label: string): LabelledContainer {
  const raw = asRecord(value);
  const labels = asRecord(raw['Labels']);
  const installation = labels[INSTALLATION_LABEL];
  return {
    id: asText(raw['Id']),
    value: asText(labels[label]),
    installation: installation === undefined ? undefined : asText(installation),
    createdAt: Number(raw['Created']) || 0,
  };
}

/** Name and bytes of a volume; the engine says -1 where it cannot measure. */
export function readVolumeSize(value: unknown): [string, number | undefined] {
  const raw = asRecord(value);
  const size = Number(asRecord(raw['UsageData'])['Size'] ?? -1);
  return [asText(raw['Name']), Number.isSafeInteger(size) && size >= 0 ? size : undefined];
}

function cleanPath(path: string): string {
  const cleaned = path.replace(/\/+/g, '/').replace(/\/$/, '');
  return cleaned === '' ? '/' : cleaned;
}

/** Reads one line of `/events`; undefined for anything that is no event. */
export function readEvent(line: string): EngineEvent | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  const raw = asRecord(parsed);
  const timeNano = /"timeNano":\s*(\d{1,20})/.exec(line)?.[1];
  if (timeNano === undefined) return undefined;
  const actor = asRecord(raw['Actor']);
  return {
    type: asText(raw['Type']),
    action: asText(raw['Action']),
    actorId: asText(actor['ID']),
    attributes: textRecord(actor['Attributes']),
    timeNano: BigInt(timeNano),
  };
}
