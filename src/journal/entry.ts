/** Everything that is journalled. The contract's LifecycleEventType is made from this list. */
export const LIFECYCLE_EVENT_TYPES = [
  'HOST_ADDED',
  'HOST_ONLINE',
  'HOST_UNREACHABLE',
  'HOST_UPDATED',
  'HOST_REMOVED',
  'VOLUME_CREATED',
  'VOLUME_UPDATED',
  'VOLUME_MOUNTED',
  'VOLUME_UNMOUNTED',
  'VOLUME_REMOVED',
  'PROTECTED_VOLUME_REMOVED',
  'CONTAINER_CREATED',
  'CONTAINER_STARTED',
  'CONTAINER_STOPPED',
  'CONTAINER_RENAMED',
  'CONTAINER_REMOVED',
  'SHARE_FORMED',
  'SHARE_CHANGED',
  'SHARE_DISSOLVED',
  'OPERATION_CHANGED',
  'BACKUP_REMOVED',
  'BACKUP_POLICY_CHANGED',
  'CHANGE_REFUSED',
  'CALL_REFUSED',
  'SIGN_IN_FAILED',
  'TOKEN_CREATED',
  'TOKEN_REVOKED',
] as const;

/** Those that tell who tried what, and who may enter: for ADMIN only. */
export const AUDIT_TYPES: readonly LifecycleEventType[] = ['CHANGE_REFUSED', 'CALL_REFUSED', 'SIGN_IN_FAILED', 'TOKEN_CREATED', 'TOKEN_REVOKED'];

export type LifecycleEventType = (typeof LIFECYCLE_EVENT_TYPES)[number];

/** ENGINE: the engine said so as it happened. RECONCILED: found by comparing. GATEWAY: done by the gateway itself. */
export type EventSource = 'ENGINE' | 'RECONCILED' | 'GATEWAY';

/** JSON as it stands in a jsonb column. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** An entry before it has a place in the order. Names stand beside ids, because the entry outlives what they name. */
export interface NewEntry {
  readonly type: LifecycleEventType;
  readonly source: EventSource;
  /** Milliseconds since 1970, with fractions; the engine's own time where there is one. */
  readonly occurredAt: number;
  readonly host?: { readonly id: string; readonly name: string };
  readonly volume?: { readonly id: string; readonly name: string };
  readonly container?: { readonly id: string; readonly name: string };
  readonly shareId?: string;
  readonly operationId?: string;
  readonly actor?: string;
  /** Network address that the request came from. */
  readonly address?: string;
  /** Ids of further hosts that it tells of. Whoever may not see them all is not told of it. */
  readonly otherHosts?: readonly string[];
  readonly attributes: { readonly [key: string]: JsonValue };
}

/** An entry with its place. */
export interface Entry {
  readonly position: bigint;
  readonly type: LifecycleEventType;
  readonly source: EventSource;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly hostId: string | null;
  readonly hostName: string | null;
  readonly volumeId: string | null;
  readonly volumeName: string | null;
  readonly containerId: string | null;
  readonly containerName: string | null;
  readonly shareId: string | null;
  readonly operationId: string | null;
  readonly actor: string | null;
  readonly address: string | null;
  readonly otherHostIds: readonly string[];
  readonly attributes: JsonValue;
}

/** Which entries someone wants; an absent part accepts all. Names are compared whole. */
export interface EntryFilter {
  readonly hosts?: readonly string[] | undefined;
  readonly types?: readonly LifecycleEventType[] | undefined;
  readonly volume?: string | undefined;
  readonly container?: string | undefined;
  /** Ids of the hosts that it may tell of, all of them. */
  readonly hostIds?: readonly string[] | undefined;
  /** Leaves out {@link AUDIT_TYPES}. */
  readonly withoutAudit?: boolean | undefined;
}

/** The same decision in memory that `read.ts` leaves to SQL. */
export function matches(entry: Entry, filter: EntryFilter): boolean {
  if (filter.withoutAudit === true && AUDIT_TYPES.includes(entry.type)) return false;
  const { hostIds } = filter;
  if (hostIds !== undefined) {
    if (entry.hostId === null || !hostIds.includes(entry.hostId)) return false;
    if (entry.otherHostIds.some((id) => !hostIds.includes(id))) return false;
  }
  if (filter.hosts !== undefined && (entry.hostName === null || !filter.hosts.includes(entry.hostName))) return false;
  if (filter.types !== undefined && !filter.types.includes(entry.type)) return false;
  if (filter.volume !== undefined && entry.volumeName !== filter.volume) return false;
  return filter.container === undefined || entry.containerName === filter.container;
}
