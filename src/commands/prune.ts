import { v7 as newId } from 'uuid';
import type { Caller } from '../access/caller.js';
import { seesHost } from '../access/permissions.js';
import { ALL_COLUMNS } from '../inventory/columns.js';
import { hostsKnownNow, listHosts, type Host } from '../inventory/hosts.js';
import type { Database } from '../database/client.js';
import { isUuid } from '../inventory/pages.js';
import { whySpared, type PruneCandidate, type PruneConditions, type ReachInWords } from '../inventory/prune.js';
import { protectedAmong, timesOfVolumes, usesOfVolumes, type TimesOfVolume, type VolumeUse } from '../inventory/removal-checks.js';
import { findReaches, isUse, type Reach } from '../inventory/storage-reach.js';
import { viewOf } from '../inventory/view.js';
import { listVolumes, type Volume, type VolumeQuery } from '../inventory/volumes.js';
import { Problem } from '../problems.js';
import type { CommandContext } from './context.js';
import { HIDDEN_HOST, namesFor, removeEach, type RemoveVolumeOutcome } from './volume-removal.js';
import { volumesAtWork } from './volumes-at-work.js';

/** Milliseconds that a plan can be applied. */
const PLAN_LIFE_MS = 15 * 60_000;
/** Plans of one caller that can be applied: each is kept with its volumes, and whoever may read may make one. */
const MAX_PLANS = 20;
/** Volumes that one plan may be about. */
const MAX_PLANNED = 5_000;
/** The order of a plan, which people read. */
const BY_NAME = [{ name: 'asc' }, { host: { name: 'asc' } }, { id: 'asc' }] as const;

export interface PrunePlan {
  readonly id: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly remove: readonly Volume[];
  readonly spare: readonly { readonly volume: Volume; readonly reason: string }[];
  /** Bytes of those to remove, as far as they were measured; null: none was. */
  readonly reclaimableBytes: bigint | null;
}

/**
 * Plans what {@link applyPruneCommand} would remove. Nothing is changed on any engine.
 * @param query which volumes; `anonymous`, `unusedSince` and `protected` say what of them may go, so that the plan tells why
 * the others are spared.
 * @throws {Problem} LIMIT_EXCEEDED for more volumes than one plan may be about.
 */
export async function planPrune(context: CommandContext, query: VolumeQuery, caller: Caller): Promise<PrunePlan> {
  const { database } = context;
  const { anonymous, unusedSince, ...which } = query;
  const page = await listVolumes(
    viewOf(database, caller.hosts),
    which,
    { field: 'NAME', direction: 'ASC' },
    { first: MAX_PLANNED + 1, after: undefined },
    ALL_COLUMNS,
  );
  if (page.rows.length > MAX_PLANNED) {
    throw new Problem('LIMIT_EXCEEDED', `More than ${String(MAX_PLANNED)} volumes match; one plan is about at most so many. Name hosts, labels or a search.`);
  }
  const volumes = await database.volume.findMany({ where: { id: { in: page.rows.map(({ id }) => id) } }, orderBy: [...BY_NAME] });
  const conditions: PruneConditions = { anonymous, unusedSince };
  const reasons = await sparedAmong(context, caller, volumes, conditions);
  const remove = volumes.filter(({ id }) => !reasons.has(id));
  const spare = volumes.flatMap((volume) => {
    const reason = reasons.get(volume.id);
    return reason === undefined ? [] : [{ volume, reason }];
  });
  const id = newId();
  const createdAt = new Date();
  const expiresAt = new Date(createdAt.getTime() + PLAN_LIFE_MS);
  await database.prunePlan.deleteMany({ where: { expiresAt: { lt: createdAt } } });
  await forgetPlans(database, caller);
  await database.prunePlan.create({
    data: {
      id,
      caller: caller.id,
      volumes: remove.map((volume) => volume.id),
      conditions: { anonymous: anonymous ?? null, unusedSince: unusedSince?.toISOString() ?? null },
      createdAt,
      expiresAt,
    },
  });
  const sizes = remove.flatMap(({ sizeBytes }) => (sizeBytes === null ? [] : [sizeBytes]));
  return { id, createdAt, expiresAt, remove, spare, reclaimableBytes: sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0n) };
}

/** Makes room for one more plan of a caller. */
async function forgetPlans(database: Database, { id }: Caller): Promise<void> {
  const old = await database.prunePlan.findMany({ where: { caller: id }, orderBy: { id: 'desc' }, skip: MAX_PLANS - 1, select: { id: true } });
  if (old.length > 0) await database.prunePlan.deleteMany({ where: { id: { in: old.map((plan) => plan.id) } } });
}

/**
 * Removes what a plan says, and nothing else: each volume is looked at once more on its engine, and spared with the reason
 * when it is used by then, or is another one. The engine's own prune is never called: that of 20.10 takes named volumes, too.
 * @throws {Problem} PLAN_STALE for a plan that is too old, used already, of another caller, or none.
 */
export async function applyPruneCommand(context: CommandContext, planId: string, caller: Caller): Promise<RemoveVolumeOutcome[]> {
  const { database } = context;
  const stale = new Problem(
    'PLAN_STALE',
    `This plan is older than 15 minutes or than your last ${String(MAX_PLANS)}, was used already, or is of another caller. Make a new one with prunePlan.`,
  );
  if (!isUuid(planId)) throw stale;
  const taken = await database.prunePlan.updateMany({
    where: { id: planId, caller: caller.id, usedAt: null, expiresAt: { gt: new Date() } },
    data: { usedAt: new Date() },
  });
  if (taken.count === 0) throw stale;
  const plan = await database.prunePlan.findUniqueOrThrow({ where: { id: planId } });
  // Written by planPrune.
  const ids = plan.volumes as string[];
  const { anonymous, unusedSince } = plan.conditions as { anonymous: boolean | null; unusedSince: string | null };
  const conditions = { anonymous: anonymous ?? undefined, unusedSince: unusedSince === null ? undefined : new Date(unusedSince) };
  const hosts = new Map((await listHosts(database)).map((host) => [host.id, host]));
  const volumes = await database.volume.findMany({ where: { id: { in: ids } }, orderBy: [...BY_NAME] });
  // A token may be for fewer hosts by now.
  if (volumes.some(({ hostId }) => !seesHost(caller, hostId))) throw stale;
  const removals = volumes.flatMap(({ id, name, hostId }) => {
    const host = hosts.get(hostId);
    return host === undefined ? [] : [{ host, name, id }];
  });
  // A container that binds a volume's directory does not refer to it: only what is listed now tells of one that is new.
  const listed = new Map<string, Promise<void>>();
  const listHost = (hostId: string) => {
    const host = hosts.get(hostId);
    const listing = listed.get(hostId) ?? (host === undefined ? Promise.resolve() : context.fleet.of(host).syncNow());
    listed.set(hostId, listing);
    return listing;
  };
  return removeEach(context, removals, { force: false, caller }, async (volume) => {
    await listHost(volume.hostId);
    const reason = (await sparedAmong(context, caller, [volume], conditions)).get(volume.id);
    if (reason !== undefined) throw new Problem('VOLUME_IN_USE', `Volume ${JSON.stringify(volume.name)} is spared: ${reason}.`);
  });
}

/** Why volumes are spared, by id; those that may go are not among them. */
async function sparedAmong(
  context: CommandContext,
  caller: Caller,
  volumes: readonly Volume[],
  conditions: PruneConditions,
): Promise<ReadonlyMap<string, string>> {
  const { database } = context;
  const ids = volumes.map(({ id }) => id);
  const [hosts, knownNow, uses, reaches, times, protectedIds, work] = await Promise.all([
    listHosts(database),
    hostsKnownNow(database),
    usesOfVolumes(database, ids),
    findReaches(database, volumes, isUse),
    timesOfVolumes(database, ids),
    protectedAmong(database, ids),
    volumesAtWork(database, ids),
  ]);
  const usesOf = groupBy(uses);
  const reachesOf = groupBy(reaches);
  const timesOf = new Map(times.map((each) => [each.volumeId, each]));
  const reasons = new Map<string, string>();
  const away = hosts.filter(({ id }) => !knownNow.has(id));
  for (const volume of volumes) {
    const reason = whySpared(
      candidate(volume, away, caller, {
        isProtected: protectedIds.has(volume.id),
        users: (usesOf.get(volume.id) ?? []).map((use) => userFor(caller, use)),
        reaches: (reachesOf.get(volume.id) ?? []).map((reach) => reachFor(caller, hosts, volume, reach)),
        times: timesOf.get(volume.id),
        atWork: work.get(volume.id),
      }),
      conditions,
    );
    if (reason !== undefined) reasons.set(volume.id, reason);
  }
  return reasons;
}

function candidate(
  volume: Volume,
  away: readonly Host[],
  caller: Caller,
  found: {
    isProtected: boolean;
    users: PruneCandidate['users'];
    reaches: PruneCandidate['reaches'];
    times: TimesOfVolume | undefined;
    atWork: string | undefined;
  },
): PruneCandidate {
  const { scope, driver, anonymous, state, firstSeenAt } = volume;
  const hostAway = away.find(({ id }) => id === volume.hostId);
  return {
    ...{ scope, driver, anonymous, state, firstSeenAt },
    protected: found.isProtected,
    hostAway: hostAway === undefined ? undefined : { name: hostAway.name, online: hostAway.status === 'ONLINE' },
    users: found.users,
    reaches: found.reaches,
    atWork: found.atWork,
    othersAway:
      scope === 'global'
        ? namesFor(
            caller,
            away.filter(({ id }) => id !== volume.hostId),
          )
        : [],
    lastInUseAt: found.times?.lastUsedAt ?? null,
    watchedSince: found.times?.watchedSince ?? undefined,
  };
}

/** A user of a volume as a caller may hear of it: that there is one counts in any case, its name is that of a host's container. */
function userFor(caller: Caller, { name, active, hostId, host }: VolumeUse): PruneCandidate['users'][number] {
  return seesHost(caller, hostId) ? { name, active, host: host ?? undefined } : { name: `a container on a host ${HIDDEN_HOST}`, active, host: undefined };
}

/** Another way to a volume's storage as a caller may hear of it, in the same sense. */
function reachFor(caller: Caller, hosts: readonly Host[], volume: Volume, { hostId, container, by, around }: Reach): ReachInWords {
  if (!seesHost(caller, hostId)) return { name: `a container on a host ${HIDDEN_HOST}`, by: undefined, around };
  const host = hostId === volume.hostId ? undefined : hosts.find(({ id }) => id === hostId);
  return { name: host === undefined ? container : `${container} on host ${host.name}`, by, around };
}

function groupBy<Row extends { readonly volumeId: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.volumeId);
    if (group === undefined) groups.set(row.volumeId, [row]);
    else group.push(row);
  }
  return groups;
}
