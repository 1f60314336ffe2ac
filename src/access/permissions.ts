import { unknownHost } from '../inventory/hosts.js';
import type { EntryFilter } from '../journal/entry.js';
import { Problem } from '../problems.js';
import { ROOT_FIELDS, TYPE_FIELDS, type FieldRule } from './access-table.js';
import type { Caller } from './caller.js';

type Role = Caller['role'];

const RANK: Readonly<Record<Role, number>> = { VIEWER: 0, OPERATOR: 1, ADMIN: 2 };

/**
 * The rule of a field of query, mutation or subscription, for a caller who may use it.
 * @throws {Problem} FORBIDDEN when the caller's role or hosts do not reach, or nobody decided about the field.
 */
export function authorize(caller: Caller, root: keyof typeof ROOT_FIELDS, field: string): FieldRule {
  const fields = ROOT_FIELDS[root];
  const rule = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (rule === undefined) throw new Problem('FORBIDDEN', `${root}.${field} is open to nobody.`);
  requireRole(caller, rule.role, `${root}.${field}`);
  if (rule.hosts.kind === 'ALL_HOSTS' && caller.hosts !== null) {
    throw new Problem('FORBIDDEN', `${root}.${field} needs a token for all hosts, and "${caller.name}" is for some only.`);
  }
  return rule;
}

/**
 * The arguments of a field as they are to be used by a caller: with the caller's own hosts where all were meant.
 * @throws {Problem} NOT_FOUND for a host that does not exist for the caller, in the same words as for one that exists for nobody.
 */
export function narrowArguments(caller: Caller, { hosts: rule }: FieldRule, args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { hosts } = caller;
  if (hosts === null || rule.kind !== 'NAMED') return args;
  for (const name of rule.names.flatMap((place) => valuesAt(args, place.split('.')))) {
    if (typeof name === 'string' && !hosts.some((host) => host.name === name)) throw unknownHost(name);
  }
  const { allWithout, enabledOnly = false } = rule;
  if (allWithout === undefined || isGiven(args, allWithout.split('.'))) return args;
  return withValue(
    args,
    allWithout.split('.'),
    hosts.filter(({ id, enabled }) => id !== undefined && (enabled || !enabledOnly)).map(({ name }) => name),
  );
}

/** Global ids in the arguments that must be in the caller's view. */
export function idsToSee({ hosts: rule }: FieldRule, args: Readonly<Record<string, unknown>>): string[] {
  if (rule.kind !== 'NAMED') return [];
  return (rule.ids ?? []).flatMap((place) => valuesAt(args, place.split('.'))).filter((id) => typeof id === 'string');
}

/** Whether a caller may read a field of a type. @throws {Problem} FORBIDDEN for one that is refused to the caller. */
export function mayRead(caller: Caller, field: string): boolean {
  const rule = TYPE_FIELDS[field];
  if (rule === undefined || RANK[caller.role] >= RANK[rule.role]) return true;
  if (rule.otherwise === 'REFUSED') requireRole(caller, rule.role, field);
  return false;
}

/** Whether driver options may be shown to this caller with the passwords in them. */
export function maySeeSecrets(caller: Caller): boolean {
  return caller.role === 'ADMIN';
}

/** What of the journal a caller may see. Who tried what is for ADMIN with all hosts. */
export function entriesFor({ role, hosts }: Caller): Pick<EntryFilter, 'hostIds' | 'withoutAudit'> {
  return {
    ...(hosts === null ? {} : { hostIds: hosts.flatMap(({ id }) => id ?? []) }),
    ...(role === 'ADMIN' && hosts === null ? {} : { withoutAudit: true }),
  };
}

/** Whether this caller may see and change tokens: as the table says of those who make them. */
export function mayAdministerTokens({ role, hosts }: Caller): boolean {
  return role === 'ADMIN' && hosts === null;
}

/** Whether a host exists for this caller. */
export function seesHost(caller: Caller, hostId: string): boolean {
  return caller.hosts?.some(({ id }) => id === hostId) ?? true;
}

/** Everything of a caller that decides what it sees, as a key: callers of one key are shown the same. */
export function sightOf({ role, hosts }: Caller): string {
  return `${role} ${hosts === null ? '*' : JSON.stringify(hosts.map(({ name, id }) => [name, id ?? null]))}`;
}

function requireRole(caller: Caller, role: Role, what: string): void {
  if (RANK[caller.role] < RANK[role]) throw new Problem('FORBIDDEN', `${what} needs the role ${role}, and "${caller.name}" has ${caller.role}.`);
}

/** All values at a place in arguments; none where it is absent or null. */
function valuesAt(value: unknown, place: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((entry) => valuesAt(entry, place));
  const [first, ...rest] = place;
  if (first === undefined) return value === null || value === undefined ? [] : [value];
  return typeof value === 'object' && value !== null ? valuesAt((value as Readonly<Record<string, unknown>>)[first], rest) : [];
}

/** Whether there is a value at a place in arguments, be it an empty list. */
function isGiven(value: unknown, [first, ...rest]: readonly string[]): boolean {
  if (value === null || value === undefined) return false;
  return first === undefined || isGiven((value as Readonly<Record<string, unknown>>)[first], rest);
}

function withValue(record: Readonly<Record<string, unknown>>, [first = '', ...rest]: readonly string[], value: unknown): Readonly<Record<string, unknown>> {
  const inner = record[first];
  // An input is an object of a class, which is kept.
  const copy: Record<string, unknown> = Object.assign(Object.create(Object.getPrototypeOf(record) as object | null) as Record<string, unknown>, record);
  copy[first] = rest.length === 0 ? value : withValue((inner ?? {}) as Readonly<Record<string, unknown>>, rest, value);
  return copy;
}
