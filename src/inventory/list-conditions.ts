import { Prisma, type Database } from '../database/client.js';
import { OWNER_ID } from './pages.js';

// Conditions that several lists have in common, each in the form that its index answers.

/**
 * Conditions on a row's life and state, for each part of a table that has indexes of its own: what lives, what is history,
 * and each state. Without states, all that lives. `type` is the enum of the states.
 */
export function partsOfStates(table: Prisma.Sql, states: readonly string[] | undefined, type: Prisma.Sql): readonly Prisma.Sql[] {
  const living = Prisma.sql`${table}.removed_at is null`;
  if (states === undefined) return [living];
  if (states.length === 0) return [Prisma.sql`false`];
  return [...new Set(states)].map((state) =>
    state === 'REMOVED' ? Prisma.sql`${table}.removed_at is not null` : Prisma.sql`(${living} and ${table}.state = ${state}::${type})`,
  );
}

/** Hosts that a list is asked for; an absent part accepts all. */
export interface HostChoice {
  /** Names. */
  readonly hosts?: readonly string[] | undefined;
}

/** Ids of these hosts; undefined for all. They are looked up beforehand, so that statements are planned for these very hosts. */
export async function hostIdsOf(database: Database, { hosts }: HostChoice): Promise<readonly string[] | undefined> {
  if (hosts === undefined) return undefined;
  const rows = await database.readRows<{ id: string }>(Prisma.sql`select id from host where name = any(${[...hosts]}::text[])`, { prepared: true });
  return rows.map(({ id }) => id);
}

/** Condition on a column of ids. For one it is an equality, whose index keeps the order of what comes behind it. */
export function isAmong(column: Prisma.Sql, ids: readonly string[]): Prisma.Sql {
  const [only] = ids;
  return ids.length === 1 && only !== undefined ? Prisma.sql`${column} = ${only}::uuid` : Prisma.sql`${column} = any(${[...ids]}::uuid[])`;
}

/** Condition on the host whose list is read (OWNER_ID of pages.ts): it is one of these names, where some are asked for. */
export function ownerIsAmong(hosts: readonly string[] | undefined): Prisma.Sql[] {
  return hosts === undefined ? [] : [Prisma.sql`${OWNER_ID} in (select id from host where name = any(${[...hosts]}::text[]))`];
}

export interface LabelMatch {
  readonly key: string;
  /** Absent: any value. */
  readonly value?: string | undefined;
}

/** Conditions on a jsonb column of labels: all of these match. Values of different keys are compared at once, which costs as much as one. */
export function labelConditions(column: Prisma.Sql, labels: readonly LabelMatch[]): Prisma.Sql[] {
  const values = new Map<string, string>();
  const others: Prisma.Sql[] = [];
  const hasValues = (wanted: Iterable<readonly [string, string]>) => Prisma.sql`${column} @> ${JSON.stringify(Object.fromEntries(wanted))}::jsonb`;
  for (const { key, value } of labels) {
    if (value === undefined) others.push(Prisma.sql`${column} ? ${key}`);
    else if (values.has(key)) others.push(hasValues([[key, value]]));
    else values.set(key, value);
  }
  return values.size === 0 ? others : [hasValues(values), ...others];
}

/** Condition: the column has this text in it, in upper or lower case. */
export function hasPart(column: Prisma.Sql, text: string): Prisma.Sql {
  return Prisma.sql`${column} ilike ${`%${text.replace(/[\\%_]/g, (character) => `\\${character}`)}%`}`;
}
