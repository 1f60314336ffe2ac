import { Prisma, type Transaction } from '../database/client.js';
import type { BackupPolicy } from '../generated/prisma/client.js';
import type { JsonValue, NewEntry } from '../journal/entry.js';
import type { TextRecord } from './picture.js';
import { describeNotes } from './volume-notes.js';

// What users set on a volume belongs to its content: where that goes to another volume, protection, annotations, the backup
// policy and the backups go with it.

/** One volume whose content another one holds now, by our ids. */
export interface Succession {
  readonly from: string;
  readonly to: string;
  readonly actor: string | undefined;
}

/** What a succession leaves to be done in its transaction. */
export interface Succeeded {
  /** Hosts whose answers show it. */
  readonly hostIds: readonly string[];
  /** To be journalled. */
  readonly entries: readonly NewEntry[];
}

interface VolumeRow {
  readonly id: string;
  readonly name: string;
  readonly protected: boolean;
  readonly annotations: TextRecord;
  readonly successorId: string | null;
  readonly removed: boolean;
  readonly hostId: string;
  readonly hostName: string;
}

/** Of volumes that were just removed, those whose removal was claimed with a successor: see {@link whileRemoving}. */
export async function claimedSuccessions(transaction: Transaction, removedIds: readonly string[]): Promise<{ from: string; to: string }[]> {
  return transaction.$queryRaw(Prisma.sql`
    select volume_id::text as "from", successor_id::text as "to" from removal_claim
    where volume_id = any(${[...removedIds]}::uuid[]) and successor_id is not null and until > clock_timestamp()`);
}

/**
 * Has a volume's successor take over what users set on it. What somebody has set on the successor meanwhile stands before
 * that. Done once for each volume, however often it is asked for. The old volume keeps its notes, as history.
 */
export async function succeedVolume(transaction: Transaction, { from, to, actor }: Succession): Promise<Succeeded> {
  const rows = await transaction.$queryRaw<VolumeRow[]>(Prisma.sql`
    select v.id::text, v.name, v.protected, v.annotations, v.successor_id::text as "successorId", v.removed_at is not null as removed,
      h.id::text as "hostId", h.name as "hostName"
    from volume v join host h on h.id = v.host_id where v.id in (${from}::uuid, ${to}::uuid) order by v.id for update of v`);
  const old = rows.find(({ id }) => id === from);
  const heir = rows.find(({ id }) => id === to);
  if (old === undefined || heir === undefined || old.successorId !== null || heir.removed) return { hostIds: [], entries: [] };
  const notes = { protected: heir.protected || old.protected, annotations: { ...old.annotations, ...heir.annotations } };
  await transaction.volume.update({ where: { id: from }, data: { successorId: to } });
  await transaction.volume.update({ where: { id: to }, data: notes });
  await transaction.backup.updateMany({ where: { volumeId: from }, data: { volumeId: to } });
  const about = (row: VolumeRow, other: VolumeRow) => ({
    source: 'GATEWAY' as const,
    occurredAt: Date.now(),
    host: { id: row.hostId, name: row.hostName },
    volume: { id: row.id, name: row.name },
    otherHosts: row.hostId === other.hostId ? [] : [other.hostId],
    ...(actor === undefined ? {} : { actor }),
  });
  const wasOf = `It was set on volume "${old.name}" of host ${old.hostName}, whose content this volume holds now.`;
  const goesTo = `Volume "${heir.name}" of host ${heir.hostName} holds its content now, and has it.`;
  const entries: NewEntry[] = [];
  const [before, after] = [describeNotes(heir), describeNotes(notes)];
  if (JSON.stringify(before) !== JSON.stringify(after)) {
    entries.push({ type: 'VOLUME_UPDATED', ...about(heir, old), attributes: { before, after, message: wasOf } });
  }
  const policy = await takePolicy(transaction, from, to);
  if (policy !== undefined) {
    const { taken, ended } = policy;
    entries.push({ type: 'BACKUP_POLICY_CHANGED', ...about(old, heir), attributes: { before: describePolicy(ended), after: null, message: goesTo } });
    if (taken) entries.push({ type: 'BACKUP_POLICY_CHANGED', ...about(heir, old), attributes: { before: null, after: describePolicy(ended), message: wasOf } });
  }
  return { hostIds: [old.hostId, heir.hostId], entries };
}

/** The volume that has now what is meant for this one: itself, or the last of its successors. It stays so until the transaction ends. */
export async function heirOf(transaction: Transaction, volumeId: string): Promise<string> {
  const [row] = await transaction.$queryRaw<{ successorId: string | null }[]>(
    Prisma.sql`select successor_id::text as "successorId" from volume where id = ${volumeId}::uuid for share`,
  );
  return row?.successorId === null || row === undefined ? volumeId : heirOf(transaction, row.successorId);
}

/** A policy as the journal tells it. */
export function describePolicy(policy: BackupPolicy | null): JsonValue {
  if (policy === null) return null;
  const { cron, quiesce, keepLast, keepDaily, keepWeekly } = policy;
  return { cron, quiesce, keepLast, keepDaily, keepWeekly };
}

async function takePolicy(transaction: Transaction, from: string, to: string): Promise<{ ended: BackupPolicy; taken: boolean } | undefined> {
  const ended = await transaction.backupPolicy.findUnique({ where: { volumeId: from } });
  if (ended === null) return undefined;
  const taken = (await transaction.backupPolicy.findUnique({ where: { volumeId: to } })) === null;
  if (taken) await transaction.backupPolicy.update({ where: { volumeId: from }, data: { volumeId: to } });
  else await transaction.backupPolicy.delete({ where: { volumeId: from } });
  return { ended, taken };
}
