import { Prisma } from '../database/client.js';
import type { Engine } from '../engine/engine.js';
import { HELPER_LABEL, type LabelledContainer } from '../engine/model.js';
import { removeHelper, removeHelperImage } from '../engine/volume-content.js';
import type { OperationContext } from './context.js';
import { leftoversOf } from './records.js';
import { TakenIntoUse, undoLeftover } from './run.js';
import { objectNames } from './stored.js';

/** Seconds after which a helper counts as left when nobody is known to need it. */
const HELPER_AGE_S = 120;
/** The same for one that does not tell of which installation it is: gateways made such ones before, of whichever installation. */
const UNTOLD_AGE_S = 86_400;
/** Milliseconds between looks at each engine. */
const ENGINE_SWEEP_MS = 30_000;

/** Operations, and deleted backups, that one sweep looks at. */
const SWEPT_AT_ONCE = 20;

let lastEngineSweep = -Infinity;

/** Undoes what operations that are over could not undo, and takes away helpers that nobody needs any more. */
export async function sweep(context: OperationContext): Promise<void> {
  const left = await context.database.$queryRaw<{ id: string }[]>(
    Prisma.sql`select id::text from operation where leftovers <> '[]' and state in ('SUCCEEDED', 'FAILED', 'CANCELED') order by random() limit ${SWEPT_AT_ONCE}`,
  );
  for (const { id } of left) await sweepOperation(context, id);
  for (const { id } of await context.database.deletedBackup.findMany({ take: SWEPT_AT_ONCE })) await sweepDeleted(context, id);
  if (performance.now() - lastEngineSweep < ENGINE_SWEEP_MS) return;
  lastEngineSweep = performance.now();
  const hosts = await context.database.host.findMany({ where: { enabled: true, status: 'ONLINE' } });
  await Promise.all(
    hosts.map((host) =>
      context.fleet
        .of(host)
        .withEngine((engine) => sweepEngine(context, engine, HELPER_AGE_S))
        .catch((error: unknown) => {
          context.log.debug({ err: error, host: host.name }, 'helpers cannot be swept up now');
        }),
    ),
  );
}

/** Removes what the store has of a backup that was deleted. What it does not let go now is tried again from time to time. */
export async function sweepDeleted(context: OperationContext, id: string): Promise<void> {
  try {
    for (const name of objectNames(id)) await context.backups.store.remove(name);
    await context.database.deletedBackup.deleteMany({ where: { id } });
  } catch (error) {
    context.log.debug({ err: error, backup: id }, 'what is stored of a deleted backup cannot be removed now');
  }
}

/** Undoes what one operation that is over has left, as far as that can be done now. */
export async function sweepOperation(context: OperationContext, id: string): Promise<void> {
  const { database, log } = context;
  const operation = await database.operation.findUniqueOrThrow({ where: { id } });
  const remaining = [];
  for (const leftover of leftoversOf(operation)) {
    try {
      await undoLeftover(context, id, leftover);
    } catch (error) {
      log.debug({ err: error, operation: id }, 'what an operation has left cannot be undone now');
      if (!(error instanceof TakenIntoUse)) remaining.push(leftover);
    }
  }
  // Whoever has added something since comes round again.
  const leftovers = { equals: operation.leftovers as Prisma.InputJsonValue };
  await database.operation.updateMany({ where: { id, leftovers }, data: { leftovers: remaining } });
}

/**
 * Removes the helpers of an engine that are older than so many seconds and that no operation needs, and then their image. What
 * another installation has made is left to that one; the image is everyone's, and stays while anyone has a helper.
 */
export async function sweepEngine(
  { database, installation }: Pick<OperationContext, 'database' | 'installation'>,
  engine: Engine,
  ageSeconds: number,
): Promise<void> {
  const now = Number(engine.clock.nowNano() / 1_000_000_000n);
  const helpers = await engine.listLabelled(HELPER_LABEL);
  const working = await database.operation.findMany({ where: { state: { in: ['QUEUED', 'RUNNING'] } }, select: { id: true } });
  const needed = new Set(working.map(({ id }) => id));
  const ageOf = (helper: LabelledContainer) => (helper.installation === undefined ? Math.max(ageSeconds, UNTOLD_AGE_S) : ageSeconds);
  const old = helpers.filter(
    (helper) => (helper.installation ?? installation) === installation && now - helper.createdAt > ageOf(helper) && !needed.has(helper.value),
  );
  for (const { id } of old) await removeHelper(engine, id);
  // It is made again in no time; who is just about to use it does so when it is gone.
  if (helpers.length === old.length && needed.size === 0) await removeHelperImage(engine);
}
