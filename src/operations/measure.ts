import { setTimeout as delay } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
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

/** By host: its measurements one after the other, and when the last one ended. */
const hosts = new Map<string, { readonly inTurn: LimitFunction; endedAt: number }>();

/** measureVolumes: asks the engines one after the other how much their volumes hold. */
export async function measureVolumes(run: Run): Promise<void> {
  const problems: string[] = [];
  for (const id of inputOf(run.operation).hostIds ?? []) {
    run.signal.throwIfAborted();
    const host = await run.context.database.host.findUnique({ where: { id } });
    if (host === null) continue;
    await measureInTurn(run.context, host, run.signal).catch((error: unknown) => {
      if (run.signal.aborted) throw error;
      problems.push(`${host.name}: ${problemOfFailure(run.context, error).message}`);
    });
  }
  if (problems.length > 0) throw new Problem('ENGINE_ERROR', `Not measured: ${problems.join('; ')}`);
}

/** One measurement of a host at a time, with a pause between two. */
async function measureInTurn(context: OperationContext, host: Host, signal: AbortSignal): Promise<void> {
  const known = hosts.get(host.id) ?? { inTurn: pLimit(1), endedAt: -Infinity };
  hosts.set(host.id, known);
  await known.inTurn(async () => {
    const pause = known.endedAt + context.measurePauseMs - performance.now();
    if (pause > 0) await delay(pause, undefined, { signal });
    await measureHost(context, host, signal);
    known.endedAt = performance.now();
  });
}

async function measureHost(context: OperationContext, host: Host, signal: AbortSignal): Promise<void> {
  const from = new Date();
  const sizes = await context.fleet.of(host).withEngine(async (engine) => {
    for (;;) {
      try {
        return await engine.measureVolumes(MEASURE_TIMEOUT_MS);
      } catch (error) {
        if (!(error instanceof EngineError && /already running/.test(error.words))) throw error;
        await delay(RETRY_MS, undefined, { signal });
      }
    }
  });
  await writeSizes(context.database, host.id, sizes, from);
}
