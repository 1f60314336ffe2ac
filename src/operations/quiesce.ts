import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../database/client.js';
import { EngineError } from '../engine/connection.js';
import type { Engine } from '../engine/engine.js';
import { quote } from '../engine/names.js';
import type { ContainerHold } from '../generated/prisma/client.js';
import { findReaches, isWriting, type ReachedVolume } from '../inventory/storage-reach.js';
import { Problem } from '../problems.js';
import type { OperationContext } from './context.js';
import { findNeeded, whyNeeded } from './own-containers.js';
import { inputOf, type Operation } from './records.js';

/**
 * What runc says when the kernel has not stopped all processes of a container in time, which a busy machine brings about (its
 * freezer of version 1 control groups tries 1,000 times within some milliseconds, and thaws what it had).
 */
const NOT_FROZEN = /unable to freeze/;
/** Milliseconds within which a container that is just being restarted, or is hard to stop, must let itself be paused. */
const PAUSE_LIMIT_MS = 20_000;
const PAUSE_RETRY_MS = 200;

/** A running container that can write what a volume holds. */
export interface Writer {
  readonly hostId: string;
  readonly engineId: string;
  readonly name: string;
  readonly state: string;
}

/**
 * Containers that run, or will again since an operation has stopped them for its time, and have a read-write mount of a volume's
 * storage, of a part of it, or of what it lies in, on any host.
 */
export async function findWriters(database: Database, volume: ReachedVolume): Promise<Writer[]> {
  const held = await database.containerHold.findMany({ select: { hostId: true, containerId: true } });
  const keys = new Set(held.map(({ hostId, containerId }) => `${hostId} ${containerId}`));
  const reaches = await findReaches(database, [volume], (reach) => isWriting(reach) || (!reach.readOnly && keys.has(`${reach.hostId} ${reach.engineId}`)));
  const writers = new Map(reaches.map(({ hostId, engineId, container, state }) => [`${hostId} ${engineId}`, { hostId, engineId, name: container, state }]));
  return [...writers].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, writer]) => writer);
}

/**
 * Who writes, in words for an operation: whoever sees its hosts may read them, so that only containers of those are named.
 */
export function namesOf(writers: readonly Writer[], hostIds: readonly (string | null)[]): string {
  const shown = writers.filter(({ hostId }) => hostIds.includes(hostId));
  const names = [...new Set(shown.map(({ name }) => name))].sort();
  return [...names, ...(shown.length < writers.length ? ['containers of other hosts'] : [])].join(', ');
}

/**
 * Makes sure that an operation may make containers quiet, before any of them is.
 * @throws {Problem} FORBIDDEN, CONFLICT.
 */
export async function refuseQuiesce({ database, fleet }: OperationContext, operation: Operation, writers: readonly Writer[]): Promise<void> {
  const { quiesce = 'LIVE', visibleHostIds } = inputOf(operation);
  if (quiesce === 'LIVE' || writers.length === 0) return;
  if (visibleHostIds !== undefined && writers.some(({ hostId }) => !visibleHostIds.includes(hostId))) {
    throw new Problem(
      'FORBIDDEN',
      'Containers of hosts that are hidden from whoever asked can write to the storage of the volume, and are not touched. Use LIVE, or a token for all hosts.',
    );
  }
  const needed = await findNeeded(database);
  for (const writer of writers) {
    const host = await database.host.findUnique({ where: { id: writer.hostId } });
    if (host === null) continue;
    // As in namesOf.
    const isShown = host.id === operation.sourceHostId || host.id === operation.targetHostId;
    const name = isShown ? `Container ${quote(writer.name)} on host ${host.name}` : 'A container of another host';
    await fleet.of(host).withEngine(async (engine) => {
      const container = await engine.inspectContainer(writer.engineId);
      if (container === undefined) return;
      const why = await whyNeeded(needed, engine, host, container);
      if (why !== undefined) throw new Problem('CONFLICT', `${name} ${why}, and is not made quiet. Use LIVE.`);
      if (quiesce === 'STOP' && container.autoRemove && container.state !== 'paused') {
        throw new Problem('CONFLICT', `${name} is removed by its engine when it stops (--rm) and could not be given back. Use PAUSE.`);
      }
    });
  }
}

/** What became of a container that was to be made quiet. `OTHERWISE`: by somebody else, who may wake it at any time. */
export type Quieted = 'HERE' | 'ENDED' | 'OTHERWISE';

/** Whether a pause that an engine refused may be had a moment later, or is not needed any more: the container's state tells. */
export function mayPauseLater(error: unknown): boolean {
  if (!(error instanceof EngineError)) return false;
  return error.status === 409 || error.status === 404 || (error.status === 500 && NOT_FROZEN.test(error.message));
}

export async function pause(engine: Engine, id: string, signal: AbortSignal): Promise<Quieted> {
  const until = performance.now() + PAUSE_LIMIT_MS;
  for (;;) {
    try {
      await engine.pauseContainer(id);
      return 'HERE';
    } catch (error) {
      if (!mayPauseLater(error)) throw error;
      const now = await engine.inspectContainer(id);
      if (now?.state === 'paused') return 'OTHERWISE';
      if (now === undefined || (now.state !== 'running' && now.state !== 'restarting')) return 'ENDED';
      // It is being restarted, or was not stopped in time, and will write again.
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
export async function giveBack(engine: Engine, { containerId, kind, startedAt }: Pick<ContainerHold, 'containerId' | 'kind' | 'startedAt'>): Promise<void> {
  const container = await engine.inspectContainer(containerId);
  if (container === undefined) return;
  if (kind === 'PAUSED') {
    if (container.state === 'paused') await engine.unpauseContainer(containerId);
    return;
  }
  if (container.state === 'running') {
    // Started again by somebody, or within its time of grace: then it would end after all.
    if ((container.startedAt?.toISOString() ?? null) !== startedAt) return;
    await stop(engine, containerId);
  }
  await engine.startContainer(containerId);
}
