import type { Database } from '../../src/database/client.js';
import { appendEntries } from '../../src/journal/append.js';
import type { NewEntry } from '../../src/journal/entry.js';

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
