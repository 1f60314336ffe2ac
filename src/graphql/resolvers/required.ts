import { Problem } from '../../problems.js';

/** An object that the schema says is always there; it can only be missing when it was removed under the request. */
export function required<T>(value: T | null, what: string): T {
  if (value === null) throw new Problem('NOT_FOUND', `The ${what} was removed while this was answered. Ask again.`);
  return value;
}

/** The objects of a loader's answer that are still there. @throws what the loader failed with. */
export async function loadAll<Row>(loading: Promise<(Row | null | Error)[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for (const row of await loading) {
    if (row instanceof Error) throw row;
    if (row !== null) rows.push(row);
  }
  return rows;
}
