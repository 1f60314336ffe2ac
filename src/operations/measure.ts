import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Prisma, type Database } from '../database/client.js';
import { EngineError } from '../engine/connection.js';
import type { Host } from '../inventory/hosts.js';
import { writeSizes } from '../inventory/store.js';
import { Problem } from '../problems.js';
import type { OperationContext } from './context.js';
import { inputOf } from './records.js';
import { problemOfFailure, type Run } from './run.js';

/** Milliseconds for one measurement: the engine walks through every directory of every volume. */
const MEASURE_TIMEOUT_MS = 3_600_000;
/** Milliseconds after which one asks again while the engine measures for somebody else. */
const RETRY_MS = 2_000;
/** Milliseconds between looks at whether it is one's turn. */
const TURN_MS = 500;
/** Time after which whoever measures a host has left it when that was not renewed, and milliseconds between renewals. */
const LEASE = Prisma.sql`interval '8 seconds'`;
const RENEWAL_MS = 2_000;

/** measureVolumes: asks the engines one after the other how much their volumes hold. */
export async function measureVolumes(run: Run): Promise<void> {
  const problems: string[] = [];
  for (const id of inputOf(run.operation).hostIds ?? []) {
    run.signal.throwIfAborted();
    const host = await run.context.database.host.findUnique({ where: { id } });
    if (host === null) continue;
    const { database, measurePauseMs } = run.context;
    const asked = { hostId: host.id, at: run.operation.createdAt, pauseMs: measurePauseMs };
    await measuredSince(database, asked, run.signal, (signal) => measureHost(run.context, host, signal)).catch((error: unknown) => {
      if (run.signal.aborted) throw error;
      problems.push(`${host.name}: ${problemOfFailure(run.context, error).message}`);
    });
  }
  if (problems.length > 0) throw new Problem('ENGINE_ERROR', `Not measured: ${problems.join('; ')}`);
}

/** A measurement that was asked for. */
interface AskedMeasurement {
  readonly hostId: string;
  /** When, by the database's clock. */
  readonly at: Date;
  /** Milliseconds between two measurements of one host. */
  readonly pauseMs: number;
}

/**
 * Measures a host when nobody else does, through whichever gateway, and the pause since the last measurement is over; not at all
 * when meanwhile somebody has measured it who began after it was asked for. The work's signal is aborted when `signal` is, and
 * when another gateway has taken the turn for abandoned.
 */
export async function measuredSince(
  database: Database,
  asked: AskedMeasurement,
  signal: AbortSignal,
  measure: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { hostId } = asked;
  const holder = randomUUID();
  const ending = new AbortController();
  const both = AbortSignal.any([signal, ending.signal]);
  while (!(await takeTurn(database, asked, holder))) {
    const last = await database.measurement.findUnique({ where: { hostId }, select: { measuredAt: true } });
    if ((last?.measuredAt?.getTime() ?? 0) >= asked.at.getTime()) return;
    await delay(TURN_MS, undefined, { signal });
  }
  const renewal = setInterval(() => {
    renewTurn(database, hostId, holder).then(
      (mine) => {
        if (!mine) ending.abort(new Problem('CONFLICT', 'Another gateway measures this host.'));
      },
      // A database that is away gives the turn to nobody else either.
      () => undefined,
    );
  }, RENEWAL_MS);
  let done = false;
  try {
    await measure(both);
    done = true;
  } finally {
    clearInterval(renewal);
    await endTurn(database, hostId, holder, done);
  }
}

/** In one statement: whoever looked first would not see a measurement that has just come to its end, and would make another. */
async function takeTurn(database: Database, { hostId, at, pauseMs }: AskedMeasurement, holder: string): Promise<boolean> {
  const taken = await database.$executeRaw(Prisma.sql`
    insert into measurement as m (host_id, holder, lease_until, began_at)
    values (${hostId}::uuid, ${holder}::uuid, clock_timestamp() + ${LEASE}, clock_timestamp())
    on conflict (host_id) do update set holder = excluded.holder, lease_until = excluded.lease_until, began_at = excluded.began_at
    where (m.lease_until is null or m.lease_until < clock_timestamp())
      and (m.ended_at is null or m.ended_at + ${pauseMs} * interval '1 millisecond' <= clock_timestamp())
      and (m.measured_at is null or m.measured_at < ${at}::timestamptz)`);
  return taken === 1;
}

async function renewTurn(database: Database, hostId: string, holder: string): Promise<boolean> {
  const renewed = await database.$executeRaw(
    Prisma.sql`update measurement set lease_until = clock_timestamp() + ${LEASE} where host_id = ${hostId}::uuid and holder = ${holder}::uuid`,
  );
  return renewed === 1;
}

async function endTurn(database: Database, hostId: string, holder: string, done: boolean): Promise<void> {
  await database.$executeRaw(Prisma.sql`
    update measurement
    set lease_until = null, holder = null, ended_at = clock_timestamp(), measured_at = case when ${done} then began_at else measured_at end
    where host_id = ${hostId}::uuid and holder = ${holder}::uuid`);
}

async function measureHost(context: OperationContext, host: Host, signal: AbortSignal): Promise<void> {
  const from = new Date();
  const sizes = await context.fleet.of(host).withEngine(async (engine) => {
    for (;;) {
      try {
        return await engine.measureVolumes(MEASURE_TIMEOUT_MS, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof EngineError && /already running/.test(error.words))) throw error;
        await delay(RETRY_MS, undefined, { signal });
      }
    }
  });
  signal.throwIfAborted();
  await writeSizes(context.database, host.id, sizes, from, context.historyMs);
}
