import { setTimeout as delay } from 'node:timers/promises';
import { v7 as newId } from 'uuid';
import type { Caller } from '../access/caller.js';
import { Prisma, type Database } from '../database/client.js';
import type { JsonValue } from '../journal/entry.js';
import { badInput, PROBLEM_MEANINGS, Problem, toShownProblem, type ProblemCode } from '../problems.js';
import type { CommandContext } from './context.js';

/** Time that an answer is kept, as the schema promises. */
const KEPT = Prisma.sql`interval '24 hours'`;
/** Time after which a gateway that has not renewed its work on a call has left it, and milliseconds between renewals. */
const LEASE = Prisma.sql`interval '5 seconds'`;
const RENEWAL_INTERVAL_MS = 1_000;
/** Milliseconds between looks at a call that another one is working on. */
const POLL_INTERVAL_MS = 100;
const MAX_KEY_LENGTH = 255;

/** Refusals before anything was begun: the key is as good as unused. */
const NOTHING_BEGUN: ReadonlySet<ProblemCode> = new Set(['BAD_USER_INPUT', 'UNAUTHENTICATED', 'FORBIDDEN', 'LIMIT_EXCEEDED', 'HOST_DISABLED']);
/** What says that a call did not come to its end; asked again, it goes on. */
const UNFINISHED: ReadonlySet<ProblemCode> = new Set(['HOST_UNREACHABLE', 'HOST_TIMEOUT', 'UNAVAILABLE', 'INTERNAL']);

/** A call of a mutation that may carry a key. */
export interface KeyedCall {
  readonly caller: Caller;
  /** undefined: the call is made once for each time it is asked for. */
  readonly key: string | undefined;
  /** Name of the mutation. */
  readonly mutation: string;
  /** All that it was asked with; a part that is absent, undefined or null counts the same. The key itself may be in it. */
  readonly input: object;
}

/** What the work on a call is given. */
export interface CallAttempt<Answer extends JsonValue> {
  /**
   * The same in every attempt at one call, and in no other call. What the work makes is to be marked with it or named after
   * it, so that a later attempt finds what an earlier one has made: the gateway may be killed at any moment, and one that was
   * frozen may wake while another one has taken the call over.
   */
  readonly id: string;
  /** Whether the caller gave a key, so that the call may be attempted again. */
  readonly keyed: boolean;
  /** What an earlier attempt has answered that was not complete. */
  readonly earlier: Answer | undefined;
}

/** What the work on a call has come to. Not `complete`: some of it could not be done now, and is tried when asked again. */
export interface CallOutcome<Answer extends JsonValue> {
  readonly answer: Answer;
  readonly complete: boolean;
}

/**
 * Does the work of a mutation once for each caller and key within 24 hours, over restarts and over several gateways. Asked
 * again it gives the first answer, or refusal, and does nothing; at the same moment, it waits for that. A call that was not
 * brought to its end, because its gateway was killed or a host did not answer, is gone on with.
 * @param work gives an answer of JSON with ids in place of rows, and no secret: it is stored.
 * @throws {Problem} CONFLICT for a key that stands for another input; what the work throws.
 */
export async function onceByKey<Answer extends JsonValue>(
  context: CommandContext,
  call: KeyedCall,
  work: (attempt: CallAttempt<Answer>) => Promise<CallOutcome<Answer>>,
): Promise<Answer> {
  const { key } = call;
  if (key === undefined) return (await work({ id: newId(), keyed: false, earlier: undefined })).answer;
  if (key === '' || key.length > MAX_KEY_LENGTH)
    throw badInput(`idempotencyKey has ${String(key.length)} characters; 1 to ${String(MAX_KEY_LENGTH)} are allowed.`);
  const asked: AskedCall = {
    caller: call.caller.id,
    key,
    mutation: call.mutation,
    inputHash: context.sealer.fingerprint(canonical({ mutation: call.mutation, input: { ...call.input, idempotencyKey: undefined } })),
  };
  for (;;) {
    const claim = await claimCall(context.database, asked);
    if (claim !== undefined) {
      const outcome = await attemptCall(context, claim, work);
      if (outcome !== undefined) return outcome;
    }
    const known = await findCall(context.database, asked);
    // Written by the same work, as its Answer.
    if (known?.complete === true) return answerOf(known) as Answer;
    await delay(POLL_INTERVAL_MS);
  }
}

/** Whether a problem of one part of a call leaves the call incomplete, so that this part is tried when asked again. */
export function isUnfinished(code: ProblemCode | null): boolean {
  return code !== null && UNFINISHED.has(code);
}

/** Works on a call that was claimed. undefined: another gateway has taken it over meanwhile, and its answer counts. */
async function attemptCall<Answer extends JsonValue>(
  context: CommandContext,
  claim: Claim,
  work: (attempt: CallAttempt<Answer>) => Promise<CallOutcome<Answer>>,
): Promise<Answer | undefined> {
  const { database, log } = context;
  const renewal = setInterval(() => {
    renewCall(database, claim).catch((error: unknown) => {
      log.debug({ err: error }, 'the work on a call with a key cannot be renewed now');
    });
  }, RENEWAL_INTERVAL_MS);
  try {
    // Written by an earlier attempt at the same work.
    const earlier = (claim.answer ?? undefined) as Answer | undefined;
    const outcome = await work({ id: claim.id, keyed: true, earlier });
    return (await endCall(database, claim, outcome)) ? outcome.answer : undefined;
  } catch (error) {
    const { problem } = toShownProblem(error);
    const counts = await endRefused(database, claim, problem).catch((failure: unknown) => {
      // Its lease ends by itself.
      log.debug({ err: failure }, 'the end of a call with a key cannot be written now');
      return true;
    });
    if (counts) throw error;
    return undefined;
  } finally {
    clearInterval(renewal);
  }
}

/** JSON with keys in one order and nothing that is absent, so that the same input is the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return String(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const present = Object.entries(part).filter(([, inner]) => inner !== undefined && inner !== null);
    return Object.fromEntries(present.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

// ---- the table

interface AskedCall {
  readonly caller: string;
  readonly key: string;
  readonly mutation: string;
  readonly inputHash: Uint8Array<ArrayBuffer>;
}

interface Claim {
  readonly id: string;
  readonly attempt: number;
  readonly answer: unknown;
}

interface KnownCall {
  readonly complete: boolean;
  readonly answer: unknown;
  readonly problemCode: string | null;
  readonly problemMessage: string | null;
}

/** Takes a call that is new, or that nobody works on any more; undefined: there is one, and it is not to be taken. */
async function claimCall(database: Database, { caller, key, mutation, inputHash }: AskedCall): Promise<Claim | undefined> {
  await database.$executeRaw(Prisma.sql`delete from idempotent_call where created_at < clock_timestamp() - ${KEPT} and lease_until < clock_timestamp()`);
  const [claim] = await database.$queryRaw<Claim[]>(Prisma.sql`
    insert into idempotent_call as known (id, caller, key, mutation, input_hash, lease_until, created_at)
    values (${newId()}::uuid, ${caller}, ${key}, ${mutation}, ${inputHash}, clock_timestamp() + ${LEASE}, clock_timestamp())
    on conflict (caller, key) do update set attempt = known.attempt + 1, lease_until = excluded.lease_until
      where not known.complete and known.lease_until < clock_timestamp() and known.input_hash = excluded.input_hash
    returning id::text, attempt, answer`);
  return claim;
}

/** @throws {Problem} CONFLICT when the key stands for another input. */
async function findCall(database: Database, { caller, key, mutation, inputHash }: AskedCall): Promise<KnownCall | undefined> {
  const known = await database.idempotentCall.findUnique({ where: { caller_key: { caller, key } } });
  if (known === null) return undefined;
  if (!Buffer.from(known.inputHash).equals(Buffer.from(inputHash))) {
    const other = known.mutation === mutation ? `${mutation} with another input` : `the mutation ${known.mutation}`;
    throw new Problem('CONFLICT', `This idempotencyKey was used for ${other} within the last 24 hours. Use a new key for each change.`);
  }
  return known;
}

async function renewCall(database: Database, { id, attempt }: Claim): Promise<void> {
  await database.$executeRaw(Prisma.sql`
    update idempotent_call set lease_until = clock_timestamp() + ${LEASE} where id = ${id}::uuid and attempt = ${attempt} and not complete`);
}

/** Whether the outcome counts: it does not when the call was taken over. */
async function endCall(database: Database, { id, attempt }: Claim, { answer, complete }: CallOutcome<JsonValue>): Promise<boolean> {
  const count = await database.$executeRaw(Prisma.sql`
    update idempotent_call set answer = ${JSON.stringify(answer)}::jsonb, complete = ${complete}, lease_until = clock_timestamp()
    where id = ${id}::uuid and attempt = ${attempt}`);
  return count > 0;
}

async function endRefused(database: Database, { id, attempt }: Claim, problem: Problem): Promise<boolean> {
  // An attempt before this one may have begun something.
  const forgotten = NOTHING_BEGUN.has(problem.code) && attempt === 1;
  const end = forgotten
    ? Prisma.sql`delete from idempotent_call`
    : UNFINISHED.has(problem.code)
      ? Prisma.sql`update idempotent_call set lease_until = clock_timestamp()`
      : Prisma.sql`update idempotent_call set problem_code = ${problem.code}, problem_message = ${problem.message}, complete = true, lease_until = clock_timestamp()`;
  return (await database.$executeRaw(Prisma.sql`${end} where id = ${id}::uuid and attempt = ${attempt}`)) > 0;
}

/** @throws {Problem} the refusal, when that was the answer. */
function answerOf(known: KnownCall): unknown {
  const { problemCode: code, problemMessage } = known;
  if (code !== null) throw new Problem(code in PROBLEM_MEANINGS ? (code as ProblemCode) : 'INTERNAL', problemMessage ?? '');
  return known.answer;
}
