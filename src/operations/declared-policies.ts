import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { BackupPolicySetting } from '../config.js';
import { Prisma, type Database } from '../database/client.js';
import { Problem } from '../problems.js';
import { writeBackupPolicy } from './policy-writes.js';
import type { Quiesce } from './records.js';

/** Milliseconds between two looks for volumes that came, went or were renamed. */
const INTERVAL_MS = 30_000;
/** Policies that are written at a time. */
const BATCH = 500;
/** Whom the journal names for what the settings do. */
const ACTOR = 'settings';

/** What the settings say of backups; `policies` undefined: nothing, and what they said before is the API's from now on. */
export interface PolicyDeclaration {
  readonly policies: readonly BackupPolicySetting[] | undefined;
  /** The file. */
  readonly file: string | undefined;
}

/** Keeps the backup policies of volumes in step with what the settings declare, also those of volumes that come later. */
export class DeclaredPolicies {
  private readonly stopping = new AbortController();
  private working: Promise<void> | undefined;
  /** Wakes the loop. */
  private wake: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private declaration: PolicyDeclaration,
    private readonly log: Logger,
    private readonly committed: () => void,
  ) {}

  start(): void {
    this.working = this.work();
  }

  /** Takes another declaration up. */
  replace(declaration: PolicyDeclaration): void {
    this.declaration = declaration;
    this.wake();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.working;
  }

  private async work(): Promise<void> {
    const stopped = () => this.stopping.signal.aborted;
    while (!stopped()) {
      const woken = new AbortController();
      this.wake = () => {
        woken.abort();
      };
      const more = await this.apply().catch((error: unknown) => {
        this.log.debug({ err: error }, 'backup policies cannot be brought in step with the settings now');
        return false;
      });
      if (stopped()) return;
      if (!more) await delay(INTERVAL_MS, undefined, { signal: woken.signal }).catch(() => undefined);
    }
  }

  /** Whether there is more to do. */
  private async apply(): Promise<boolean> {
    const { policies, file } = this.declaration;
    if (policies === undefined || file === undefined) {
      await this.database.backupPolicy.updateMany({ where: { declaredIn: { not: null } }, data: { declaredIn: null } });
      return false;
    }
    const differences = await findDifferences(this.database, policies, file);
    for (const difference of differences) {
      if (this.stopping.signal.aborted) return false;
      const { hostId, hostName, volumeId, volumeName, position } = difference;
      const subject = { host: { id: hostId, name: hostName }, volume: { id: volumeId, name: volumeName }, actor: ACTOR, declaredIn: file };
      const policy = position === null ? undefined : policies[position];
      await writeBackupPolicy(this.database, subject, policy === undefined ? null : termsOf(policy)).catch((error: unknown) => {
        // A volume that went meanwhile took its policy with it.
        if (!(error instanceof Problem && error.code === 'NOT_FOUND')) throw error;
      });
    }
    if (differences.length > 0) this.committed();
    return differences.length === BATCH;
  }
}

function termsOf({ cron, quiesce, keepLast, keepDaily, keepWeekly }: BackupPolicySetting) {
  return { cron, quiesce: quiesce satisfies Quiesce, keepLast, keepDaily, keepWeekly, visibleHostIds: [] };
}

interface Difference {
  readonly hostId: string;
  readonly hostName: string;
  readonly volumeId: string;
  readonly volumeName: string;
  /** Of the first policy that matches the volume; null: none does any more. */
  readonly position: number | null;
}

/** Living volumes whose policy is not what is declared. */
async function findDifferences(database: Database, policies: readonly BackupPolicySetting[], file: string): Promise<Difference[]> {
  const rows = policies.map((policy, position) => ({
    position,
    hosts: policy.hosts ?? null,
    patterns: policy.volumes.map(patternOf),
    ...{ cron: policy.cron, quiesce: policy.quiesce },
    ...{ keep_last: policy.keepLast, keep_daily: policy.keepDaily, keep_weekly: policy.keepWeekly },
  }));
  return database.$queryRaw<Difference[]>(Prisma.sql`
    with declared as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as d(
        position int, hosts text[], patterns text[], cron text, quiesce text, keep_last int, keep_daily int, keep_weekly int)
    ), wanted as (
      select distinct on (v.id) v.id as volume_id, d.* from declared d
      join host h on d.hosts is null or h.name = any(d.hosts)
      join volume v on v.host_id = h.id and v.removed_at is null and v.name like any(d.patterns)
      order by v.id, d.position
    ), there as (
      select p.* from backup_policy p join volume v on v.id = p.volume_id and v.removed_at is null
    )
    select h.id::text as "hostId", h.name as "hostName", v.id::text as "volumeId", v.name as "volumeName", w.position
    from wanted w full join there p on p.volume_id = w.volume_id
    join volume v on v.id = coalesce(w.volume_id, p.volume_id) join host h on h.id = v.host_id
    where case when w.volume_id is null then p.declared_in is not null
      else (p.declared_in, p.cron, p.quiesce::text, p.keep_last, p.keep_daily, p.keep_weekly)
        is distinct from (${file}, w.cron, w.quiesce, w.keep_last, w.keep_daily, w.keep_weekly) end
    limit ${BATCH}`);
}

/** A name in which "*" stands for any characters, as a pattern of LIKE. */
function patternOf(name: string): string {
  return name.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
}
