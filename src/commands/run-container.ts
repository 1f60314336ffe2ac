import type { Caller } from '../access/caller.js';
import { requireRegistry } from '../access/registries.js';
import { EngineError } from '../engine/connection.js';
import type { ContainerSpec, Engine } from '../engine/engine.js';
import { checkKeyValues, checkObjectName, isAnonymousVolume, isObjectName, NONCE_LABEL, quote, type KeyValue } from '../engine/names.js';
import { findContainer, type Container } from '../inventory/containers.js';
import { requireHost, type Host } from '../inventory/hosts.js';
import type { MountType } from '../inventory/picture.js';
import { pathComponents, pathText } from '../inventory/storage-place.js';
import { badInput, Problem } from '../problems.js';
import type { HostLink } from '../sync/fleet.js';
import type { Claim } from '../sync/pending-objects.js';
import { explained, goneAtOnce, notShown } from './container-commands.js';
import { checkContainerReach, checkMounts } from './container-policy.js';
import type { CommandContext } from './context.js';
import { onceByKey, type CallAttempt } from './once-by-key.js';
import { showChanged } from './shown.js';
import { checkLabels, nonceOf } from './volume-commands.js';

/** Label of a container that was made by a call with a key: its id, by which a later attempt at the call knows it. */
const CALL_LABEL = 'io.stowage.call';
const MAX_MOUNTS = 64;
const MAX_ARGUMENTS = 1024;
/** Longest argument of a Linux program (MAX_ARG_STRLEN less its end); engines of 20.10 hang on a longer one. */
const MAX_ARGUMENT_BYTES = 131_071;
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
    const nonce = nonceOf(callId, host);
    const name = asked.name ?? `stowage-${callId.replaceAll('-', '').slice(-12)}`;
    const labels = keyed ? { ...asked.labels, [CALL_LABEL]: callId } : asked.labels;
    // An engine makes a volume that is not there, and keeps it when it then refuses the container.
    const mounts = asked.mounts.map((mount) =>
      mount.type === 'volume' && mount.source !== undefined ? { ...mount, volumeOptions: { noCopy: false, labels: { [NONCE_LABEL]: nonce } } } : mount,
    );
    const id = await makeContainer(context, sync, { caller, host, nonce, start: request.start, spec: { ...asked, name, labels, mounts } });
    const shown = await showChanged(context, sync, [{ kind: 'container', key: id, actor: caller.name }]);
    const container = await findContainer(context.database, host.id, id, true);
    if (container === undefined) throw shown ? goneAtOnce(id) : notShown(host, name, keyed);
    return { answer: container.id, complete: true };
  });
  const container = await context.database.container.findUnique({ where: { id: rowId } });
  if (container === null) throw new Problem('NOT_FOUND', 'The container was made, and its host is not known any more.');
  return container;
}

/** One attempt at a container. */
interface Making {
  readonly caller: Caller;
  readonly host: Host;
  readonly spec: ContainerSpec & { readonly name: string };
  /** On the volumes that the engine makes for it. */
  readonly nonce: string;
  readonly start: boolean;
}

/** Returns the engine's id of the new container, or of the one that an earlier attempt at the same call has made. */
async function makeContainer(context: CommandContext, sync: HostLink, making: Making): Promise<string> {
  const { caller, host, spec } = making;
  const claims: Claim[] = [{ kind: 'container', key: spec.name, actor: caller.name }];
  for (const { type, source } of spec.mounts) if (type === 'volume' && source !== undefined) claims.push({ kind: 'volume', key: source, actor: caller.name });
  const make = () => sync.withEngine((engine) => createAndStart(context, engine, making), ...claims);
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'NOT_FOUND' || !/no such image/i.test(error.message)) throw error;
  }
  requireRegistry(caller, context.allowedRegistries, spec.image);
  await sync.withEngine((engine) => pull(context, engine, host, spec.image));
  return make();
}

async function createAndStart(context: CommandContext, engine: Engine, making: Making): Promise<string> {
  const { caller, spec, start } = making;
  const { donorVolumes } = await checkContainerReach(context, caller, engine, spec);
  let made: { id: string; state: string };
  try {
    made = await createOnce(engine, spec);
  } catch (error) {
    if (!isSilence(error)) await removeMadeVolumes(context, engine, making, namedVolumes(spec));
    throw error;
  }
  const { id, state } = made;
  // What an earlier attempt has started may have ended since.
  if (state !== 'created') return id;
  let volumes: readonly string[] = [];
  try {
    const there = await engine.inspectContainer(id);
    if (there === undefined) throw goneAtOnce(id);
    volumes = there.mounts.flatMap(({ type, name }) => (type === 'volume' && name !== undefined && !donorVolumes.has(name) ? [name] : []));
    await checkMounts(context, caller, engine, there);
    if (start) await explained(() => engine.startContainer(id), 'container');
  } catch (error) {
    if (isSilence(error)) throw leftBehind(error, spec);
    try {
      await engine.removeContainer(id, { force: true, removeAnonymousVolumes: false });
      await removeMadeVolumes(context, engine, making, volumes);
    } catch (failure) {
      context.log.warn({ err: failure, container: id }, 'a container that did not start cannot be removed');
    }
    throw error;
  }
  return id;
}

async function createOnce(engine: Engine, spec: Making['spec']): Promise<{ id: string; state: string }> {
  try {
    return { id: await explained(() => engine.createContainer(spec), `name ${quote(spec.name)}`), state: 'created' };
  } catch (error) {
    const call = spec.labels[CALL_LABEL];
    if (!(error instanceof Problem) || error.code !== 'CONFLICT' || call === undefined) throw error;
    const there = await engine.inspectContainer(spec.name);
    if (there?.labels[CALL_LABEL] !== call) throw error;
    return { id: there.id, state: there.state };
  }
}

/** The engine may still be starting it (its storage hangs, say), and would hold its removal until then. */
function leftBehind(silence: Problem, { name, labels }: Making['spec']): Problem {
  const again = CALL_LABEL in labels ? ', or ask again with the same idempotencyKey to go on with it' : '';
  const words = `Container ${quote(name)} was made and is there, and whether it was or will be started is not known: ${silence.message}`;
  return new Problem(silence.code, `${words} Remove it (removeContainer) if it is not wanted${again}.`, { cause: silence });
}

/** Whether the engine does not answer: then asking it for more only takes longer. */
function isSilence(error: unknown): error is Problem {
  return error instanceof Problem && (error.code === 'HOST_TIMEOUT' || error.code === 'HOST_UNREACHABLE');
}

function namedVolumes({ mounts }: Making['spec']): string[] {
  return mounts.flatMap(({ type, source }) => (type === 'volume' && source !== undefined ? [source] : []));
}

/** Removes those of these volumes that the engine made for a container which is not to be, so that all is as it was before. */
async function removeMadeVolumes(context: CommandContext, engine: Engine, { spec, nonce }: Making, names: readonly string[]): Promise<void> {
  const named = new Set(namedVolumes(spec));
  for (const name of new Set(names)) {
    try {
      const volume = await engine.inspectVolume(name);
      if (volume === undefined) continue;
      const isOurs = named.has(name) ? volume.labels[NONCE_LABEL] === nonce : isAnonymousVolume(name, volume.labels);
      // Without force: what another container refers to by now stays.
      if (isOurs) await engine.removeVolume(name, false);
    } catch (error) {
      context.log.warn({ err: error, volume: name }, 'a volume that was made for a container which is not to be cannot be removed');
      if (isSilence(error)) return;
    }
  }
}

async function pull(context: CommandContext, engine: Engine, host: Host, image: string): Promise<void> {
  try {
    await engine.pullImage(image, context.pullDeadlineMs);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const hint = /unauthorized|authentication required|no basic auth credentials|access denied/i.test(error.words)
      ? ' Its registry asks for credentials, of which the gateway has none: pull it on the host first.'
      : '';
    throw new Problem('NOT_FOUND', `Image ${quote(image)} is not on host ${host.name}, and its engine cannot pull it: ${error.words}${hint}`, { cause: error });
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
