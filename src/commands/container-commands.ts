import { setTimeout as delay } from 'node:timers/promises';
import type { Caller } from '../access/caller.js';
import { EngineError } from '../engine/connection.js';
import type { Engine } from '../engine/engine.js';
import { checkObjectName, isAnonymousVolume, quote } from '../engine/names.js';
import type { EngineContainer } from '../engine/model.js';
import { findContainer, type Container } from '../inventory/containers.js';
import { requireHost, type Host } from '../inventory/hosts.js';
import type { ContainerState } from '../inventory/picture.js';
import { whileRemoving, type Removing } from '../inventory/removal-claims.js';
import { badInput, Problem } from '../problems.js';
import type { HostLink } from '../sync/fleet.js';
import type { Claim } from '../sync/pending-objects.js';
import { checkStart } from './container-policy.js';
import type { CommandContext } from './context.js';
import { showChanged } from './shown.js';

/** Milliseconds for a container with --rm to be gone with its volumes, and between looks at that. */
const GOING_LIMIT_MS = 3_000;
const GOING_POLL_MS = 50;
/** Longest time that stopContainer waits, in seconds. */
const MAX_STOP_SECONDS = 600;

/** A container by host and name or full engine id. */
export interface ContainerReference {
  readonly host: string;
  readonly name: string;
}

/**
 * Starts a container, whoever made it, for a caller who might have made it.
 * @throws {Problem} NOT_FOUND, FORBIDDEN for one that reaches the host, VOLUME_PROTECTED, ENGINE_ERROR. Starting a running one is no error, as with the engine.
 */
export async function startContainerCommand(context: CommandContext, reference: ContainerReference, caller: Caller): Promise<Container> {
  const changed = await onContainer(context, reference, caller.name, async (engine, container, host) => {
    await checkStart(context, caller, engine, container);
    await unprotected(context, host, goingWithItsEnd(container));
    await engine.startContainer(container.id);
  });
  const shown = await showChanged(context, changed.sync, changesOf(changed.there, [], caller.name));
  return containerAfter(context, changed, shown, 'RUNNING');
}

/**
 * Stops a container. One with `--rm` goes with that, and its anonymous volumes with it.
 * @throws {Problem} NOT_FOUND, BAD_USER_INPUT, VOLUME_PROTECTED, ENGINE_ERROR. Stopping a stopped one is no error, as with the engine.
 */
export async function stopContainerCommand(
  context: CommandContext,
  reference: ContainerReference,
  timeoutSeconds: number | undefined,
  actor: string,
): Promise<Container> {
  if (timeoutSeconds !== undefined && (timeoutSeconds < 0 || timeoutSeconds > MAX_STOP_SECONDS)) {
    throw badInput(`timeoutSeconds is ${String(timeoutSeconds)}; it must be from 0 to ${String(MAX_STOP_SECONDS)}.`);
  }
  let shown = false;
  const changed = await onContainer(
    context,
    reference,
    actor,
    (engine, container, host, sync) => {
      const seconds = timeoutSeconds ?? container.stopTimeoutSeconds;
      const going = goingWithItsEnd(container);
      return withoutProtected(context, host, going, {
        limitMs: engine.stopLimitMs(seconds),
        remove: () => engine.stopContainer(container.id, seconds),
        show: async () => {
          const isGone = !container.autoRemove || (await untilGone(engine, container.id, going));
          shown = await showChanged(context, sync, changesOf(container, going, actor));
          return isGone && shown;
        },
      });
    },
    goingWithItsEnd,
  );
  return containerAfter(context, changed, shown, changed.there.autoRemove ? 'REMOVED' : 'EXITED');
}

/**
 * Removes a container, with `removeAnonymousVolumes` its anonymous volumes with it.
 * @throws {Problem} NOT_FOUND, CONFLICT when it is running and not forced, VOLUME_PROTECTED, ENGINE_ERROR.
 */
export async function removeContainerCommand(
  context: CommandContext,
  reference: ContainerReference,
  options: { force: boolean; removeAnonymousVolumes: boolean; actor: string },
): Promise<void> {
  const { actor } = options;
  const going = (container: EngineContainer) => (options.removeAnonymousVolumes ? anonymousVolumesOf(container) : []);
  await onContainer(
    context,
    reference,
    actor,
    (engine, container, host, sync) =>
      withoutProtected(context, host, going(container), {
        limitMs: context.engineTimeoutMs,
        remove: () => engine.removeContainer(container.id, options),
        show: () => showChanged(context, sync, changesOf(container, going(container), actor)),
      }),
    going,
  );
}

/**
 * Waits until a container with --rm that was stopped is gone with its anonymous volumes: its engine answers before. Not all go
 * when another container has one of them, too.
 */
async function untilGone(engine: Engine, id: string, volumes: readonly string[]): Promise<boolean> {
  const until = performance.now() + GOING_LIMIT_MS;
  try {
    for (;;) {
      const left = await Promise.all([engine.inspectContainer(id), ...volumes.map((name) => engine.inspectVolume(name))]);
      if (left.every((object) => object === undefined)) return true;
      if (performance.now() > until) return false;
      await delay(GOING_POLL_MS);
    }
  } catch {
    return false;
  }
}

/** Volumes that an engine removes when the container ends, also when it cannot be started (seen on 20.10). */
function goingWithItsEnd(container: EngineContainer): string[] {
  return container.autoRemove ? anonymousVolumesOf(container) : [];
}

/** The ids of these volumes, as far as they are known. @throws {Problem} VOLUME_PROTECTED naming those that are protected. */
async function unprotected(context: CommandContext, host: Host, names: readonly string[]): Promise<string[]> {
  const rows = await context.database.volume.findMany({
    where: { hostId: host.id, name: { in: [...names] }, removedAt: null },
    select: { id: true, name: true, protected: true },
  });
  const kept = rows.filter((volume) => volume.protected).map(({ name }) => quote(name));
  if (kept.length > 0) {
    const what = `Anonymous volumes that would go with this container are protected: ${kept.sort().join(', ')}`;
    throw new Problem('VOLUME_PROTECTED', `${what}. Take the protection off first (updateVolume), or remove the container without its volumes.`);
  }
  return rows.map(({ id }) => id);
}

/** Does what has an engine remove these volumes. @throws {Problem} VOLUME_PROTECTED naming those that are protected. */
async function withoutProtected(context: CommandContext, host: Host, names: readonly string[], removing: Removing): Promise<void> {
  const ids = await unprotected(context, host, names);
  if (ids.length > 0) {
    await whileRemoving(context.database, ids, removing);
    return;
  }
  await removing.remove();
  await removing.show();
}

function changesOf({ id }: EngineContainer, volumes: readonly string[], actor: string): Claim[] {
  return [{ kind: 'container', key: id, actor }, ...volumes.map((key) => ({ kind: 'volume' as const, key, actor }))];
}

/** Volumes that an engine removes with the container, unless another one refers to them. */
function anonymousVolumesOf({ mounts, declaredDestinations }: EngineContainer): string[] {
  return mounts.flatMap(({ type, name, destination }) =>
    type === 'volume' && name !== undefined && isAnonymousVolume(name, {}) && !declaredDestinations.has(destination) ? [name] : [],
  );
}

/** A container that something was done with. */
interface ChangedContainer {
  readonly host: Host;
  readonly sync: HostLink;
  /** As it was before. */
  readonly there: EngineContainer;
}

/** Does something with one container, and perhaps volumes of it. */
async function onContainer(
  context: CommandContext,
  reference: ContainerReference,
  actor: string,
  act: (engine: Engine, there: EngineContainer, host: Host, sync: HostLink) => Promise<unknown>,
  volumes: (there: EngineContainer) => readonly string[] = () => [],
): Promise<ChangedContainer> {
  checkObjectName('container', reference.name);
  const host = await requireHost(context.database, reference.host);
  const sync = context.fleet.of(host);
  // The engine is asked, since names can move from one container to another at any time.
  const there = await sync.withEngine((engine) => engine.inspectContainer(reference.name));
  // What the gateway makes for itself to read volumes is not for others to stop.
  if (there === undefined || there.isHelper) throw new Problem('NOT_FOUND', `There is no container ${quote(reference.name)} on host ${host.name}.`);
  await sync.withEngine((engine) => explained(() => act(engine, there, host, sync), 'container'), ...changesOf(there, volumes(there), actor));
  return { host, sync, there };
}

/** The container as the inventory shows it; when it does not show the change yet, in the state that the engine has put it in. */
async function containerAfter(context: CommandContext, { host, there }: ChangedContainer, shown: boolean, state: ContainerState): Promise<Container> {
  const container = await findContainer(context.database, host.id, there.id, true);
  if (container === undefined) throw shown ? goneAtOnce(there.id) : notShown(host, there.name, false);
  return shown ? container : { ...container, state };
}

export function goneAtOnce(id: string): Problem {
  return new Problem('NOT_FOUND', `The container ${id.slice(0, 12)} was gone again at once.`);
}

export function notShown(host: Host, name: string, keyed: boolean): Problem {
  const again = keyed ? 'Ask again with the same idempotencyKey' : 'Query it, and do not ask for another one';
  return new Problem('UNAVAILABLE', `Container ${quote(name)} was made on host ${host.name}, and cannot be shown yet. ${again} in a moment.`);
}

/** Turns the engine's refusals into the problems that they are. */
export async function explained<T>(call: () => Promise<T>, what: string): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    // 20.10 answers 400, not 404, when --volumes-from names a container that is not there.
    if (error.status === 404 || (error.status === 400 && /no such container/i.test(error.words)))
      throw new Problem('NOT_FOUND', `The engine says: ${error.words}`, { cause: error });
    if (error.status === 409) throw new Problem('CONFLICT', `The engine refuses (${what}): ${error.words}`, { cause: error });
    if (error.status === 400) throw new Problem('BAD_USER_INPUT', `The engine refuses: ${error.words}`, { cause: error });
    throw error;
  }
}
