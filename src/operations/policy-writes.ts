import { Prisma, type Database } from '../database/client.js';
import { describePolicy } from '../inventory/succession.js';
import { appendEntries } from '../journal/append.js';
import { Problem } from '../problems.js';
import { nextTime } from '../schedule.js';
import type { BackupPolicy } from './records.js';

/** What a policy says. */
export interface PolicyTerms extends Pick<BackupPolicy, 'cron' | 'quiesce' | 'keepLast' | 'keepDaily' | 'keepWeekly'> {
  /** Hosts that exist for whoever set it; empty: all. */
  readonly visibleHostIds: readonly string[];
}

/** Of which volume a policy is, and who sets it. */
export interface PolicySubject {
  readonly host: { readonly id: string; readonly name: string };
  readonly volume: { readonly id: string; readonly name: string };
  readonly actor: string;
  /** File of settings that declares it; null: it is set through the API, which leaves declared ones alone. */
  readonly declaredIn: string | null;
}

/**
 * Sets the backup policy of a volume, or takes it away, and journals it.
 * @throws {Problem} NOT_FOUND for a volume that was removed; CONFLICT for a policy that a file declares; BAD_USER_INPUT for no cron.
 */
export async function writeBackupPolicy(database: Database, subject: PolicySubject, terms: PolicyTerms | null): Promise<BackupPolicy | null> {
  const { host, volume, actor, declaredIn } = subject;
  return database.$transaction(async (transaction) => {
    // Two who set it at once do it one after the other.
    const there = await transaction.$queryRaw<object[]>(Prisma.sql`select 1 from volume where id = ${volume.id}::uuid and removed_at is null for update`);
    if (there.length === 0) throw new Problem('NOT_FOUND', 'The volume was removed meanwhile.');
    const before = await transaction.backupPolicy.findUnique({ where: { volumeId: volume.id } });
    if (declaredIn === null && before !== null && before.declaredIn !== null) {
      // Where that file is concerns ADMIN alone, who has other ways to know.
      throw new Problem(
        'CONFLICT',
        `When ${JSON.stringify(volume.name)} is backed up is declared in the gateway's file of settings. Change it there, and have the gateway read it again (SIGHUP, or start it anew).`,
      );
    }
    let after: BackupPolicy | null = null;
    if (terms === null) await transaction.backupPolicy.deleteMany({ where: { volumeId: volume.id } });
    else {
      const data = { ...terms, visibleHostIds: [...terms.visibleHostIds], requestedBy: actor, declaredIn, nextRunAt: nextTime(terms.cron, new Date()) };
      after = await transaction.backupPolicy.upsert({ where: { volumeId: volume.id }, create: { volumeId: volume.id, ...data }, update: data });
    }
    const about = { host: { id: host.id, name: host.name }, volume: { id: volume.id, name: volume.name }, actor };
    const attributes = { before: describePolicy(before), after: describePolicy(after) };
    await appendEntries(transaction, [{ type: 'BACKUP_POLICY_CHANGED', source: 'GATEWAY', occurredAt: Date.now(), ...about, attributes }]);
    return after;
  });
}
