import type { Database } from '../database/client.js';
import type { Sealer } from '../sealing.js';

/** Rows that are read at a time. */
const BATCH = 200;

/** What became of the sealed values. */
export interface Resealed {
  /** How many were sealed with an older key and are with the newest now. */
  readonly resealed: number;
  /** How many none of the known keys opens; they stay as they are. */
  readonly unreadable: number;
}

interface SealedRow {
  readonly id: string;
  readonly sealed: Uint8Array<ArrayBuffer> | null;
}

/** One place where sealed values are. */
interface SealedColumn {
  readonly read: (after: string) => Promise<SealedRow[]>;
  /** Nothing when it was changed meanwhile. */
  readonly write: (id: string, before: Uint8Array<ArrayBuffer>, after: Uint8Array<ArrayBuffer>) => Promise<unknown>;
}

/**
 * Seals with the newest key whatever is sealed with an older one. Each value is replaced by itself and only if it is still
 * the same, so that it can be interrupted, done again, and done while gateways write.
 */
export async function resealAll(database: Database, sealer: Sealer): Promise<Resealed> {
  let resealed = 0;
  let unreadable = 0;
  for (const column of sealedColumns(database)) {
    for await (const { id, sealed } of all(column)) {
      if (sealed === null || sealer.isCurrent(sealed, id)) continue;
      const value = tryToOpen(sealer, sealed, id);
      if (value === undefined) unreadable += 1;
      else {
        await column.write(id, sealed, sealer.seal(value, id));
        resealed += 1;
      }
    }
  }
  return { resealed, unreadable };
}

/** How many sealed values there are that a sealer opens, and that it does not. */
export async function countReadable(database: Database, sealer: Sealer): Promise<{ readonly readable: number; readonly unreadable: number }> {
  let [readable, unreadable] = [0, 0];
  for (const column of sealedColumns(database)) {
    for await (const { id, sealed } of all(column)) {
      if (sealed === null) continue;
      if (tryToOpen(sealer, sealed, id) === undefined) unreadable += 1;
      else readable += 1;
    }
  }
  return { readable, unreadable };
}

function sealedColumns(database: Database): SealedColumn[] {
  const FIRST = '00000000-0000-0000-0000-000000000000';
  const from = (after: string) => ({ gt: after === '' ? FIRST : after });
  return [
    {
      read: async (after) => {
        const rows = await database.host.findMany({ where: { id: from(after), credentials: { not: null } }, orderBy: { id: 'asc' }, take: BATCH });
        return rows.map(({ id, credentials }) => ({ id, sealed: credentials }));
      },
      write: (id, before, credentials) => database.host.updateMany({ where: { id, credentials: before }, data: { credentials } }),
    },
    {
      read: async (after) => {
        const select = { id: true, sealedOptions: true };
        const rows = await database.volume.findMany({ where: { id: from(after), sealedOptions: { not: null } }, orderBy: { id: 'asc' }, take: BATCH, select });
        return rows.map(({ id, sealedOptions }) => ({ id, sealed: sealedOptions }));
      },
      write: (id, before, sealedOptions) => database.volume.updateMany({ where: { id, sealedOptions: before }, data: { sealedOptions } }),
    },
  ];
}

async function* all(column: SealedColumn): AsyncGenerator<SealedRow> {
  for (let after = ''; ;) {
    const rows = await column.read(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

function tryToOpen(sealer: Sealer, sealed: Uint8Array, id: string): unknown {
  try {
    return sealer.open(sealed, id);
  } catch {
    return undefined;
  }
}
