import { v7 as newId } from 'uuid';
import { Prisma, type Database } from '../database/client.js';
import { notify } from '../database/notify.js';
import { PROBLEM_MEANINGS, Problem, type ProblemCode } from '../problems.js';

/** Channel on which gateways wake each other when a look was asked for or answered. */
export const LOOKS_CHANNEL = 'stowage_looks';

/** Milliseconds after which a request counts as left behind by a gateway that is gone. */
const ABANDONED_MS = 600_000;

/** What is to be looked at: one object of a host, or, with kind `all` and an empty key, everything. */
export interface LookRequest {
  readonly id: string;
  readonly hostId: string;
  readonly kind: 'volume' | 'container' | 'all';
  readonly key: string;
  readonly actor: string | null;
}

/**
 * Asks the gateway that watches a host for a look. Returns the id under which it will be answered.
 * @throws {Problem} NOT_FOUND for a host that was removed meanwhile.
 */
export async function requestLook(database: Database, request: Omit<LookRequest, 'id'>): Promise<string> {
  const id = newId();
  await database.$transaction(async (transaction) => {
    // What gateways have left that died while they waited. Their clocks may differ; the database has one.
    await transaction.$executeRaw(Prisma.sql`delete from look where asked_at < clock_timestamp() - ${ABANDONED_MS} * interval '1 ms'`);
    const { hostId, kind, key, actor } = request;
    const asked = await transaction.$executeRaw(Prisma.sql`
      insert into look (id, host_id, kind, key, actor, asked_at)
      select ${id}::uuid, id, ${kind}, ${key}, ${actor}, clock_timestamp() from host where id = ${hostId}::uuid for key share`);
    if (asked === 0) throw new Problem('NOT_FOUND', 'The host was removed meanwhile.');
    await notify(transaction, LOOKS_CHANNEL);
  });
  return id;
}

/** Requests for these hosts that are not answered yet, oldest first. */
export async function openLooks(database: Database, hostIds: readonly string[]): Promise<LookRequest[]> {
  const rows = await database.look.findMany({
    where: { answeredAt: null, hostId: { in: [...hostIds] } },
    orderBy: { id: 'asc' },
    select: { id: true, hostId: true, kind: true, key: true, actor: true },
  });
  return rows as LookRequest[];
}

/** Says that what was found is committed, or why it could not be looked at. */
export async function answerLook(database: Database, id: string, problem: Problem | undefined): Promise<void> {
  await database.$transaction(async (transaction) => {
    await transaction.look.updateMany({
      where: { id },
      data: { answeredAt: new Date(), problemCode: problem?.code ?? null, problemMessage: problem?.message ?? null },
    });
    await notify(transaction, LOOKS_CHANNEL);
  });
}

/**
 * Whether a look was answered; an answered one is forgotten.
 * @throws {Problem} why it could not be done, or NOT_FOUND when its host was removed meanwhile.
 */
export async function takeAnswer(database: Database, id: string): Promise<boolean> {
  const row = await database.look.findUnique({ where: { id } });
  if (row === null) throw new Problem('NOT_FOUND', 'The host was removed meanwhile.');
  if (row.answeredAt === null) return false;
  await forgetLook(database, id);
  if (row.problemCode !== null) throw new Problem(asProblemCode(row.problemCode), row.problemMessage ?? '');
  return true;
}

/** Takes a request back that nobody waits for any more. */
export async function forgetLook(database: Database, id: string): Promise<void> {
  await database.look.deleteMany({ where: { id } });
}

function asProblemCode(code: string): ProblemCode {
  return code in PROBLEM_MEANINGS ? (code as ProblemCode) : 'INTERNAL';
}
