import { v7 as newId } from 'uuid';
import { Prisma, type Database, type Transaction } from '../database/client.js';
import type { Operation, OperationKind, OperationState, Quiesce } from '../generated/prisma/client.js';
import { appendEntries } from '../journal/append.js';
import type { NewEntry } from '../journal/entry.js';
import { Problem } from '../problems.js';

export type { Backup, BackupPolicy, Operation, OperationKind, OperationState, Quiesce } from '../generated/prisma/client.js';

/** The queue's name for jobs of operations. */
export const OPERATION_TASK = 'operation';
/** Time after which whoever works on an operation has left it when the work was not renewed. */
const LEASE = Prisma.sql`interval '8 seconds'`;
/** Key of the advisory lock under which operations are begun, so that a host's limit holds over all gateways. */
const BEGIN_LOCK = 7_301_846_331n;

/** Measurements under way at once: they wait for their turns, and must not take all that a gateway can work on. */
const MEASURES_AT_ONCE = 4;

/** What must be undone when an operation does not go on. */
export type Leftover =
  /** A volume that was made and is not complete. It is told by its nonce from another of that name. */
  | { readonly kind: 'volume'; readonly hostId: string; readonly name: string; readonly nonce: string }
  /** Objects of a backup that is not whole. */
  | { readonly kind: 'stored'; readonly name: string };

/** A volume that an operation made. */
export type MadeVolume = Extract<Leftover, { kind: 'volume' }>;

/** What was asked for. Only what the kind needs is there. */
export interface OperationInput {
  readonly labels?: Readonly<Record<string, string>>;
  readonly quiesce?: Quiesce;
  readonly removeSource?: boolean;
  readonly overwrite?: boolean;
  readonly hostIds?: readonly string[];
  readonly byPolicy?: boolean;
  /** Hosts of which containers may be paused or stopped for it: those that exist for whoever asked; absent: all. */
  readonly visibleHostIds?: readonly string[];
}

export interface NewOperation {
  readonly id?: string;
  readonly kind: OperationKind;
  readonly requestedBy: string;
  readonly input: OperationInput;
  readonly source?: { readonly hostId: string; readonly volumeId: string; readonly name: string } | undefined;
  readonly target?: { readonly hostId: string; readonly name: string } | undefined;
  readonly backupId?: string | undefined;
  readonly bytesTotal?: bigint | null;
}

/** Thrown when another gateway has taken an operation over: nothing more may be done for it here. */
export class OperationLostError extends Error {
  override readonly name = 'OperationLostError';
}

/**
 * Writes an operation down and queues its job, in one transaction. With an id that is there already, nothing happens.
 * @throws {Problem} NOT_FOUND for one that is to read a backup that is gone.
 */
export function requestOperation(database: Database, request: NewOperation): Promise<Operation> {
  return database.$transaction((transaction) => requestWithin(transaction, request));
}

/** The same in a transaction that is under way. */
export async function requestWithin(transaction: Transaction, request: NewOperation): Promise<Operation> {
  const id = request.id ?? newId();
  const known = await transaction.operation.findUnique({ where: { id } });
  if (known !== null) return known;
  const { backupId } = request;
  if (backupId !== undefined) {
    // Whoever deletes it locks it, too.
    const found = await transaction.$queryRaw<unknown[]>(Prisma.sql`select 1 from backup where id = ${backupId}::uuid for share`);
    if (found.length === 0) throw new Problem('NOT_FOUND', 'There is no such backup.');
  }
  const operation = await transaction.operation.create({
    data: {
      id,
      kind: request.kind,
      requestedBy: request.requestedBy,
      input: request.input as Prisma.InputJsonObject,
      sourceHostId: request.source?.hostId ?? null,
      sourceVolumeId: request.source?.volumeId ?? null,
      sourceName: request.source?.name ?? null,
      targetHostId: request.target?.hostId ?? null,
      targetName: request.target?.name ?? null,
      backupId: backupId ?? null,
      bytesTotal: request.bytesTotal ?? null,
    },
  });
  await queueJob(transaction, id);
  await journalOperation(transaction, operation, null);
  return operation;
}

/** Has the job of an operation run, now or after so many seconds. One that is queued already is moved. */
export async function queueJob(transaction: Transaction, id: string, afterSeconds = 0): Promise<void> {
  await transaction.$executeRaw(Prisma.sql`
    select graphile_worker.add_job(${OPERATION_TASK}, payload := json_build_object('id', ${id}::text), job_key := ${id}::text,
      run_at := clock_timestamp() + ${afterSeconds} * interval '1 second')::text`);
}

/**
 * Takes an operation that nobody works on. `BUSY`: its hosts have as much to do as they may; undefined: it is over, or
 * somebody works on it.
 */
export async function beginOperation(database: Database, id: string, worker: string, perHost: number): Promise<Operation | 'BUSY' | undefined> {
  return database.$transaction(async (transaction) => {
    await lockBeginnings(transaction);
    const known = await transaction.operation.findUnique({ where: { id } });
    if (known === null || isOver(known.state)) return undefined;
    // A copy within one host counts once.
    const hosts = [...new Set([known.sourceHostId, known.targetHostId].filter((host) => host !== null))];
    const measures = known.kind === 'MEASURE';
    const [busiest] = await transaction.$queryRaw<{ count: bigint }[]>(
      measures
        ? Prisma.sql`select count(*) as count from operation where kind = 'MEASURE' and state = 'RUNNING' and lease_until > clock_timestamp() and id <> ${id}::uuid`
        : Prisma.sql`
          select count(*) as count from unnest(${hosts}::uuid[]) as h(id)
          join operation o on (o.source_host_id = h.id or o.target_host_id = h.id) and o.kind <> 'MEASURE'
          where o.state = 'RUNNING' and o.lease_until > clock_timestamp() and o.id <> ${id}::uuid
          group by h.id order by count desc limit 1`,
    );
    if ((busiest?.count ?? 0n) >= BigInt(measures ? MEASURES_AT_ONCE : perHost)) return 'BUSY';
    const begun = await transaction.$executeRaw(Prisma.sql`
      update operation set attempt = attempt + 1, state = 'RUNNING', started_at = coalesce(started_at, clock_timestamp()),
        lease_until = clock_timestamp() + ${LEASE}, worker = ${worker}
      where id = ${id}::uuid and (lease_until is null or lease_until < clock_timestamp())`);
    if (begun === 0) return undefined;
    const operation = await transaction.operation.findUniqueOrThrow({ where: { id } });
    if (known.state === 'QUEUED') await journalOperation(transaction, operation, known.state);
    return operation;
  });
}

/** Has no operation begin before this transaction is over. */
export async function lockBeginnings(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw(Prisma.sql`select pg_advisory_xact_lock(${BEGIN_LOCK})`);
}

/** Goes on working on it. Returns whether it is to be canceled. @throws {OperationLostError}. */
export async function renewOperation(database: Database, { id, attempt }: Held, bytesDone: number): Promise<boolean> {
  const [row] = await database.$queryRaw<{ cancel: boolean }[]>(Prisma.sql`
    update operation set lease_until = clock_timestamp() + ${LEASE}, bytes_done = greatest(bytes_done, ${BigInt(bytesDone)})
    where id = ${id}::uuid and attempt = ${attempt} and state = 'RUNNING' returning cancel_requested as cancel`);
  if (row === undefined) throw new OperationLostError(`operation ${id} is worked on elsewhere`);
  return row.cancel;
}

/** Which attempt at an operation somebody works on. */
export type Held = Pick<Operation, 'id' | 'attempt'>;

/** Writes something down about an operation. @throws {OperationLostError}. */
export async function noteOperation(
  database: Database,
  { id, attempt }: Held,
  data: Partial<Pick<Operation, 'targetVolumeId' | 'replacedVolumeId' | 'verified' | 'backupId' | 'bytesTotal' | 'warnings'>> & {
    leftovers?: readonly Leftover[];
  },
): Promise<void> {
  const { leftovers, ...columns } = data;
  const { count } = await database.operation.updateMany({
    where: { id, attempt, state: 'RUNNING' },
    data: { ...columns, ...(leftovers === undefined ? {} : { leftovers: leftovers }) },
  });
  if (count === 0) throw new OperationLostError(`operation ${id} is worked on elsewhere`);
}

/** Label of volumes that an operation made, with its id. */
export const OPERATION_LABEL = 'io.stowage.operation';

/** Operations on the content of volumes that are not over, and what they are about. */
export function operationsNotOver(database: Database): Promise<OperationUnderWay[]> {
  return database.operation.findMany({
    where: { state: { in: ['QUEUED', 'RUNNING'] }, kind: { not: 'MEASURE' } },
    select: { id: true, kind: true, verified: true, sourceVolumeId: true, targetVolumeId: true, targetHostId: true, targetName: true },
  });
}

type OperationUnderWay = Pick<Operation, 'id' | 'kind' | 'verified' | 'sourceVolumeId' | 'targetVolumeId' | 'targetHostId' | 'targetName'>;

/** How many operations are not over, by kind and state. */
export async function countOperations(database: Database): Promise<{ readonly kind: string; readonly state: string; readonly count: number }[]> {
  return database.readNow(Prisma.sql`
    select kind::text, state::text, count(*)::int as count from operation where state in ('QUEUED', 'RUNNING') group by kind, state`);
}

/** Ends an operation. `beforehand` is done in the same transaction. @throws {OperationLostError}. */
export async function endOperation(
  database: Database,
  { id, attempt }: Held,
  end: {
    state: 'SUCCEEDED' | 'FAILED' | 'CANCELED';
    problem: Problem | undefined;
    leftovers: readonly Leftover[];
    bytesDone: number;
    warnings?: readonly string[];
  },
  beforehand?: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  await database.$transaction(async (transaction) => {
    const { count } = await transaction.operation.updateMany({
      where: { id, attempt, state: 'RUNNING' },
      data: {
        state: end.state,
        problemCode: end.problem?.code ?? null,
        problemMessage: end.problem?.message ?? null,
        leftovers: end.leftovers,
        warnings: { push: [...(end.warnings ?? [])] },
        finishedAt: new Date(),
      },
    });
    if (count === 0) throw new OperationLostError(`operation ${id} is worked on elsewhere`);
    await transaction.$executeRaw(Prisma.sql`update operation set bytes_done = greatest(bytes_done, ${BigInt(end.bytesDone)}) where id = ${id}::uuid`);
    await beforehand?.(transaction);
    await journalOperation(transaction, await transaction.operation.findUniqueOrThrow({ where: { id } }), 'RUNNING');
  });
}

/** Gives an operation back to the queue, for whoever comes next. */
export async function leaveOperation(database: Database, { id, attempt }: Held): Promise<void> {
  await database.$executeRaw(Prisma.sql`update operation set lease_until = clock_timestamp() where id = ${id}::uuid and attempt = ${attempt}`);
}

/** Asks for an end. One that has not begun ends at once. @throws {Problem} NOT_FOUND; CONFLICT for one that is over. */
export async function cancelOperation(database: Database, id: string, actor: string): Promise<Operation> {
  return database.$transaction(async (transaction) => {
    const [known] = await transaction.$queryRaw<{ state: OperationState; requested: boolean }[]>(
      Prisma.sql`select state::text as state, cancel_requested as requested from operation where id = ${id}::uuid for update`,
    );
    if (known === undefined) throw new Problem('NOT_FOUND', 'There is no such operation.');
    if (known.state !== 'CANCELED' && isOver(known.state)) throw new Problem('CONFLICT', `The operation is over already (${known.state}).`);
    if (known.state === 'QUEUED') {
      const operation = await transaction.operation.update({ where: { id }, data: { state: 'CANCELED', cancelRequested: true, finishedAt: new Date() } });
      await journalOperation(transaction, operation, known.state, { actor });
      return operation;
    }
    const operation = await transaction.operation.update({ where: { id }, data: { cancelRequested: true } });
    if (!known.requested) await journalOperation(transaction, operation, known.state, { actor });
    return operation;
  });
}

/** Seconds for which a worker may have had a job whose operation it has not begun. */
const STUCK_SECONDS = 60;

/** Has operations that were left by a gateway that is gone taken up again. Returns how many of them were under way. */
export async function requeueAbandoned(database: Database): Promise<number> {
  return database.$transaction(async (transaction) => {
    const left = await transaction.$queryRaw<{ id: string; worker: string | null }[]>(Prisma.sql`
      select id::text, worker from operation where state = 'RUNNING' and lease_until < clock_timestamp() - interval '1 second' for update skip locked`);
    // Taking one up, or putting it off, takes no time.
    const stuck = await transaction.$queryRaw<{ worker: string }[]>(Prisma.sql`
      select distinct job.locked_by as worker from graphile_worker.jobs job join operation on operation.id::text = job.key
      where operation.state = 'QUEUED' and job.locked_at < clock_timestamp() - ${STUCK_SECONDS} * interval '1 second'`);
    if (left.length + stuck.length === 0) return 0;
    // The queue would otherwise wait four hours for a dead worker.
    const workers = [...left, ...stuck].flatMap(({ worker }) => worker ?? []);
    await transaction.$executeRaw(Prisma.sql`select graphile_worker.force_unlock_workers(${workers}::text[])::text`);
    for (const { id } of left) await queueJob(transaction, id);
    return left.length;
  });
}

export function isOver(state: OperationState): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELED';
}

/** What an operation has to undo. */
export function leftoversOf(operation: Operation): readonly Leftover[] {
  // Written by noteOperation and endOperation only.
  return operation.leftovers as unknown as readonly Leftover[];
}

export function inputOf(operation: Operation): OperationInput {
  // Written by requestOperation only.
  return operation.input as unknown as OperationInput;
}

/** What is to be told of a change beside the operation itself. */
interface FurtherOfChange {
  /** When another one than who asked for the operation has changed it. */
  readonly actor?: string;
  /** Hosts that it is about beside the operation's own. */
  readonly otherHosts?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Journals that an operation has changed. `before`: the state that it had; null: it is new. */
export async function journalOperation(
  transaction: Transaction,
  operation: Operation,
  before: OperationState | null,
  { actor = operation.requestedBy, otherHosts = [], attributes = {} }: FurtherOfChange = {},
): Promise<void> {
  const hostId = operation.sourceHostId ?? operation.targetHostId;
  const host = hostId === null ? null : await transaction.host.findUnique({ where: { id: hostId }, select: { id: true, name: true } });
  const { backupId } = operation;
  const backup = backupId === null ? null : await transaction.backup.findUnique({ where: { id: backupId }, select: { hostId: true } });
  const volumeId = operation.sourceVolumeId ?? operation.targetVolumeId;
  const volumeName = operation.sourceName ?? operation.targetName;
  const entry: NewEntry = {
    type: 'OPERATION_CHANGED',
    source: 'GATEWAY',
    occurredAt: Date.now(),
    ...(host === null ? {} : { host }),
    ...(volumeId === null || volumeName === null ? {} : { volume: { id: volumeId, name: volumeName } }),
    otherHosts: [operation.targetHostId, backup?.hostId ?? null, ...otherHosts].filter((id) => id !== null),
    operationId: operation.id,
    actor,
    attributes: {
      kind: operation.kind,
      state: operation.state,
      before: before === null ? null : { state: before },
      after: { state: operation.state, ...(operation.cancelRequested ? { cancelRequested: true } : {}) },
      ...(operation.problemCode === null ? {} : { problem: operation.problemCode }),
      ...(operation.targetName === null ? {} : { target: operation.targetName }),
      ...attributes,
    },
  };
  await appendEntries(transaction, [entry]);
}
