import type { Caller } from '../access/caller.js';
import { seesHost } from '../access/permissions.js';
import { EngineError } from '../engine/connection.js';
import { isAbsence } from '../engine/engine.js';
import { checkObjectName, quote } from '../engine/names.js';
import { listHosts, type Host } from '../inventory/hosts.js';
import { containersOfVolumes, sameVolumes } from '../inventory/removal-checks.js';
import { usersOfDirectory } from '../inventory/storage-reach.js';
import { whileRemoving } from '../inventory/removal-claims.js';
import { isStillThat } from '../inventory/volume-identity.js';
import { findVolume, type Volume } from '../inventory/volumes.js';
import { badInput, Problem } from '../problems.js';
import type { CommandContext } from './context.js';
import { onEachHost, OthersAway } from './each-host.js';
import { requireHosts } from './host-commands.js';
import { showChanged } from './shown.js';
import { volumesAtWork } from './volumes-at-work.js';

/** Volumes that one call may remove. */
const MAX_REMOVALS = 500;
/** Milliseconds that another host may take to say who uses a volume that it shares. */
const OTHER_HOST_PATIENCE_MS = 5_000;

export interface VolumeReference {
  readonly host: string;
  readonly name: string;
  /** Key of the volume that is meant. */
  readonly id: string | undefined;
}

export interface RemoveVolumeOptions {
  /** The engine's force; it also gets past hosts that are away and might use a volume of scope global. */
  readonly force: boolean;
  /** Who asks, for the journal, and for what may be told of other hosts. */
  readonly caller: Caller;
}

export interface RemoveVolumeOutcome {
  readonly host: Host;
  readonly name: string;
  readonly removed: boolean;
  readonly error: Problem | null;
}

/** One volume that is to be removed, and its host. */
export interface Removal {
  readonly host: Host;
  readonly name: string;
  /** Key of the volume that is meant; undefined: the one that has the name. */
  readonly id: string | undefined;
}

/** Removes volumes that nothing refers to, each only if it is the one that was meant. */
export async function removeVolumesCommand(
  context: CommandContext,
  references: readonly VolumeReference[],
  options: RemoveVolumeOptions,
): Promise<RemoveVolumeOutcome[]> {
  if (references.length === 0) throw badInput('volumes is empty; name at least one.');
  if (references.length > MAX_REMOVALS) {
    throw new Problem('LIMIT_EXCEEDED', `${String(references.length)} volumes were named; one call removes at most ${String(MAX_REMOVALS)}.`);
  }
  const seen = new Set<string>();
  for (const { host, name } of references) {
    checkObjectName('volume', name);
    const key = JSON.stringify([host, name]);
    if (seen.has(key)) throw badInput(`volumes names ${quote(name)} on host ${quote(host)} twice.`);
    seen.add(key);
  }
  const hosts = await requireHosts(
    context,
    references.map((reference) => reference.host),
  );
  const removals = references.map(({ name, id }, index) => ({ host: hosts[index] as Host, name, id }));
  return removeEach(context, removals, options);
}

/**
 * Removes each of these volumes, one outcome for each, in order.
 * @param stillMeant a last word about the volume as it is known after a look at its engine; what it throws is the outcome.
 */
export async function removeEach(
  context: CommandContext,
  removals: readonly Removal[],
  options: RemoveVolumeOptions,
  stillMeant: (volume: Volume) => Promise<void> = () => Promise.resolve(),
): Promise<RemoveVolumeOutcome[]> {
  const gone = new Set<number>();
  const problems = await onEachHost(context, removals, (removal, index) => removeOne(context, removal, options, stillMeant, () => gone.add(index)));
  return removals.map(({ host, name }, index) => {
    // Once the engine has said yes it is gone, whatever became of showing it within the deadline.
    const error = gone.has(index) ? null : (problems[index] ?? null);
    return { host, name, removed: error === null, error };
  });
}

async function removeOne(
  context: CommandContext,
  removal: Removal,
  options: RemoveVolumeOptions,
  stillMeant: (volume: Volume) => Promise<void>,
  onGone: () => void,
): Promise<void> {
  const { host, name, id } = removal;
  const sync = context.fleet.of(host);
  // What is known may be a moment old, and the engine's force calls the removal of nothing a success.
  await sync.look('volume', name);
  const volume = await findVolume(context.database, host.id, name);
  if (volume === undefined) throw missing(host, name);
  if (id !== undefined && id !== volume.id) throw anotherOne(host, name);
  // One piece of data on all hosts: what holds for it on one of them holds for it on all.
  const same = volume.scope === 'global' ? await sameVolumes(context.database, volume) : [volume];
  refuseProtected(same, volume, host);
  await refuseAtWork(context, same, volume, host);
  await stillMeant(volume);
  await refuseBound(context, volume, host);
  if (volume.scope === 'global') await refuseUsedElsewhere(context, host, volume, same, options);
  const change = { kind: 'volume', key: name, actor: options.caller.name } as const;
  try {
    await sync.withEngine(async (engine) => {
      // All of the above took time. An engine has no way to remove a volume only if it is the one that is meant.
      const there = await engine.inspectVolume(name);
      if (there === undefined) throw missing(host, name);
      if (!isStillThat(volume, there)) throw anotherOne(host, name);
      const ids = same.map((one) => one.id);
      await whileRemoving(context.database, ids, {
        limitMs: context.engineTimeoutMs,
        remove: () => engine.removeVolume(name, options.force).then(onGone),
        show: () => showChanged(context, sync, [change]),
      });
    }, change);
  } catch (error) {
    if (error instanceof EngineError && error.status === 409) throw await inUse(context, host, name, error);
    if (isAbsence(error)) throw missing(host, name);
    throw error;
  }
  await lookElsewhere(context, host, same, options.caller.name);
}

function missing(host: Host, name: string): Problem {
  return new Problem('NOT_FOUND', `There is no volume named ${quote(name)} on host ${host.name}.`);
}

function anotherOne(host: Host, name: string): Problem {
  return new Problem('CONFLICT', `The volume named ${quote(name)} on host ${host.name} is another one by now: the one that was meant is gone.`);
}

function refuseProtected(same: readonly Volume[], volume: Volume, host: Host): void {
  if (!same.some((one) => one.protected)) return;
  const where = volume.protected ? `on host ${host.name}` : 'on another host, and it is one piece of data on all hosts,';
  throw new Problem('VOLUME_PROTECTED', `Volume ${quote(volume.name)} ${where} is protected. Take the protection off first (updateVolume).`);
}

async function refuseAtWork(context: CommandContext, same: readonly Volume[], volume: Volume, host: Host): Promise<void> {
  const work = await volumesAtWork(
    context.database,
    same.map(({ id }) => id),
  );
  const [what] = work.values();
  if (what !== undefined) throw new Problem('VOLUME_IN_USE', `Volume ${quote(volume.name)} on host ${host.name} ${what}. Wait for that to end, or cancel it.`);
}

/**
 * The engine counts only who names a volume. Who binds something larger, as what watches a host does, refers to none: a prune
 * decides more carefully what goes.
 */
async function refuseBound(context: CommandContext, volume: Volume, host: Host): Promise<void> {
  const names = await usersOfDirectory(context.database, volume);
  if (names.length === 0) return;
  throw new Problem(
    'VOLUME_IN_USE',
    `Volume ${quote(volume.name)} on host ${host.name} is in use by: ${names.join(', ')}, which mount its directory by another way. Remove these containers first.`,
  );
}

/** Names the containers that the engine's answer gives by id. */
async function inUse(context: CommandContext, host: Host, name: string, refusal: EngineError): Promise<Problem> {
  const ids = refusal.words.match(/[0-9a-f]{64}/g) ?? [];
  const known = await context.database.container.findMany({ where: { hostId: host.id, engineId: { in: ids } }, select: { engineId: true, name: true } });
  const names = ids.map((id) => known.find((container) => container.engineId === id)?.name ?? id.slice(0, 12));
  const containers = names.length === 0 ? refusal.words : names.sort().join(', ');
  return new Problem('VOLUME_IN_USE', `Volume ${quote(name)} on host ${host.name} is in use by: ${containers}. Remove these containers first.`);
}

/**
 * Of a driver with scope global: every other host is asked now whether a container refers to the volume. A host that does not
 * answer might know of one; then what was last known of it counts, and the rest is not known.
 */
async function refuseUsedElsewhere(
  context: CommandContext,
  host: Host,
  volume: Volume,
  same: readonly Volume[],
  { force, caller }: RemoveVolumeOptions,
): Promise<void> {
  const others = (await listHosts(context.database)).filter(({ id }) => id !== host.id);
  const away: Host[] = [];
  const users: string[] = [];
  await Promise.all(
    others.map(async (other) => {
      try {
        const names = await context.fleet.of(other).withEngine((engine) => engine.containersWithVolume(volume.name, volume.driver, OTHER_HOST_PATIENCE_MS));
        users.push(...names.map(({ name }) => userFor(caller, other, name)));
      } catch {
        away.push(other);
        const there = same.filter(({ hostId }) => hostId === other.id).map(({ id }) => id);
        const names = await containersOfVolumes(context.database, there);
        users.push(...names.map((name) => `${userFor(caller, other, name)} (as last known)`));
      }
    }),
  );
  const what = `Volume ${quote(volume.name)} is one piece of data on all hosts with the driver ${quote(volume.driver)}`;
  if (users.length > 0)
    throw new Problem('VOLUME_IN_USE', `${what}, and it is in use by: ${[...new Set(users)].sort().join(', ')}. Remove these containers first.`);
  if (away.length > 0 && !force) {
    const problem = `${what}, and whether it is used on ${namesFor(caller, away).join(', ')} is not known now`;
    throw new OthersAway('HOST_UNREACHABLE', `${problem}. Try again when every host answers, or use force to remove it all the same.`);
  }
}

/** What a host is called for a caller for whom it does not exist, where it keeps something from being done. */
export const HIDDEN_HOST = 'that your token is not for';

/** Names of hosts as a caller may hear them, each once, in order. */
export function namesFor(caller: Caller, hosts: readonly Host[]): string[] {
  return [...new Set(hosts.map(({ id, name }) => (seesHost(caller, id) ? name : `a host ${HIDDEN_HOST}`)))].sort();
}

function userFor(caller: Caller, host: Host, container: string): string {
  return seesHost(caller, host.id) ? `${container} on host ${host.name}` : `a container on a host ${HIDDEN_HOST}`;
}

/** So that the other hosts' inventories show it, too; a host that is away shows it when it is back. It is gone whatever comes of this. */
async function lookElsewhere(context: CommandContext, host: Host, same: readonly Volume[], actor: string): Promise<void> {
  const elsewhere = same.filter(({ hostId }) => hostId !== host.id);
  if (elsewhere.length === 0) return;
  const known = await listHosts(context.database).catch((error: unknown) => {
    context.log.info({ err: error }, 'the hosts of a volume that was removed cannot be read now');
    return [];
  });
  const hosts = known.filter((other) => other.enabled && other.status === 'ONLINE' && elsewhere.some(({ hostId }) => hostId === other.id));
  const key = elsewhere[0]?.name ?? '';
  await Promise.all(hosts.map((other) => showChanged(context, context.fleet.of(other), [{ kind: 'volume', key, actor }])));
}
