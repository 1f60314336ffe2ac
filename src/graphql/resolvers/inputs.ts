import type { VolumeReference } from '../../commands/volume-removal.js';
import type { ContainerQuery } from '../../inventory/containers.js';
import type { ShareQuery } from '../../inventory/lookups.js';
import type { PageRequest } from '../../inventory/pages.js';
import type { RiskQuery } from '../../inventory/risk-conditions.js';
import type { LabelMatch } from '../../inventory/list-conditions.js';
import type { VolumeQuery } from '../../inventory/volumes.js';
import type { EntryFilter } from '../../journal/entry.js';
import { badInput } from '../../problems.js';
import type { RequestContext } from '../context.js';
import { pageProblem } from '../limits.js';
import { parseIdOf } from '../global-id.js';
import type { Credentials } from '../../engine/endpoint.js';
import type { LabelFilter } from '../types/common.js';
import type { ShareRisk } from '../types/enums.js';
import type { EventFilter } from '../types/events.js';
import type { ContainerFilter, ShareFilter, VolumeFilter } from '../types/filters.js';
import type { SshInput, TlsInput, VolumeRef } from '../types/inputs.js';

// Inputs of the schema in the terms of the rooms below. An explicit null means the same as nothing.

export const DEFAULT_PAGE_SIZE = 50;

type Nullable<T> = T | null | undefined;

/**
 * What is asked of a list.
 * @throws {Problem} BAD_USER_INPUT for less than nothing, LIMIT_EXCEEDED for more than a page may hold.
 */
export function pageRequest({ services }: RequestContext, first: Nullable<number>, after: Nullable<string>): PageRequest {
  const size = first ?? DEFAULT_PAGE_SIZE;
  const problem = pageProblem(size, services.limits);
  if (problem !== undefined) throw problem;
  return { first: size, after };
}

export function volumeQuery(filter: Nullable<VolumeFilter>): VolumeQuery {
  return {
    hosts: filter?.hosts ?? undefined,
    names: filter?.names ?? undefined,
    search: filter?.search ?? undefined,
    drivers: filter?.drivers ?? undefined,
    states: filter?.states ?? undefined,
    labels: labelMatches(filter?.labels),
    annotations: labelMatches(filter?.annotations),
    anonymous: filter?.anonymous ?? undefined,
    shared: filter?.shared ?? undefined,
    protected: filter?.protected ?? undefined,
    composeProject: filter?.composeProject ?? undefined,
    minSizeBytes: filter?.minSizeBytes ?? undefined,
    unusedSince: filter?.unusedFor === null || filter?.unusedFor === undefined ? undefined : new Date(Date.now() - milliseconds(filter.unusedFor)),
  };
}

export function containerQuery(filter: Nullable<ContainerFilter>, sensitivePaths: readonly string[]): ContainerQuery {
  return {
    hosts: filter?.hosts ?? undefined,
    search: filter?.search ?? undefined,
    states: filter?.states ?? undefined,
    labels: labelMatches(filter?.labels),
    volume: filter?.volume ?? undefined,
    composeProject: filter?.composeProject ?? undefined,
    risks: riskQuery(filter?.risks, sensitivePaths),
  };
}

export function shareQuery(filter: Nullable<ShareFilter>, sensitivePaths: readonly string[]): ShareQuery {
  return {
    hosts: filter?.hosts ?? undefined,
    kinds: filter?.kinds ?? undefined,
    crossHost: filter?.crossHost ?? undefined,
    risks: riskQuery(filter?.risks, sensitivePaths),
  };
}

function riskQuery(risks: Nullable<ShareRisk[]>, sensitivePaths: readonly string[]): RiskQuery | undefined {
  return risks === null || risks === undefined ? undefined : { anyOf: risks, sensitivePaths };
}

export function entryFilter(filter: Nullable<EventFilter>): EntryFilter {
  return {
    hosts: filter?.hosts ?? undefined,
    types: filter?.types ?? undefined,
    volume: filter?.volume ?? undefined,
    container: filter?.container ?? undefined,
  };
}

/** Keys of a host as they are sealed; undefined where none were given. */
export function credentialsOf(tls: Nullable<TlsInput>, ssh: Nullable<SshInput>): Credentials | undefined {
  if ((tls === null || tls === undefined) && (ssh === null || ssh === undefined)) return undefined;
  return {
    ...(tls === null || tls === undefined ? {} : { tls: present({ ca: tls.ca, cert: tls.cert, key: tls.key }) }),
    ...(ssh === null || ssh === undefined ? {} : { ssh: present({ privateKey: ssh.privateKey, passphrase: ssh.passphrase }) }),
  };
}

/** A volume that is meant. @throws {Problem} BAD_USER_INPUT for an id that is none of a volume. */
export function volumeReference({ host, name, id }: VolumeRef): VolumeReference {
  return { host, name, id: id === null || id === undefined ? undefined : parseIdOf('Volume', id) };
}

/** Key and value of labels, where an absent value is the empty one. */
export function pairs(list: Nullable<readonly { key: string; value?: string | null }[]>): { key: string; value: string }[] {
  return (list ?? []).map(({ key, value }) => ({ key, value: value ?? '' }));
}

function present<Key extends string>(record: Record<Key, Nullable<string>>): { [K in Key]?: string } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null && value !== undefined)) as { [K in Key]?: string };
}

function labelMatches(labels: Nullable<LabelFilter[]>): LabelMatch[] | undefined {
  return labels?.map(({ key, value }) => ({ key, value: value ?? undefined }));
}

const MILLISECONDS: readonly number[] = [365.25 * 86_400_000, (365.25 / 12) * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000];

/** Milliseconds of an ISO 8601 duration; years and months have their mean length. @throws {Problem} BAD_USER_INPUT. */
export function milliseconds(duration: string): number {
  const part = '(?:(\\d+(?:[.,]\\d+)?)';
  const match = new RegExp(`^P${part}Y)?${part}M)?${part}W)?${part}D)?(?:T${part}H)?${part}M)?${part}S)?)?$`).exec(duration);
  const parts: (string | undefined)[] = match?.slice(1) ?? [];
  if (parts.every((value) => value === undefined)) throw badInput(`${JSON.stringify(duration)} is not a duration such as "P30D" or "PT6H".`);
  const total = parts.reduce((sum, value, index) => sum + Number((value ?? '0').replace(',', '.')) * (MILLISECONDS[index] ?? 0), 0);
  if (total > Date.now()) throw badInput(`${JSON.stringify(duration)} is longer than computers keep time.`);
  return total;
}
