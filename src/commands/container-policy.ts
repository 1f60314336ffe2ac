import type { Caller } from '../access/caller.js';
import { requireBind, requirePrivilege, requireVolumeUse } from '../access/host-paths.js';
import type { Engine } from '../engine/engine.js';
import type { EngineContainer } from '../engine/model.js';
import { quote } from '../engine/names.js';
import { Problem } from '../problems.js';
import type { CommandContext } from './context.js';

/** What a new container is to reach, checked for form. */
interface ReachingSpec {
  readonly mounts: readonly { readonly type: string; readonly source: string | undefined }[];
  readonly volumesFrom: readonly string[];
  readonly networkMode: string | undefined;
}

/** What was found on the way, for whoever has to undo a container that was made. */
export interface TakenOver {
  /** Volumes of the containers that it takes mounts from. */
  readonly donorVolumes: ReadonlySet<string>;
}

/**
 * Every way by which a container reaches paths of its host: binds, volumes that are there and are made of host paths, what it
 * takes over from other containers, and the host's network. What is there is asked of the engine now.
 * @throws {Problem} FORBIDDEN, or NOT_FOUND for a container to take mounts from.
 */
export async function checkContainerReach(context: CommandContext, caller: Caller, engine: Engine, spec: ReachingSpec): Promise<TakenOver> {
  if (spec.networkMode === 'host') requirePrivilege(caller, 'The network of the host');
  await Promise.all(spec.mounts.map((mount) => checkMountReach(context, caller, engine, mount.type, mount.source)));
  const donors = await Promise.all(
    spec.volumesFrom.map(async (given) => {
      const name = given.replace(/:(ro|rw)$/, '');
      // By its whole name or id only: the engine would take the beginning of an id, too.
      const donor = await engine.inspectContainer(name);
      if (donor === undefined || donor.isHelper) throw new Problem('NOT_FOUND', `volumesFrom: there is no container ${quote(name)}.`);
      await checkMounts(context, caller, engine, donor);
      return donor;
    }),
  );
  return { donorVolumes: new Set(donors.flatMap(({ mounts }) => mounts.flatMap(({ type, name }) => (type === 'volume' && name !== undefined ? [name] : [])))) };
}

/**
 * The same for a container that is there: one to take mounts from, or one that was made and not started yet. What it refers to cannot be replaced any more, while names that
 * were looked at before may have come to stand for something else by the time that the engine took them.
 * @throws {Problem} FORBIDDEN.
 */
export async function checkMounts(context: CommandContext, caller: Caller, engine: Engine, { mounts }: EngineContainer): Promise<void> {
  await Promise.all(mounts.map(({ type, name, source }) => checkMountReach(context, caller, engine, type, type === 'volume' ? name : source)));
}

/**
 * For a container that is there and is to be started, whoever made it: what it mounts, and what else it has of its host, also by
 * way of containers that it joins.
 * @throws {Problem} FORBIDDEN.
 */
export async function checkStart(context: CommandContext, caller: Caller, engine: Engine, container: EngineContainer): Promise<void> {
  await checkMounts(context, caller, engine, container);
  const waiting = [container];
  const seen = new Set<string>();
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (seen.has(one.id)) continue;
    seen.add(one.id);
    if (one.privileges.length > 0) requirePrivilege(caller, `To start a container that has ${one.privileges.join(', ')} (${quote(one.name)})`);
    const joined = await Promise.all(one.joined.map((name) => engine.inspectContainer(name)));
    waiting.push(...joined.filter((other) => other !== undefined));
  }
}

async function checkMountReach(context: CommandContext, caller: Caller, engine: Engine, type: string, source: string | undefined): Promise<void> {
  if (type === 'bind' || type === 'npipe') requireBind(caller, context.allowedHostPaths, source ?? '');
  if (type !== 'volume' || source === undefined) return;
  const volume = await engine.inspectVolume(source);
  if (volume !== undefined) requireVolumeUse(caller, context.allowedHostPaths, volume);
}
