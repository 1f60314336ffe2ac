import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Problem } from '../problems.js';
import type { EngineClock } from './clock.js';
import { EngineConnection, EngineError, parseJson, type ConnectionRules, type EngineRequest } from './connection.js';
import type { Credentials, Endpoint } from './endpoint.js';
import { asArray, asRecord, asText } from './json-values.js';
import {
  readContainer,
  readContainerSummary,
  readLabelled,
  readVolume,
  readVolumeSize,
  type EngineContainer,
  type EngineContainerSummary,
  type EngineInfo,
  type EngineVolume,
  type LabelledContainer,
} from './model.js';
import { checkObjectId, checkObjectName } from './names.js';
import { readLoadedDrivers, readManagedDrivers, type VolumeDriver } from './volume-drivers.js';

/** Oldest API that is understood: that of Docker 20.10. */
const OLDEST_API = '1.41';
/** Newest API whose answers are known in all that is read here; later ones drop fields (1.52: legacy events, sizes). */
const NEWEST_API = '1.51';
/** Milliseconds for the first answer of an engine. */
const CONNECT_TIMEOUT_MS = 8_000;
/** Milliseconds for a look at one object: an engine that hangs on one must not hold up the looks at all others. */
const LOOK_TIMEOUT_MS = 5_000;
/** Milliseconds that the engine itself may take to stop a container beyond its own grace time. */
const STOP_MARGIN_MS = 20_000;
/** Milliseconds until an engine must have begun to send a tar, and for an import of an empty one. */
const ARCHIVE_TIMEOUT_MS = 30_000;
const IMPORT_TIMEOUT_MS = 30_000;
/** First API version that measures volumes only when asked for that. */
const DISK_USAGE_BY_TYPE_API = 42;
/** Seconds that the engine gives a container to stop when nothing else is said. */
const DEFAULT_STOP_SECONDS = 10;

/** The engine's answer to a list of volumes; `warnings` name drivers that could not be asked, so that their volumes are missing. */
export interface VolumeList {
  readonly volumes: readonly EngineVolume[];
  readonly warnings: readonly string[];
}

/** What a new container is made from, in the engine's own terms. */
export interface ContainerSpec {
  readonly name: string | undefined;
  readonly image: string;
  readonly command: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly {
    readonly type: string;
    readonly source: string | undefined;
    readonly target: string;
    readonly readOnly: boolean;
    /** For volumes: what the engine does with one that it has to make, or to fill from the image. */
    readonly volumeOptions?: { readonly noCopy: boolean; readonly labels: Readonly<Record<string, string>> };
  }[];
  readonly volumesFrom: readonly string[];
  readonly networkMode: string | undefined;
}

/** What the event stream is asked for: other kinds (health checks above all) would fill it. */
const WATCHED_EVENTS = {
  type: ['volume', 'container'],
  event: ['create', 'destroy', 'mount', 'unmount', 'start', 'restart', 'die', 'stop', 'pause', 'unpause', 'rename', 'update', 'oom', 'kill', 'prune'],
};

/**
 * One engine, connected: lists, looks, changes. Knows no database and no GraphQL. Names and ids are checked here once
 * more before they become part of a path, whoever calls.
 */
export class Engine {
  private constructor(
    private readonly connection: EngineConnection,
    readonly info: EngineInfo,
    /** Milliseconds for a look at one object. */
    private readonly lookTimeoutMs: number,
    private readonly rules: ConnectionRules,
  ) {}

  /**
   * Connects, asks who answers, and agrees on an API version.
   * @throws {Problem} HOST_UNREACHABLE, HOST_TIMEOUT, FORBIDDEN for an address that is not allowed, or ENGINE_ERROR for an
   * engine that is too old or too new.
   */
  static async connect(endpoint: Endpoint, credentials: Credentials, timeoutMs: number, signal?: AbortSignal, rules: ConnectionRules = {}): Promise<Engine> {
    const connection = new EngineConnection(endpoint, credentials, timeoutMs, rules);
    try {
      const limits = { timeoutMs: Math.min(CONNECT_TIMEOUT_MS, timeoutMs), ...(signal === undefined ? {} : { signal }) };
      const version = await askVersion(connection, limits);
      const apiVersion = agreeOnApi(asText(version['MinAPIVersion']), asText(version['ApiVersion']));
      connection.useApiVersion(apiVersion);
      const info = asRecord(await connection.json({ method: 'GET', path: '/info', ...limits }));
      return new Engine(
        connection,
        {
          id: asText(info['ID']),
          version: asText(version['Version']),
          apiVersion,
          os: asText(version['Os']),
          arch: asText(version['Arch']),
          storageDriver: asText(info['Driver']) === '' ? undefined : asText(info['Driver']),
          name: asText(info['Name']) === '' ? undefined : asText(info['Name']),
        },
        Math.min(LOOK_TIMEOUT_MS, timeoutMs),
        rules,
      );
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Ends every socket to the engine. */
  close(): void {
    this.connection.close();
  }

  /** The key of the ssh server that it is behind, as in known_hosts, for the next connection; undefined without ssh. */
  get sshHostKey(): string | undefined {
    return this.rules.hostKey?.seen;
  }

  /** The engine's own clock, which may be wrong by hours. */
  get clock(): EngineClock {
    return this.connection.clock;
  }

  /** A cheap question that only shows whether the engine still answers. */
  async ping(timeoutMs: number): Promise<void> {
    await this.connection.json({ method: 'GET', path: '/version', timeoutMs });
  }

  /** The volume drivers that the engine has now; plugins come and go. */
  async volumeDrivers(): Promise<readonly VolumeDriver[]> {
    const [info, plugins] = await Promise.all([
      this.connection.json({ method: 'GET', path: '/info' }),
      this.connection.json({ method: 'GET', path: '/plugins' }).catch((error: unknown) => {
        // A proxy before the engine may not let this through, and an engine of Windows has no such plugins.
        if (error instanceof EngineError) return [];
        throw error;
      }),
    ]);
    return [...readManagedDrivers(plugins), ...readLoadedDrivers(info)];
  }

  async listVolumes(): Promise<VolumeList> {
    return readVolumeList(await this.connection.text({ method: 'GET', path: '/volumes' }));
  }

  /**
   * All volumes and, seen after them, all containers; a container may thus mount a volume that is not among them. The
   * containers are under way while `takeVolumes` works on the volumes, of which there are more.
   */
  async listAll<Taken>(
    takeVolumes: (volumes: VolumeList) => Taken,
  ): Promise<{ readonly volumes: Taken; readonly containers: readonly EngineContainerSummary[] }> {
    const answer = await this.connection.text({ method: 'GET', path: '/volumes' });
    const [containers, volumes] = await Promise.all([
      this.connection.text({ method: 'GET', path: '/containers/json', query: { all: '1' } }),
      // The work holds the event loop: the request is to be on its way before.
      nextTurn().then(() => takeVolumes(readVolumeList(answer))),
    ]);
    return { volumes, containers: asArray(parseJson(containers)).map(readContainerSummary) };
  }

  /** undefined: there is none of that name. `patienceMs`: shorter than a look may take at most. @throws {Problem} HOST_TIMEOUT. */
  async inspectVolume(name: string, patienceMs = Infinity): Promise<EngineVolume | undefined> {
    const path = `/volumes/${volumeName(name)}`;
    return orUndefined(this.connection.json({ method: 'GET', path, timeoutMs: Math.min(patienceMs, this.lookTimeoutMs) }).then(readVolume));
  }

  /** The containers, running or not, that refer to a volume of that name and driver. */
  async containersWithVolume(name: string, driver: string, timeoutMs: number): Promise<EngineContainerSummary[]> {
    const query = { all: '1', filters: JSON.stringify({ volume: [checkObjectName('volume', name)] }) };
    const listed = asArray(await this.connection.json({ method: 'GET', path: '/containers/json', query, timeoutMs }));
    // The engine's filter takes destinations for names, too.
    const refers = (container: unknown) =>
      asArray(asRecord(container)['Mounts'])
        .map(asRecord)
        .some((mount) => mount['Name'] === name && (mount['Driver'] === driver || mount['Driver'] === undefined));
    return listed.filter(refers).map(readContainerSummary);
  }

  /** By full id or exact name; undefined: there is none. `patienceMs`: shorter than a look may take at most. @throws {Problem} HOST_TIMEOUT. */
  async inspectContainer(idOrName: string, patienceMs = Infinity): Promise<EngineContainer | undefined> {
    const path = `/containers/${containerKey(idOrName)}/json`;
    const container = await orUndefined(this.connection.json({ method: 'GET', path, timeoutMs: Math.min(patienceMs, this.lookTimeoutMs) }).then(readContainer));
    // The engine takes any unique beginning of an id, too, and would answer with another container than the one meant.
    return container !== undefined && (container.id === idOrName || container.name === idOrName) ? container : undefined;
  }

  /** Whether the engine has a container of that id, or whose id alone begins so. */
  async hasContainer(id: string): Promise<boolean> {
    const found = await orUndefined(this.connection.json({ method: 'GET', path: `/containers/${containerKey(id)}/json`, timeoutMs: this.lookTimeoutMs }));
    return found !== undefined;
  }

  /** Creates, or gets what is there under that name: the engine answers 201 to both, and tells them apart by nothing. */
  async createVolume(spec: { name: string; driver: string; options: Record<string, string>; labels: Record<string, string> }): Promise<EngineVolume> {
    const body = { Name: checkObjectName('name', spec.name), Driver: spec.driver, DriverOpts: spec.options, Labels: spec.labels };
    return readVolume(await this.connection.json({ method: 'POST', path: '/volumes/create', body }));
  }

  /** @throws {EngineError} 404 when there is none, 409 while a container refers to it. */
  async removeVolume(name: string, force: boolean): Promise<void> {
    await this.connection.json({ method: 'DELETE', path: `/volumes/${volumeName(name)}`, query: force ? { force: '1' } : {} });
  }

  /**
   * Has the engine fetch an image from its registry, within a time limit. One of 20.10 goes on waiting for a registry that hangs.
   * @throws {EngineError} with the engine's words when it cannot; {Problem} HOST_TIMEOUT.
   */
  async pullImage(reference: string, timeoutMs: number): Promise<void> {
    // Without a tag the engine would fetch every one that there is.
    const named = /@|:[^/]*$/.test(reference) ? reference : `${reference}:latest`;
    const text = await this.connection.text({ method: 'POST', path: '/images/create', query: { fromImage: named }, timeoutMs });
    // The status was sent before the work: what went wrong in it is among the lines.
    for (const line of text.split('\n')) {
      const words = line.trim() === '' ? '' : asText(asRecord(parseJson(line))['error']);
      if (words !== '') throw new EngineError(500, words);
    }
  }

  /** Returns the new container's id. */
  async createContainer(spec: ContainerSpec): Promise<string> {
    const body = {
      Image: spec.image,
      ...(spec.command === undefined ? {} : { Cmd: spec.command }),
      ...(spec.entrypoint === undefined ? {} : { Entrypoint: spec.entrypoint }),
      Env: spec.env,
      Labels: spec.labels,
      HostConfig: {
        Mounts: spec.mounts.map(({ type, source, target, readOnly, volumeOptions }) => ({
          Type: type,
          Source: source ?? '',
          Target: target,
          ReadOnly: readOnly,
          ...(volumeOptions === undefined ? {} : { VolumeOptions: { NoCopy: volumeOptions.noCopy, Labels: volumeOptions.labels } }),
        })),
        VolumesFrom: spec.volumesFrom,
        ...(spec.networkMode === undefined ? {} : { NetworkMode: spec.networkMode }),
      },
    };
    const query: Record<string, string> = spec.name === undefined ? {} : { name: checkObjectName('name', spec.name) };
    const answer = asRecord(await this.connection.json({ method: 'POST', path: '/containers/create', query, body }));
    return checkObjectId('the id that the engine gave', asText(answer['Id']));
  }

  async startContainer(id: string): Promise<void> {
    await this.connection.json({ method: 'POST', path: `/containers/${checkObjectId('container', id)}/start` });
  }

  /** Milliseconds that {@link stopContainer} may take. */
  stopLimitMs(timeoutSeconds: number | undefined): number {
    return (timeoutSeconds ?? DEFAULT_STOP_SECONDS) * 1000 + STOP_MARGIN_MS;
  }

  /** Asks it to end, and ends it hard after `timeoutSeconds` (the container's own grace time when undefined). */
  async stopContainer(id: string, timeoutSeconds: number | undefined): Promise<void> {
    await this.connection.json({
      method: 'POST',
      path: `/containers/${checkObjectId('container', id)}/stop`,
      query: timeoutSeconds === undefined ? {} : { t: String(timeoutSeconds) },
      timeoutMs: this.stopLimitMs(timeoutSeconds),
    });
  }

  async removeContainer(id: string, options: { force: boolean; removeAnonymousVolumes: boolean }): Promise<void> {
    await this.connection.json({
      method: 'DELETE',
      path: `/containers/${checkObjectId('container', id)}`,
      query: { ...(options.force ? { force: '1' } : {}), ...(options.removeAnonymousVolumes ? { v: '1' } : {}) },
    });
  }

  async pauseContainer(id: string): Promise<void> {
    await this.connection.json({ method: 'POST', path: `/containers/${checkObjectId('container', id)}/pause` });
  }

  async unpauseContainer(id: string): Promise<void> {
    await this.connection.json({ method: 'POST', path: `/containers/${checkObjectId('container', id)}/unpause` });
  }

  /** All containers that carry a label, whatever its value. */
  async listLabelled(label: string): Promise<readonly LabelledContainer[]> {
    const query = { all: '1', filters: JSON.stringify({ label: [label] }) };
    return asArray(await this.connection.json({ method: 'GET', path: '/containers/json', query })).map((value) => readLabelled(value, label));
  }

  /** Removes an image; one that is gone is as good. @throws {EngineError} 409 while a container is made of it. */
  async removeImage(reference: string): Promise<void> {
    await orUndefined(this.connection.json({ method: 'DELETE', path: `/images/${encodeURIComponent(reference)}` }));
  }

  /** Whether the engine has this image. */
  async hasImage(reference: string): Promise<boolean> {
    return (await orUndefined(this.connection.json({ method: 'GET', path: `/images/${encodeURIComponent(reference)}/json` }))) !== undefined;
  }

  /** Makes an image of a tar of its files. `change` is a line of a Dockerfile. @throws {Problem} ENGINE_ERROR. */
  async importImage(archive: Buffer, repository: string, tag: string, change: string): Promise<void> {
    const query = { fromSrc: '-', repo: repository, tag, changes: change };
    const signal = AbortSignal.timeout(IMPORT_TIMEOUT_MS);
    const answer = await this.connection.upload({ method: 'POST', path: '/images/create', query, archive, signal });
    // The status is sent before the work is done; a failure stands in the text.
    if (answer.includes('"error"')) throw new Problem('ENGINE_ERROR', 'The engine refused to import the empty image by which volumes are read and written.');
  }

  /**
   * Opens a tar of what lies at a path in a container, running or not. The end of the stream and its status 200 mean nothing:
   * the engine ends a tar in its middle without a word when a file changes under it. The caller ends the stream.
   */
  async readArchive(id: string, path: string, signal: AbortSignal): Promise<Readable> {
    const request = { path: `/containers/${checkObjectId('container', id)}/archive`, query: { path }, signal };
    return this.connection.archive({ method: 'GET', ...request, timeoutMs: ARCHIVE_TIMEOUT_MS });
  }

  /** Unpacks a tar at a path in a container. What came before a failure stays there. */
  async writeArchive(id: string, path: string, archive: Readable, signal: AbortSignal): Promise<void> {
    await this.connection.upload({ method: 'PUT', path: `/containers/${checkObjectId('container', id)}/archive`, query: { path }, archive, signal });
  }

  /**
   * Bytes in each volume by the engine's own measure, which reads every directory; undefined where it cannot tell.
   * @throws {EngineError} 500 on engines of 20.10 while another measurement runs.
   */
  async measureVolumes(timeoutMs: number, signal: AbortSignal): Promise<ReadonlyMap<string, number | undefined>> {
    const query: Record<string, string> = Number(this.info.apiVersion.split('.')[1]) >= DISK_USAGE_BY_TYPE_API ? { type: 'volume' } : {};
    const answer = asRecord(await this.connection.json({ method: 'GET', path: '/system/df', query, timeoutMs, signal }));
    return new Map(asArray(answer['Volumes']).map(readVolumeSize));
  }

  /**
   * Opens the event stream from `sinceNano` until `untilNano` (engine time); its clean end shows that the link lives.
   * The caller reads it without pause (an engine with a reader that does not read slows down 300 times) and ends it.
   */
  async events(sinceNano: bigint, untilNano: bigint, signal: AbortSignal): Promise<IncomingMessage> {
    const query = { since: asSeconds(sinceNano), until: asSeconds(untilNano), filters: JSON.stringify(WATCHED_EVENTS) };
    return this.connection.stream({ method: 'GET', path: '/events', query, signal });
  }
}

function readVolumeList(text: string): VolumeList {
  const answer = asRecord(parseJson(text));
  return { volumes: asArray(answer['Volumes']).map(readVolume), warnings: asArray(answer['Warnings']).map(asText) };
}

async function askVersion(connection: EngineConnection, limits: Pick<EngineRequest, 'timeoutMs' | 'signal'>): Promise<Readonly<Record<string, unknown>>> {
  let version: Readonly<Record<string, unknown>>;
  try {
    version = asRecord(await connection.json({ method: 'GET', path: '/version', ...limits }));
  } catch (error) {
    // Whatever else listens there, its words are not shown: an endpoint must not serve to read other services.
    if (error instanceof Problem && error.code !== 'ENGINE_ERROR') throw error;
    throw new Problem('HOST_UNREACHABLE', 'Something answers at that endpoint, but it is not a Docker engine.', { cause: error });
  }
  if (!/^\d+\.\d+$/.test(asText(version['ApiVersion']))) {
    throw new Problem('HOST_UNREACHABLE', 'Something answers at that endpoint, but it is not a Docker engine.');
  }
  return version;
}

/** The newest version that both understand. No fixed one will do: 29.0 refuses what 20.10 offers at most. */
export function agreeOnApi(engineOldest: string, engineNewest: string): string {
  const newest = compareVersions(engineNewest, NEWEST_API) < 0 ? engineNewest : NEWEST_API;
  const oldest = engineOldest !== '' && compareVersions(engineOldest, OLDEST_API) > 0 ? engineOldest : OLDEST_API;
  if (compareVersions(newest, oldest) < 0) {
    throw new Problem(
      'ENGINE_ERROR',
      `The engine speaks API ${engineOldest === '' ? '?' : engineOldest} to ${engineNewest}, and this gateway ${OLDEST_API} to ${NEWEST_API}. Docker 20.10 or newer is needed.`,
    );
  }
  return newest;
}

function compareVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}

function volumeName(name: string): string {
  return encodeURIComponent(checkObjectName('volume', name));
}

function containerKey(idOrName: string): string {
  return encodeURIComponent(checkObjectName('container', idOrName));
}

/**
 * Words of a 404 that says nothing of the volume: its driver cannot be asked. Such a volume is missing in the list, too, and
 * no warning there names a driver that the engine has not any more (seen on 20.10: `get x: error while checking if volume
 * "x" exists in driver "d": error looking up volume plugin d: plugin "d" not found`).
 */
const DRIVER_IS_AWAY = /error looking up volume plugin|error while checking if volume/;

/** Whether an engine has said that what was asked for is not there, and not only that the driver which knows is away. */
export function isAbsence(error: unknown): boolean {
  return error instanceof EngineError && error.status === 404 && !DRIVER_IS_AWAY.test(error.words);
}

/** A 404 of an object is an answer, not a failure. */
async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** `seconds.nanoseconds`, the only form the API takes. */
function asSeconds(nano: bigint): string {
  return `${String(nano / 1_000_000_000n)}.${String(nano % 1_000_000_000n).padStart(9, '0')}`;
}
