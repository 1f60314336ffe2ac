import type { Database } from '../../src/database/client.js';
import { appendEntries } from '../../src/journal/append.js';
import type { NewEntry } from '../../src/journal/entry.js';

/** The cursor of the newest entry. */
export async function lastCursor(database: Database): Promise<string> {
  const rows = await database.journalEntry.findMany({ orderBy: { position: 'desc' }, take: 1 });
  return `j${String(rows[0]?.position ?? 0n)}`;
}

/** Names of so many volumes. */
export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index)}`);
}

/** Journals entries of volumes with these names, as one commit; what else an entry has comes from `parts`. */
export async function journal(database: Database, names: readonly string[], parts: Partial<NewEntry> = {}): Promise<void> {
  const entries = names.map((name): NewEntry => ({
    type: 'VOLUME_CREATED',
    source: 'ENGINE',
    occurredAt: Date.now(),
    attributes: {},
    volume: { id: '0190a6d2-7b1c-7000-8000-000000000001', name },
    ...parts,
  }));
  await database.$transaction((transaction) => appendEntries(transaction, entries));
}
