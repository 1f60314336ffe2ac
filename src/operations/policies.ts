import type { OperationContext } from './context.js';
import { deleteBackup } from './backups.js';
import { Prisma } from '../database/client.js';
import { requestWithin, type Backup, type BackupPolicy } from './records.js';
import { nextTime } from '../schedule.js';

/** Queues the backups that are due, each once over all gateways, and removes those that no policy keeps any more. */
export async function runDuePolicies(context: OperationContext): Promise<void> {
  const { database, log } = context;
  for (const { volumeId } of await database.backupPolicy.findMany({ where: { nextRunAt: { lte: new Date() } }, select: { volumeId: true } })) {
    await runIfDue(context, volumeId).catch((error: unknown) => {
      log.warn({ err: error, volume: volumeId }, 'a backup that is due cannot be queued now');
    });
  }
  const over = await database.$queryRaw<{ volumeId: string }[]>(Prisma.sql`
    select b.volume_id::text as "volumeId" from backup b join backup_policy p on p.volume_id = b.volume_id
    where b.by_policy group by b.volume_id, p.keep_last having count(*) > p.keep_last`);
  for (const { volumeId } of over) {
    const policy = await database.backupPolicy.findUnique({ where: { volumeId } });
    if (policy === null) continue;
    const backups = await database.backup.findMany({ where: { volumeId, byPolicy: true }, orderBy: { createdAt: 'desc' } });
    for (const backup of expired(backups, policy)) {
      await deleteBackup(context, backup.id, policy.requestedBy).catch((error: unknown) => {
        log.debug({ err: error, backup: backup.id }, 'a backup that no policy keeps cannot be removed now');
      });
    }
  }
}

/** One backup, however many times of the schedule have passed; none while the one before is not over. */
async function runIfDue(context: OperationContext, volumeId: string): Promise<void> {
  const queued = await context.database.$transaction(async (transaction) => {
    const policy = await transaction.backupPolicy.findUnique({ where: { volumeId }, include: { volume: true } });
    const now = new Date();
    if (policy === null || policy.nextRunAt > now) return false;
    // Two gateways at once: the row lets one of them through.
    const { count } = await transaction.backupPolicy.updateMany({
      where: { volumeId, nextRunAt: policy.nextRunAt },
      data: { nextRunAt: nextTime(policy.cron, now) },
    });
    const { volume, quiesce, requestedBy, visibleHostIds } = policy;
    if (count === 0 || volume.removedAt !== null) return false;
    const [unfinished] = await transaction.$queryRaw<unknown[]>(Prisma.sql`
      select 1 from operation where source_volume_id = ${volumeId}::uuid and kind = 'BACKUP' and state in ('QUEUED', 'RUNNING')
        and (input ->> 'byPolicy')::boolean limit 1`);
    if (unfinished !== undefined) return false;
    await requestWithin(transaction, {
      kind: 'BACKUP',
      requestedBy,
      input: { quiesce, byPolicy: true, ...(visibleHostIds.length === 0 ? {} : { visibleHostIds }) },
      source: { hostId: volume.hostId, volumeId, name: volume.name },
      bytesTotal: volume.sizeBytes,
    });
    return true;
  });
  if (queued) context.committed();
}

/**
 * Those of a volume's backups, newest first, that a policy does not keep: beside the last ones it keeps the newest of each
 * of so many days and weeks (of UTC) that have one.
 */
export function expired<Kept extends Pick<Backup, 'createdAt' | 'consistent'>>(
  backups: readonly Kept[],
  { keepLast, keepDaily, keepWeekly }: Pick<BackupPolicy, 'keepLast' | 'keepDaily' | 'keepWeekly'>,
): Kept[] {
  const kept = new Set<Kept>(backups.slice(0, keepLast));
  // The last one that is known to be consistent is never thrown away.
  const good = backups.find(({ consistent }) => consistent);
  if (good !== undefined) kept.add(good);
  const keepPeriods = (count: number, lengthDays: number) => {
    const periods = new Set<number>();
    for (const backup of backups) {
      // Weeks begin on Monday; 1 January 1970 was a Thursday.
      const day = Math.floor(backup.createdAt.getTime() / 86_400_000);
      const period = Math.floor((day + (lengthDays === 7 ? 3 : 0)) / lengthDays);
      if (periods.has(period)) continue;
      if (periods.size === count) return;
      periods.add(period);
      kept.add(backup);
    }
  };
  keepPeriods(keepDaily, 1);
  keepPeriods(keepWeekly, 7);
  return backups.filter((backup) => !kept.has(backup));
}
