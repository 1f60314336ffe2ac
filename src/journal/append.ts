import type { Transaction } from '../database/client.js';
import { Prisma } from '../database/client.js';
import type { NewEntry } from './entry.js';

/**
 * Key of the advisory lock that orders the journal. It is taken just before positions are given and held until the
 * commit is visible, so that positions become visible in their own order: a reader never finds one before what it has
 * seen. (With a plain sequence, eight writers lose a quarter of the rows for a reader that goes by `position > n`.)
 */
const JOURNAL_LOCK = 7_301_846_222n;

/** Channel on which every commit that journalled something is announced; the payload is empty. It only wakes readers. */
export const JOURNAL_CHANNEL = 'stowage_journal';

/**
 * Journals entries in the transaction that makes them true. Call it last: other writers wait for this commit.
 */
export async function appendEntries(transaction: Transaction, entries: readonly NewEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => ({
    type: entry.type,
    source: entry.source,
    occurred_at: new Date(entry.occurredAt).toISOString(),
    host_id: entry.host?.id ?? null,
    host_name: entry.host?.name ?? null,
    volume_id: entry.volume?.id ?? null,
    volume_name: entry.volume?.name ?? null,
    container_id: entry.container?.id ?? null,
    container_name: entry.container?.name ?? null,
    share_id: entry.shareId ?? null,
    operation_id: entry.operationId ?? null,
    actor: entry.actor ?? null,
    address: entry.address ?? null,
    other_host_ids: entry.otherHosts ?? [],
    attributes: entry.attributes,
  }));
  await transaction.$executeRaw(Prisma.sql`select pg_advisory_xact_lock(${JOURNAL_LOCK}), pg_notify(${JOURNAL_CHANNEL}, '')`);
  await transaction.$executeRaw(Prisma.sql`
    insert into journal (type, source, occurred_at, host_id, host_name, volume_id, volume_name, container_id, container_name, share_id, operation_id, actor, address, other_host_ids, attributes)
    select r.type, r.source, r.occurred_at, r.host_id, r.host_name, r.volume_id, r.volume_name, r.container_id, r.container_name, r.share_id, r.operation_id, r.actor, r.address, r.other_host_ids, r.attributes
    from rows from (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as (
      type text, source "EventSource", occurred_at timestamptz, host_id uuid, host_name text, volume_id uuid, volume_name text,
      container_id uuid, container_name text, share_id uuid, operation_id uuid, actor text, address text, other_host_ids uuid[], attributes jsonb
    )) with ordinality as r(type, source, occurred_at, host_id, host_name, volume_id, volume_name, container_id, container_name, share_id, operation_id, actor, address, other_host_ids, attributes, place)
    order by r.place`);
}
