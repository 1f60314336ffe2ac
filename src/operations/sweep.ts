import { Prisma } from '../database/client.js';
import { HELPER_LABEL } from '../engine/model.js';
import { removeHelper } from '../engine/volume-content.js';
import type { Operation } from '../generated/prisma/client.js';
import type { OperationContext } from './context.js';
import { leftoversOf } from './records.js';
import { undoLeftover } from './run.js';

/** Seconds after which a helper counts as left when nobody is known to need it. */
const HELPER_AGE_S = 120;
/** Milliseconds between looks at each engine. */
const ENGINE_SWEEP_MS = 30_000;

let lastEngineSweep = -Infinity;

/** Undoes what operations that are over could not undo, and takes away helpers that nobody needs any more. */
export async function sweep(context: OperationContext): Promise<void> {
  const left = await context.database.$queryRaw<{ id: string }[]>(
    Prisma.sql`select id::text from operation where leftovers <> '[]' and state in ('SUCCEEDED', 'FAILED', 'CANCELED') order by id limit 20`,
  );
  for (const { id } of left) await undoAll(context, await context.database.operation.findUniqueOrThrow({ where: { id } }));
  if (performance.now() - lastEngineSweep < ENGINE_SWEEP_MS) return;
  lastEngineSweep = performance.now();
  const hosts = await context.database.host.findMany({ where: { enabled: true, status: 'ONLINE' } });
  await Promise.all(
    hosts.map((host) =>
      sweepHost(context, host).catch((error: unknown) => {
        context.log.debug({ err: error, host: host.name }, 'helpers cannot be swept up now');
      }),
    ),
  );
}

async function undoAll(context: OperationContext, operation: Operation): Promise<void> {
  const remaining = [];
  for (const leftover of leftoversOf(operation)) {
    try {
      await undoLeftover(context, operation.id, leftover);
    } catch (error) {
      context.log.debug({ err: error, operation: operation.id }, 'what an operation has left cannot be undone now');
      remaining.push(leftover);
    }
  }
  await context.database.operation.update({ where: { id: operation.id }, data: { leftovers: remaining } });
}

async function sweepHost(context: OperationContext, host: Parameters<OperationContext['fleet']['of']>[0]): Promise<void> {
  await context.fleet.of(host).withEngine(async (engine) => {
    const now = Number(engine.clock.nowNano() / 1_000_000_000n);
    const old = (await engine.listLabelled(HELPER_LABEL)).filter(({ createdAt }) => now - createdAt > HELPER_AGE_S);
    if (old.length === 0) return;
    const working = await context.database.operation.findMany({ where: { state: { in: ['QUEUED', 'RUNNING'] } }, select: { id: true } });
    const needed = new Set(working.map(({ id }) => id));
    for (const { id, value } of old) if (!needed.has(value)) await removeHelper(engine, id);
  });
}
