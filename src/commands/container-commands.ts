import type { Caller } from '../access/caller.js';
import { EngineError } from '../engine/connection.js';
import type { ContainerSpec, Engine } from '../engine/engine.js';
import { checkKeyValues, checkObjectName, isObjectName, quote, type KeyValue } from '../engine/names.js';
import { findContainer, type Container } from '../inventory/containers.js';
import { requireHost, type Host } from '../inventory/hosts.js';
import type { MountType } from '../inventory/picture.js';
import { pathComponents, pathText } from '../inventory/storage-place.js';
import { badInput, Problem } from '../problems.js';
import type { HostLink } from '../sync/fleet.js';
import { checkContainerReach } from './container-policy.js';
import type { CommandContext } from './context.js';
import { onceByKey, type CallAttempt } from './once-by-key.js';
import { checkLabels } from './volume-commands.js';

/** Label of a container that was made by a call with a key: its id, by which a later attempt at the call knows it. */
const CALL_LABEL = 'io.stowage.call';
const MAX_MOUNTS = 64;
const MAX_ARGUMENTS = 1024;
/** Longest argument of a Linux program (MAX_ARG_STRLEN less its end); engines of 20.10 hang on a longer one. */
const MAX_ARGUMENT_BYTES = 131_071;
/** Longest time that stopContainer waits, in seconds. */
const MAX_STOP_SECONDS = 600;
/** `[registry/]path[:tag][@digest]`, loosely: the engine knows the rest (distribution/reference). */
const IMAGE = /^[a-zA-Z0-9][a-zA-Z0-9._/:@-]{0,511}$/;

export interface MountRequest {
  readonly type: MountType;
  readonly source: string | undefined;
  readonly destination: string;
  readonly readOnly: boolean;
}

export interface RunContainerRequest {
  readonly host: string;
  readonly image: string;
  readonly name: string | undefined;
  readonly command: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
  readonly env: readonly KeyValue[];
  readonly labels: readonly KeyValue[];
  readonly mounts: readonly MountRequest[];
  readonly volumesFrom: readonly string[];
  readonly network: string | undefined;
  readonly start: boolean;
  readonly caller: Caller;
  readonly idempotencyKey: string | undefined;
}

/** A container by host and name or full engine id. */
export interface ContainerReference {
  readonly host: string;
  readonly name: string;
}

/**
 * Creates a container and starts it. One that cannot be started is removed again. An image that is not there is pulled.
 * @throws {Problem} BAD_USER_INPUT, FORBIDDEN for what reaches the host, NOT_FOUND (host, image, container to take mounts from),
 * CONFLICT (name), ENGINE_ERROR.
 */
export async function runContainerCommand(context: CommandContext, request: RunContainerRequest): Promise<Container> {
  const { caller, idempotencyKey, ...input } = request;
  const asked = checkSpec(request);
  const host = await requireHost(context.database, request.host);
  const sync = context.fleet.of(host);
  const call = { caller, key: idempotencyKey, mutation: 'runContainer', input };
  const rowId = await onceByKey(context, call, async ({ id: callId, keyed }: CallAttempt<string>) => {
    const name = asked.name ?? (keyed ? `stowage-${callId.replaceAll('-', '').slice(-12)}` : undefined);
    const spec = keyed ? { ...asked, name, labels: { ...asked.labels, [CALL_LABEL]: callId } } : asked;
    const claim = { kind: 'container', key: name ?? '', actor: caller.name } as const;
    const id = await sync.withEngine(async (engine) => {
      await checkContainerReach(context, caller, engine, spec);
      return createAndStart(context, engine, host, spec, request.start);
    }, claim);
    return { answer: (await afterLook(context, sync, host, id, caller.name)).id, complete: true };
  });
  const container = await context.database.container.findUnique({ where: { id: rowId } });
  if (container === null) throw new Problem('NOT_FOUND', 'The container was made, and its host is not known any more.');
  return container;
}

/** Returns the engine's id of the new container, or of the one that an earlier attempt at the same call has made. */
async function createAndStart(context: CommandContext, engine: Engine, host: Host, spec: ContainerSpec, start: boolean): Promise<string> {
  const made = await createOnce(engine, host, spec);
  const { id } = made;
  // What an earlier attempt has started may have ended since.
  if (!start || (!made.now && made.state !== 'created')) return id;
  try {
    await explained(() => engine.startContainer(id), 'container');
  } catch (error) {
    await engine.removeContainer(id, { force: true, removeAnonymousVolumes: true }).catch((failure: unknown) => {
      context.log.warn({ err: failure, container: id }, 'a container that did not start cannot be removed');
    });
    throw error;
  }
  return id;
}

async function createOnce(engine: Engine, host: Host, spec: ContainerSpec): Promise<{ id: string; now: boolean; state: string }> {
  const create = () => explained(() => engine.createContainer(spec), `name ${quote(spec.name ?? '')}`);
  try {
    return { id: await create(), now: true, state: 'created' };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === 'CONFLICT' && spec.name !== undefined && spec.labels[CALL_LABEL] !== undefined) {
      const there = await engine.inspectContainer(spec.name);
      if (there?.labels[CALL_LABEL] === spec.labels[CALL_LABEL]) return { id: there.id, now: false, state: there.state };
    }
    if (error.code !== 'NOT_FOUND' || !/no such image/i.test(error.message)) throw error;
  }
  try {
    await engine.pullImage(spec.image);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new Problem('NOT_FOUND', `Image ${quote(spec.image)} is not on host ${host.name}, and its engine cannot pull it: ${error.words}`, { cause: error });
  }
  return { id: await create(), now: true, state: 'created' };
}

/** @throws {Problem} NOT_FOUND, ENGINE_ERROR. Starting a running one is no error, as with the engine. */
export async function startContainerCommand(context: CommandContext, reference: ContainerReference, actor: string): Promise<Container> {
  const { host, sync, id } = await onContainer(context, reference, actor, (engine, id) => engine.startContainer(id));
  return afterLook(context, sync, host, id, actor);
}

/** @throws {Problem} NOT_FOUND, BAD_USER_INPUT, ENGINE_ERROR. Stopping a stopped one is no error, as with the engine. */
export async function stopContainerCommand(
  context: CommandContext,
  reference: ContainerReference,
  timeoutSeconds: number | undefined,
  actor: string,
): Promise<Container> {
  if (timeoutSeconds !== undefined && (timeoutSeconds < 0 || timeoutSeconds > MAX_STOP_SECONDS)) {
    throw badInput(`timeoutSeconds is ${String(timeoutSeconds)}; it must be from 0 to ${String(MAX_STOP_SECONDS)}.`);
  }
  const { host, sync, id } = await onContainer(context, reference, actor, (engine, id) => engine.stopContainer(id, timeoutSeconds));
  return afterLook(context, sync, host, id, actor);
}

/** @throws {Problem} NOT_FOUND, CONFLICT when it is running and not forced, ENGINE_ERROR. */
export async function removeContainerCommand(
  context: CommandContext,
  reference: ContainerReference,
  options: { force: boolean; removeAnonymousVolumes: boolean; actor: string },
): Promise<void> {
  const { host, sync, id } = await onContainer(context, reference, options.actor, (engine, id) => engine.removeContainer(id, options));
  // The inventory keeps what it knew of it.
  const mounts = await context.database.mount.findMany({ where: { container: { hostId: host.id, engineId: id } }, select: { volumeName: true } });
  const volumes = options.removeAnonymousVolumes ? mounts.flatMap(({ volumeName }) => volumeName ?? []).filter(isObjectName) : [];
  await Promise.all([sync.look('container', id, options.actor), ...volumes.map((volume) => sync.look('volume', volume, options.actor))]);
}

/** Does something with one container. Returns its host and its id of the engine. */
async function onContainer(
  context: CommandContext,
  reference: ContainerReference,
  actor: string,
  act: (engine: Engine, id: string) => Promise<unknown>,
): Promise<{ host: Host; sync: HostLink; id: string }> {
  checkObjectName('container', reference.name);
  const host = await requireHost(context.database, reference.host);
  const sync = context.fleet.of(host);
  // The engine is asked, since names can move from one container to another at any time.
  const id = await sync.withEngine(async (engine) => (await engine.inspectContainer(reference.name))?.id);
  if (id === undefined) throw new Problem('NOT_FOUND', `There is no container ${quote(reference.name)} on host ${host.name}.`);
  await sync.withEngine((engine) => explained(() => act(engine, id), 'container'), { kind: 'container', key: id, actor });
  return { host, sync, id };
}

async function afterLook(context: CommandContext, sync: HostLink, host: Host, id: string, actor: string): Promise<Container> {
  await sync.look('container', id, actor);
  const container = await findContainer(context.database, host.id, id, true);
  if (container === undefined) throw new Problem('NOT_FOUND', `The container ${id.slice(0, 12)} was gone again at once.`);
  return container;
}

/** Turns the engine's refusals into the problems that they are. */
async function explained<T>(call: () => Promise<T>, what: string): Promise<T> {
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

function checkSpec(request: RunContainerRequest): ContainerSpec {
  if (!IMAGE.test(request.image)) throw badInput(`image ${quote(request.image)} is no reference to an image.`);
  if (request.name !== undefined) checkObjectName('name', request.name);
  if (request.mounts.length > MAX_MOUNTS) throw badInput(`mounts has ${String(request.mounts.length)} entries; at most ${String(MAX_MOUNTS)} are allowed.`);
  const badVariable = request.env.find(({ key }) => key.includes('='));
  if (badVariable !== undefined) throw badInput(`env: the key ${quote(badVariable.key)} holds "=".`);
  if (request.network !== undefined && !isObjectName(request.network)) throw badInput(`network ${quote(request.network)} is no name of a network.`);
  return {
    name: request.name,
    image: request.image,
    command: checkArguments('command', request.command),
    entrypoint: checkArguments('entrypoint', request.entrypoint),
    env: Object.entries(checkKeyValues('env', request.env)).map(([key, value]) => `${key}=${value}`),
    labels: checkLabels('labels', request.labels),
    mounts: request.mounts.map(checkMount),
    volumesFrom: request.volumesFrom.map((given) => {
      if (!isObjectName(given.replace(/:(ro|rw)$/, ''))) throw badInput(`volumesFrom: ${quote(given)} is no name of a container with an optional ":ro".`);
      return given;
    }),
    networkMode: request.network,
  };
}

function checkArguments(field: string, list: readonly string[] | undefined): readonly string[] | undefined {
  if (list === undefined) return undefined;
  if (list.length > MAX_ARGUMENTS) throw badInput(`${field} has ${String(list.length)} entries; at most ${String(MAX_ARGUMENTS)} are allowed.`);
  if (list.some((argument) => Buffer.byteLength(argument) > MAX_ARGUMENT_BYTES)) {
    throw badInput(`${field} has an entry of more than ${String(MAX_ARGUMENT_BYTES)} bytes, which no Linux program takes.`);
  }
  if (list.some((argument) => argument.includes('\0') || !argument.isWellFormed())) throw badInput(`${field} has a null byte or broken Unicode.`);
  return list;
}

function checkMount(mount: MountRequest): ContainerSpec['mounts'][number] {
  const target = checkPath('mounts: destination', mount.destination);
  switch (mount.type) {
    case 'VOLUME':
      return {
        type: 'volume',
        source: mount.source === undefined ? undefined : checkObjectName('mounts: source', mount.source),
        target,
        readOnly: mount.readOnly,
      };
    case 'BIND':
      if (mount.source === undefined) throw badInput('mounts: a BIND mount needs source, the path on the host.');
      return { type: 'bind', source: checkPath('mounts: source', mount.source), target, readOnly: mount.readOnly };
    case 'TMPFS':
      if (mount.source !== undefined) throw badInput('mounts: a TMPFS mount has no source.');
      return { type: 'tmpfs', source: undefined, target, readOnly: mount.readOnly };
    case 'NPIPE':
      if (mount.source === undefined || mount.source.includes('\0')) throw badInput('mounts: an NPIPE mount needs source, the pipe on a Windows host.');
      return { type: 'npipe', source: mount.source, target, readOnly: mount.readOnly };
    case 'CLUSTER':
      if (mount.source === undefined) throw badInput('mounts: a CLUSTER mount needs source, the name of a cluster volume.');
      return { type: 'cluster', source: checkObjectName('mounts: source', mount.source), target, readOnly: mount.readOnly };
    case 'IMAGE':
      if (mount.source === undefined || !IMAGE.test(mount.source)) throw badInput('mounts: an IMAGE mount needs source, a reference to an image.');
      return { type: 'image', source: mount.source, target, readOnly: mount.readOnly };
  }
}

/** Cleaned, so that what is decided about and what the engine is given are the same path. */
function checkPath(field: string, path: string): string {
  const components = path.includes('\0') || !path.isWellFormed() ? undefined : pathComponents(path);
  if (components === undefined) throw badInput(`${field} ${quote(path)} is no absolute path of at most 4095 bytes.`);
  return pathText(components);
}
