import { setTimeout as delay } from 'node:timers/promises';
import { v7 as newId } from 'uuid';
import { Prisma, type Database, type Transaction } from '../database/client.js';
import type { Engine } from '../engine/engine.js';
import { quote } from '../engine/names.js';
import type { ContainerHold, HoldKind } from '../generated/prisma/client.js';
import type { Host } from '../inventory/hosts.js';
import { Problem, toShownProblem } from '../problems.js';
import type { OperationContext } from './context.js';
import { giveBack, pause, stop, type Quieted, type Writer } from './quiesce.js';
import { journalOperation, lockBeginnings, OperationLostError, type Held, type Operation, type Quiesce } from './records.js';

// Containers that operations have made quiet. Several may hold one: the last of them gives it back. That is counted in PostgreSQL,
// so that it holds over all gateways and after the death of any.

export type { ContainerHold } from '../generated/prisma/client.js';

/** Milliseconds between looks whether a container that others take or give back just now can be held, and at most. */
const TURN_MS = 200;
const TURN_LIMIT_MS = 60_000;
/** Seconds in which nobody else tries to give back what somebody tries to. */
const GIVING_SECONDS = 60;
/** Seconds until the next try after the first one that has failed, twice as many after each, and at most. */
const RETRY_SECONDS = 3;
const RETRY_LIMIT_SECONDS = 60;
/** Containers given back in one go. */
const BATCH = 50;

/** Condition on a hold `h` and its operation `o`: nobody works on what it is held for. */
const IS_LEFT = Prisma.sql`(h.phase = 'GIVING' or o.id is null or o.state <> 'RUNNING' or o.attempt <> h.attempt
  or o.lease_until < clock_timestamp() - interval '1 second')`;

/**
 * Makes a running writer quiet, or holds it with others that have. It is noted before it is done, and `noted` is called in
 * between; it is held only where `HERE` is returned.
 * @throws {Problem} CONFLICT, {OperationLostError}, and why the engine does not do it.
 */
export async function holdQuiet(
  database: Database,
  operation: Held,
  engine: Engine,
  writer: Writer,
  quiesce: Exclude<Quiesce, 'LIVE'>,
  signal: AbortSignal,
  noted: (hold: ContainerHold) => void,
): Promise<Quieted> {
  const until = performance.now() + TURN_LIMIT_MS;
  for (;;) {
    const before = await engine.inspectContainer(writer.engineId);
    if (before === undefined) return 'ENDED';
    const hold = await take(database, operation, writer, quiesce, before.startedAt);
    if (hold !== undefined) {
      noted(hold);
      return quiet(database, engine, hold, signal);
    }
    if (performance.now() > until) {
      throw new Problem('CONFLICT', `A container that another operation has made quiet could not be given back within ${String(TURN_LIMIT_MS / 1000)} s.`);
    }
    await delay(TURN_MS, undefined, { signal });
  }
}

/** Notes that an operation holds a container. undefined: others are just taking it or giving it back. */
async function take(database: Database, { id, attempt }: Held, writer: Writer, quiesce: Quiesce, startedAt: Date | undefined) {
  const { hostId, engineId: containerId, name: containerName } = writer;
  return database.$transaction(async (transaction) => {
    await lockContainer(transaction, { hostId, containerId });
    const [mine] = await transaction.$queryRaw<object[]>(
      Prisma.sql`select 1 from operation where id = ${id}::uuid and attempt = ${attempt} and state = 'RUNNING' for key share`,
    );
    if (mine === undefined) throw new OperationLostError(`operation ${id} is worked on elsewhere`);
    const [host] = await transaction.$queryRaw<object[]>(Prisma.sql`select 1 from host where id = ${hostId}::uuid for key share`);
    if (host === undefined) throw new Problem('NOT_FOUND', 'The host was removed.');
    const others = await transaction.containerHold.findMany({ where: { hostId, containerId } });
    if (others.some(({ phase }) => phase !== 'HELD')) return undefined;
    const [first] = others;
    const asked: HoldKind = quiesce === 'STOP' ? 'STOPPED' : 'PAUSED';
    if (first?.kind === 'PAUSED' && asked === 'STOPPED') {
      throw new Problem('CONFLICT', 'A container that is to be stopped is paused by another operation. Wait for its end, or use PAUSE.');
    }
    const how =
      first === undefined
        ? { kind: asked, phase: 'TAKING' as const, startedAt: startedAt?.toISOString() ?? null }
        : // One that was stopped is as quiet as a paused one.
          { kind: first.kind, phase: 'HELD' as const, startedAt: first.startedAt };
    return transaction.containerHold.create({ data: { id: newId(), operationId: id, attempt, hostId, containerId, containerName, ...how } });
  });
}

async function quiet(database: Database, engine: Engine, hold: ContainerHold, signal: AbortSignal): Promise<Quieted> {
  const { id, kind, containerId } = hold;
  // Others may have given it back until it was noted.
  const state = (await engine.inspectContainer(containerId))?.state;
  const isRunning = state === 'running' || state === 'restarting';
  const act = () => (kind === 'PAUSED' ? pause(engine, containerId, signal) : stop(engine, containerId));
  if (hold.phase === 'HELD') {
    // Somebody has woken it, under those who hold it.
    if (isRunning) await act();
    return 'HERE';
  }
  const became = isRunning ? await act() : state === 'paused' ? 'OTHERWISE' : 'ENDED';
  if (became !== 'HERE') {
    await database.containerHold.deleteMany({ where: { id } });
    return became;
  }
  const { count } = await database.containerHold.updateMany({ where: { id, phase: 'TAKING' }, data: { phase: 'HELD' } });
  if (count > 0) return 'HERE';
  // Frozen until it was taken for dead: what it has done since is undone by nobody else.
  await giveBack(engine, hold);
  throw new OperationLostError('a container was given back meanwhile');
}

/** Whether all of these are held without a break. */
export async function areHeld(database: Database, holds: readonly ContainerHold[]): Promise<boolean> {
  return (await database.containerHold.count({ where: { id: { in: holds.map(({ id }) => id) }, phase: 'HELD' } })) === holds.length;
}

/** Gives back what operations hold that nobody works on, as far as that can be done now: also while they wait for their turn. */
export async function giveBackLeft(context: OperationContext): Promise<void> {
  const left = await context.database.$queryRaw<{ id: string }[]>(Prisma.sql`
    select h.id::text from container_hold h left join operation o on o.id = h.operation_id
    where h.retry_at <= clock_timestamp() and ${IS_LEFT} order by h.retry_at limit ${BATCH}`);
  await Promise.all(left.map(({ id }) => giveBackHeld(context, id)));
}

/** Gives back what attempts at an operation hold. */
export async function giveBackOf(context: OperationContext, operationId: string): Promise<void> {
  const holds = await context.database.containerHold.findMany({ where: { operationId }, select: { id: true } });
  for (const { id } of holds) await giveBackHeld(context, id);
}

/**
 * Ends a hold: the last one of a container gives it back. What cannot be done now is journalled and tried again later.
 * @throws when the database is away.
 */
export async function giveBackHeld(context: OperationContext, id: string): Promise<void> {
  const { database, fleet, log } = context;
  const hold = await beginToGive(database, id);
  if (hold === undefined) return;
  try {
    const host = await database.host.findUniqueOrThrow({ where: { id: hold.hostId } });
    await fleet.of(host).withEngine((engine) => giveBack(engine, hold));
  } catch (error) {
    const { problem } = toShownProblem(error);
    log.warn({ err: error, operation: hold.operationId, container: hold.containerName }, 'a container cannot be given back now');
    await noteFailure(context, hold, problem.message);
    return;
  }
  await noteReturn(context, hold);
}

/** undefined: others hold it, too, or somebody gives it back already. */
function beginToGive(database: Database, id: string): Promise<ContainerHold | undefined> {
  return database.$transaction(async (transaction) => {
    const known = await transaction.containerHold.findUnique({ where: { id } });
    if (known === null) return undefined;
    const { hostId, containerId } = known;
    await lockContainer(transaction, known);
    const others = await transaction.containerHold.count({ where: { hostId, containerId, id: { not: id }, phase: { not: 'GIVING' } } });
    if (others > 0) {
      await transaction.containerHold.deleteMany({ where: { id } });
      return undefined;
    }
    const begun = await transaction.$executeRaw(Prisma.sql`
      update container_hold set phase = 'GIVING', tries = tries + 1, retry_at = clock_timestamp() + ${GIVING_SECONDS} * interval '1 second'
      where id = ${id}::uuid and (phase <> 'GIVING' or retry_at <= clock_timestamp())`);
    return begun === 0 ? undefined : transaction.containerHold.findUniqueOrThrow({ where: { id } });
  });
}

async function noteFailure({ database, committed }: OperationContext, hold: ContainerHold, problem: string): Promise<void> {
  const seconds = Math.min(RETRY_LIMIT_SECONDS, RETRY_SECONDS * 2 ** (hold.tries - 1));
  await database.$transaction(async (transaction) => {
    const noted = await transaction.$executeRaw(Prisma.sql`
      update container_hold set problem = ${problem}, retry_at = clock_timestamp() + ${seconds} * interval '1 second' where id = ${hold.id}::uuid`);
    if (noted > 0 && hold.problem === null) await journal(transaction, hold, { notGivenBack: hold.containerName, reason: problem });
  });
  committed();
}

async function noteReturn({ database, committed }: OperationContext, hold: ContainerHold): Promise<void> {
  await database.$transaction(async (transaction) => {
    const { count } = await transaction.containerHold.deleteMany({ where: { id: hold.id } });
    if (count === 0 || hold.problem === null) return;
    const operation = await transaction.operation.findUnique({ where: { id: hold.operationId } });
    if (operation === null) return;
    const words = `${await nameOf(transaction, hold, operation)} was given back at ${new Date().toISOString()}.`;
    await transaction.operation.update({ where: { id: operation.id }, data: { warnings: { push: words } } });
    await journal(transaction, hold, { givenBack: hold.containerName });
  });
  committed();
}

async function journal(transaction: Transaction, hold: ContainerHold, attributes: Readonly<Record<string, string>>): Promise<void> {
  const operation = await transaction.operation.findUnique({ where: { id: hold.operationId } });
  if (operation !== null) await journalOperation(transaction, operation, operation.state, { otherHosts: [hold.hostId], attributes });
}

/** What an operation holds still, since it could not be given back, in words. */
export async function heldStill(database: Database, operation: Operation): Promise<string[]> {
  const holds = await database.containerHold.findMany({ where: { operationId: operation.id, problem: { not: null } }, orderBy: { containerName: 'asc' } });
  return Promise.all(
    holds.map(async (hold) => {
      const name = await nameOf(database, hold, operation);
      return `${name} is still ${hold.kind.toLowerCase()}, since it could not be given back; that is tried again until it is.`;
    }),
  );
}

/** Whoever sees an operation sees its hosts; containers of others are not named. */
async function nameOf(database: Database | Transaction, hold: ContainerHold, { sourceHostId, targetHostId }: Operation): Promise<string> {
  if (hold.hostId !== sourceHostId && hold.hostId !== targetHostId) return 'A container of another host';
  const host = await database.host.findUnique({ where: { id: hold.hostId } });
  return `Container ${quote(hold.containerName)}${host === null ? '' : ` on host ${host.name}`}`;
}

/** Gives back the containers of a host that is to be removed and that nobody works with. */
export async function giveBackOnHost(context: OperationContext, host: Host): Promise<void> {
  const left = await context.database.$queryRaw<{ id: string }[]>(Prisma.sql`
    update container_hold set retry_at = least(retry_at, clock_timestamp()) where id in (
      select h.id from container_hold h left join operation o on o.id = h.operation_id where h.host_id = ${host.id}::uuid and ${IS_LEFT} and h.problem is not null)
    returning id::text`);
  await Promise.all(left.map(({ id }) => giveBackHeld(context, id)));
  await giveBackLeft(context);
}

/**
 * Lets go of a host that is removed in this transaction. Returns the names of containers that could not be given back.
 * @throws {Problem} CONFLICT while an operation works with it.
 */
export async function leaveHost(transaction: Transaction, host: Host): Promise<string[]> {
  await lockBeginnings(transaction);
  // Whoever is about to hold a container of it comes before, or finds no host.
  await transaction.$executeRaw(Prisma.sql`select 1 from host where id = ${host.id}::uuid for update`);
  const [atWork] = await transaction.$queryRaw<object[]>(Prisma.sql`
    select 1 from operation o where o.state = 'RUNNING' and o.kind <> 'MEASURE'
      and (o.source_host_id = ${host.id}::uuid or o.target_host_id = ${host.id}::uuid
        or exists (select 1 from container_hold h where h.operation_id = o.id and h.host_id = ${host.id}::uuid)) limit 1`);
  if (atWork !== undefined) {
    throw new Problem(
      'CONFLICT',
      `An operation works with host ${host.name}: it would leave there what it has made, paused or stopped. Cancel it, or wait for its end.`,
    );
  }
  const left = await transaction.containerHold.findMany({ where: { hostId: host.id }, orderBy: { containerName: 'asc' } });
  await transaction.containerHold.deleteMany({ where: { hostId: host.id } });
  return [...new Set(left.map(({ containerName }) => containerName))];
}

/** Has all that is about holding a container done one after the other. */
async function lockContainer(transaction: Transaction, { hostId, containerId }: Pick<ContainerHold, 'hostId' | 'containerId'>): Promise<void> {
  await transaction.$executeRaw(Prisma.sql`select pg_advisory_xact_lock(hashtextextended(${`container ${hostId} ${containerId}`}, 0))`);
}
