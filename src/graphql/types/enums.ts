import { registerEnumType } from 'type-graphql';
import { ContainerState, EventSource, HostStatus, MountOrigin, MountType, Role, ShareKind, VolumeState } from '../../generated/prisma/enums.js';
import { LIFECYCLE_EVENT_TYPES, type LifecycleEventType as LifecycleEventTypeName } from '../../journal/entry.js';

export { ContainerState, EventSource, HostStatus, MountOrigin, MountType, Role, ShareKind, VolumeState };

/** An enum object of the names in a list. */
function enumOf<Name extends string>(names: readonly Name[]): { readonly [N in Name]: N } {
  return Object.fromEntries(names.map((name) => [name, name])) as { [N in Name]: N };
}

export const LifecycleEventType = enumOf(LIFECYCLE_EVENT_TYPES);
export type LifecycleEventType = LifecycleEventTypeName;

export const ShareRisk = enumOf(['MULTIPLE_WRITERS', 'CROSS_HOST_WRITERS', 'ENGINE_SOCKET', 'SENSITIVE_PATH']);
export type ShareRisk = keyof typeof ShareRisk;
export const FindingKind = enumOf([
  'MULTIPLE_WRITERS',
  'CROSS_HOST_WRITERS',
  'ENGINE_SOCKET',
  'SENSITIVE_PATH',
  'OPTION_DRIFT',
  'PLAIN_SECRET',
  'STORAGE_MISSING',
]);
export type FindingKind = keyof typeof FindingKind;
export const VolumeOrderField = enumOf(['NAME', 'CREATED_AT', 'SIZE', 'LAST_MOUNTED_AT', 'SHARE_COUNT']);
export type VolumeOrderField = keyof typeof VolumeOrderField;
export const OrderDirection = enumOf(['ASC', 'DESC']);
export type OrderDirection = keyof typeof OrderDirection;
export const OperationKind = enumOf(['CLONE', 'RENAME', 'MIGRATE', 'BACKUP', 'RESTORE', 'VERIFY', 'MEASURE']);
export type OperationKind = keyof typeof OperationKind;
export const OperationState = enumOf(['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED']);
export type OperationState = keyof typeof OperationState;
export const Quiesce = enumOf(['LIVE', 'PAUSE', 'STOP']);
export type Quiesce = keyof typeof Quiesce;

registerEnumType(HostStatus, {
  name: 'HostStatus',
  description: 'How the gateway stands with a host.',
  valuesConfig: {
    CONNECTING: { description: 'It was added or enabled, and its first comparison is not done yet.' },
    ONLINE: { description: 'Its inventory is kept true.' },
    UNREACHABLE: { description: 'It does not answer now; its inventory is as it was at lastSyncedAt.' },
    DISABLED: { description: 'It is not watched, on request.' },
  },
});
registerEnumType(VolumeState, {
  name: 'VolumeState',
  description: 'Whether a volume is used.',
  valuesConfig: {
    IN_USE: { description: 'A running container mounts it.' },
    IDLE: { description: 'Only stopped containers refer to it.' },
    DANGLING: { description: 'No container refers to it.' },
    REMOVED: { description: 'Gone from the engine, kept as history.' },
  },
});
registerEnumType(ContainerState, { name: 'ContainerState', description: "The engine's states, and REMOVED for one that is kept as history." });
registerEnumType(MountType, { name: 'MountType', description: "The engine's types of mounts." });
registerEnumType(MountOrigin, {
  name: 'MountOrigin',
  description: 'How a mount came to its container.',
  valuesConfig: {
    DECLARED: { description: 'The user named it.' },
    ANONYMOUS: { description: "The engine made a volume, for an image's VOLUME or a destination without a source." },
    VOLUMES_FROM: { description: 'Taken over from another container by --volumes-from.' },
  },
});
registerEnumType(ShareKind, {
  name: 'ShareKind',
  description: 'What is shared.',
  valuesConfig: {
    VOLUME: { description: 'The same volume on one host.' },
    BIND_PATH: { description: 'The same host directory, or one inside the other.' },
    NETWORK: { description: 'The same NFS or CIFS export, or the same global volume of a driver, also across hosts.' },
  },
});
registerEnumType(ShareRisk, { name: 'ShareRisk', description: 'Why a share deserves a look.' });
registerEnumType(FindingKind, {
  name: 'FindingKind',
  description: 'What someone should look at.',
  valuesConfig: {
    OPTION_DRIFT: { description: 'One volume name on several hosts, with other options.' },
    PLAIN_SECRET: { description: 'A password in driver options.' },
    STORAGE_MISSING: { description: 'A bind source or volume that is gone under a container.' },
  },
});
registerEnumType(VolumeOrderField, { name: 'VolumeOrderField', description: 'What a list of volumes is ordered by; equal ones by id.' });
registerEnumType(OrderDirection, { name: 'OrderDirection' });
registerEnumType(LifecycleEventType, { name: 'LifecycleEventType', description: 'What happened.' });
registerEnumType(EventSource, {
  name: 'EventSource',
  description: 'How it became known.',
  valuesConfig: {
    ENGINE: { description: 'The engine said so as it happened.' },
    RECONCILED: { description: 'Found by comparing, after a gap or at first sight.' },
    GATEWAY: { description: 'Done by the gateway itself.' },
  },
});
registerEnumType(OperationKind, { name: 'OperationKind' });
registerEnumType(OperationState, { name: 'OperationState' });
registerEnumType(Quiesce, {
  name: 'Quiesce',
  description: 'What happens to the containers that write to a volume while it is copied.',
  valuesConfig: {
    LIVE: { description: 'Nothing: it is copied as it is.' },
    PAUSE: { description: 'Running writers are paused meanwhile.' },
    STOP: { description: 'They are stopped, and started again.' },
  },
});
registerEnumType(Role, {
  name: 'Role',
  description: 'What a caller may do.',
  valuesConfig: {
    VIEWER: { description: 'Reads and subscribes.' },
    OPERATOR: { description: 'Also changes volumes, containers and backups.' },
    ADMIN: { description: 'Also changes hosts and tokens, and may mount host paths.' },
  },
});
