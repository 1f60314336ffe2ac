import { setTimeout as delay } from 'node:timers/promises';
import { Prisma, type Database } from '../database/client.js';
import { EngineError } from '../engine/connection.js';
import type { Engine } from '../engine/engine.js';
import { quote } from '../engine/names.js';
import { liesAround } from '../inventory/risk-conditions.js';
import { hostPlace, isMountedReadOnly, isWithin, pathText, spaceKey, storageBehind, type PlacedVolume, type StoragePlace } from '../inventory/storage-place.js';
import type { TextRecord } from '../inventory/picture.js';
import type { Volume } from '../inventory/volumes.js';
import { Problem } from '../problems.js';
import type { Quiesce, QuietContainer } from './records.js';

/** Milliseconds within which a container that is just being restarted must let itself be paused. */
const PAUSE_LIMIT_MS = 20_000;
const PAUSE_RETRY_MS = 200;

/** A running container that can write what a volume holds. */
export interface Writer {
  readonly hostId: string;
  readonly engineId: string;
  readonly name: string;
  readonly state: string;
}

/** What is to be known of a volume to find who writes what it holds. */
export type WrittenVolume = Pick<Volume, 'id' | 'hostId' | 'name' | 'driver' | 'scope' | 'mountpoint' | 'options'>;

/**
 * Containers that live and have a read-write mount of a volume's storage, on any host: of the volume, of another volume of the
 * same directory, export or global volume, or of one that lies in it or that it lies in, or of a directory of the host that
 * does.
 */
export async function findWriters(database: Database, volume: WrittenVolume): Promise<Writer[]> {
  const own = placesOf(volume);
  const paths = own.filter(isOfHost).map(({ path }) => pathText(path));
  // Only those with options, and those of drivers that reach over hosts, have other storage behind them.
  const candidates = await database.readRows<WrittenVolume>(Prisma.sql`
    select id, host_id as "hostId", name, driver, scope, mountpoint, options from volume
    where removed_at is null and (id = ${volume.id}::uuid or options <> '{}'::jsonb or scope = 'global'
      or (host_id = ${volume.hostId}::uuid and ${liesAround(Prisma.sql`mountpoint`, paths)}))`);
  const volumes = candidates.filter((row) => row.id === volume.id || placesOf(row).some((place) => own.some((other) => meet(place, other))));
  // Through a volume that is itself mounted read-only nobody writes; its storage is reached by other ways all the same.
  const writable = volumes.filter((row) => !isMountedReadOnly(placed(row))).map(({ id }) => id);
  const bound = volumes
    .flatMap((row) => placesOf(row).filter(isOfHost))
    .map(({ space, path }) => {
      return Prisma.sql`(c.host_id = ${space.hostId}::uuid and ${liesAround(Prisma.sql`m.source`, [pathText(path)])})`;
    });
  return database.readRows<Writer>(Prisma.sql`
    select distinct c.host_id::text as "hostId", c.engine_id as "engineId", c.name, c.state::text as state
    from mount m join container c on c.id = m.container_id
    where not m.read_only and c.removed_at is null and c.state in ('RUNNING', 'PAUSED', 'RESTARTING')
      and (m.volume_id = any(${writable}::uuid[]) or (m.type = 'BIND' and (${bound.length === 0 ? Prisma.sql`false` : Prisma.join(bound, ' or ')})))
    order by 1, 2`);
}

interface PlaceOnHost extends StoragePlace {
  readonly space: Extract<StoragePlace['space'], { kind: 'host' }>;
}

function isOfHost(place: StoragePlace): place is PlaceOnHost {
  return place.space.kind === 'host';
}

/** Where a volume's storage lies: at its mountpoint, and where its options say. */
function placesOf(row: WrittenVolume): StoragePlace[] {
  return [hostPlace(row.mountpoint, row.hostId), storageBehind(placed(row), row.hostId)].filter((place) => place !== undefined);
}

function placed(row: WrittenVolume): PlacedVolume {
  return { ...row, options: row.options as TextRecord };
}

function meet(one: StoragePlace, other: StoragePlace): boolean {
  return spaceKey(one.space) === spaceKey(other.space) && (isWithin(one.path, other.path) || isWithin(other.path, one.path));
}

/** Who writes, in words. */
export function namesOf(writers: readonly Writer[]): string {
  return [...new Set(writers.map(({ name }) => name))].sort().join(', ');
}

/** What giving a writer back will take; undefined for one that does not write now. */
export async function leftoverOf(engine: Engine, writer: Writer, quiesce: Quiesce): Promise<QuietContainer | undefined> {
  if (quiesce === 'LIVE' || writer.state === 'PAUSED') return undefined;
  if (quiesce === 'PAUSE') return { kind: 'paused', hostId: writer.hostId, containerId: writer.engineId };
  const container = await engine.inspectContainer(writer.engineId);
  if (container?.autoRemove === true) {
    throw new Problem('CONFLICT', `Container ${quote(writer.name)} is removed by its engine when it stops (--rm) and could not be given back. Use PAUSE.`);
  }
  return { kind: 'stopped', hostId: writer.hostId, containerId: writer.engineId, startedAt: container?.startedAt?.toISOString() ?? null };
}

/** What became of a container that was to be made quiet. `OTHERWISE`: by somebody else, who may wake it at any time. */
export type Quieted = 'HERE' | 'ENDED' | 'OTHERWISE';

export async function pause(engine: Engine, id: string, signal: AbortSignal): Promise<Quieted> {
  const until = performance.now() + PAUSE_LIMIT_MS;
  for (;;) {
    try {
      await engine.pauseContainer(id);
      return 'HERE';
    } catch (error) {
      if (!(error instanceof EngineError && (error.status === 409 || error.status === 404))) throw error;
      const now = await engine.inspectContainer(id);
      if (now?.state === 'paused') return 'OTHERWISE';
      if (now === undefined || (now.state !== 'running' && now.state !== 'restarting')) return 'ENDED';
      // It is being restarted, and will write again.
      if (performance.now() > until) throw error;
      await delay(PAUSE_RETRY_MS, undefined, { signal });
    }
  }
}

/** Stops a container within its own time of grace. */
export async function stop(engine: Engine, id: string): Promise<Quieted> {
  try {
    await engine.stopContainer(id, (await engine.inspectContainer(id))?.stopTimeoutSeconds);
    return 'HERE';
  } catch (error) {
    if (!(error instanceof EngineError && error.status === 404)) throw error;
    return 'ENDED';
  }
}

/** Gives a container back as it was, if nobody has done so. */
export async function giveBack(engine: Engine, leftover: QuietContainer): Promise<void> {
  const { containerId } = leftover;
  const container = await engine.inspectContainer(containerId);
  if (container === undefined) return;
  if (leftover.kind === 'paused') {
    if (container.state === 'paused') await engine.unpauseContainer(containerId);
    return;
  }
  if (container.state === 'running') {
    // Started again by somebody, or within its time of grace: then it would end after all.
    if ((container.startedAt?.toISOString() ?? null) !== leftover.startedAt) return;
    await stop(engine, containerId);
  }
  await engine.startContainer(containerId);
}
