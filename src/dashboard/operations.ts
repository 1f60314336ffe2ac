// Made from operations.graphql and schema.graphql by `npm run schema`. Do not edit.

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type AddHostInput = {
  /** unix:///run/docker.sock, tcp://host:2376 or ssh://user@host. */
  readonly endpoint: string;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly name: string;
  readonly ssh?: SshInput | null | undefined;
  readonly tls?: TlsInput | null | undefined;
};

export type ApplyPruneInput = {
  readonly planId: string | number;
};

export type BackupVolumeInput = {
  /** The same key from the same caller again within 24 hours gives the first call's answer and does nothing; with another input it is a CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
  readonly quiesce?: Quiesce | null | undefined;
  readonly volume: VolumeRef;
};

export type CloneVolumeInput = {
  /** The same key from the same caller again within 24 hours gives the first call's answer and does nothing; with another input it is a CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly name: string;
  readonly quiesce?: Quiesce | null | undefined;
  readonly source: VolumeRef;
};

/** The engine's states, and REMOVED for one that is kept as history. */
export type ContainerState = 'CREATED' | 'DEAD' | 'EXITED' | 'PAUSED' | 'REMOVED' | 'REMOVING' | 'RESTARTING' | 'RUNNING';

export type CreateTokenInput = {
  readonly expiresIn?: string | null | undefined;
  /** Absent: all hosts. */
  readonly hosts?: ReadonlyArray<string> | null | undefined;
  readonly name: string;
  readonly role: Role;
};

export type CreateVolumeInput = {
  readonly driver?: string | null | undefined;
  readonly driverOptions?: ReadonlyArray<KeyValueInput> | null | undefined;
  /** Names of hosts; the results come in this order. */
  readonly hosts: ReadonlyArray<string>;
  /** The same key from the same caller again within 24 hours gives the first call's answer and does nothing; with another input it is a CONFLICT. A host that did not answer is asked again. */
  readonly idempotencyKey?: string | null | undefined;
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  /** Absent: the gateway makes one up, the same on all hosts. */
  readonly name?: string | null | undefined;
};

/** How it became known. */
export type EventSource =
  /** The engine said so as it happened. */
  | 'ENGINE'
  /** Done by the gateway itself. */
  | 'GATEWAY'
  /** Found by comparing, after a gap or at first sight. */
  | 'RECONCILED';

export type FileType =
  | 'BLOCK_DEVICE'
  | 'CHARACTER_DEVICE'
  | 'DIRECTORY'
  | 'FIFO'
  | 'FILE'
  /** A further name of a file that was listed before. */
  | 'HARD_LINK'
  | 'SYMLINK';

/** What someone should look at. */
export type FindingKind =
  | 'CROSS_HOST_WRITERS'
  | 'ENGINE_SOCKET'
  | 'MULTIPLE_WRITERS'
  /** One volume name on several hosts, with other options. */
  | 'OPTION_DRIFT'
  /** A password in driver options. */
  | 'PLAIN_SECRET'
  | 'SENSITIVE_PATH'
  /** A bind source or volume that is gone under a container. */
  | 'STORAGE_MISSING';

/** How the gateway stands with a host. */
export type HostStatus =
  /** It was added or enabled, and its first comparison is not done yet. */
  | 'CONNECTING'
  /** It is not watched, on request. */
  | 'DISABLED'
  /** Its inventory is kept true. */
  | 'ONLINE'
  /** It does not answer now; its inventory is as it was at lastSyncedAt. */
  | 'UNREACHABLE';

export type KeyValueInput = {
  readonly key: string;
  readonly value: string;
};

export type LabelFilter = {
  readonly key: string;
  /** Absent: any value. */
  readonly value?: string | null | undefined;
};

export type LabelInput = {
  readonly key: string;
  readonly value?: string | null | undefined;
};

/** What happened. */
export type LifecycleEventType =
  | 'BACKUP_POLICY_CHANGED'
  | 'BACKUP_REMOVED'
  | 'CALL_REFUSED'
  | 'CHANGE_REFUSED'
  | 'CONTAINER_CREATED'
  | 'CONTAINER_REMOVED'
  | 'CONTAINER_RENAMED'
  | 'CONTAINER_STARTED'
  | 'CONTAINER_STOPPED'
  | 'HOST_ADDED'
  | 'HOST_ONLINE'
  | 'HOST_REMOVED'
  | 'HOST_UNREACHABLE'
  | 'HOST_UPDATED'
  | 'OPERATION_CHANGED'
  | 'PROTECTED_VOLUME_REMOVED'
  | 'SHARE_CHANGED'
  | 'SHARE_DISSOLVED'
  | 'SHARE_FORMED'
  | 'SIGN_IN_FAILED'
  | 'TOKEN_CREATED'
  | 'TOKEN_REVOKED'
  | 'VOLUME_CREATED'
  | 'VOLUME_MOUNTED'
  | 'VOLUME_REMOVED'
  | 'VOLUME_UNMOUNTED'
  | 'VOLUME_UPDATED';

export type MeasureVolumesInput = {
  readonly hosts?: ReadonlyArray<string> | null | undefined;
};

export type MigrateVolumeInput = {
  /** The same key from the same caller again within 24 hours gives the first call's answer and does nothing; with another input it is a CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly quiesce?: Quiesce | null | undefined;
  readonly removeSource?: boolean | null | undefined;
  readonly source: VolumeRef;
  readonly toHost: string;
};

/** How a mount came to its container. */
export type MountOrigin =
  /** The engine made a volume, for an image's VOLUME or a destination without a source. */
  | 'ANONYMOUS'
  /** The user named it. */
  | 'DECLARED'
  /** Taken over from another container by --volumes-from. */
  | 'VOLUMES_FROM';

/** The engine's types of mounts. */
export type MountType = 'BIND' | 'CLUSTER' | 'IMAGE' | 'NPIPE' | 'TMPFS' | 'VOLUME';

export type OperationFilter = {
  readonly hosts?: ReadonlyArray<string> | null | undefined;
  readonly kinds?: ReadonlyArray<OperationKind> | null | undefined;
  readonly states?: ReadonlyArray<OperationState> | null | undefined;
};

export type OperationKind = 'BACKUP' | 'CLONE' | 'MEASURE' | 'MIGRATE' | 'RENAME' | 'RESTORE' | 'VERIFY';

export type OperationState = 'CANCELED' | 'FAILED' | 'QUEUED' | 'RUNNING' | 'SUCCEEDED';

export type OrderDirection = 'ASC' | 'DESC';

/** What happens to the containers that write to a volume while it is copied. */
export type Quiesce =
  /** Nothing: it is copied as it is. */
  | 'LIVE'
  /** Running writers are paused meanwhile. */
  | 'PAUSE'
  /** They are stopped, and started again. */
  | 'STOP';

export type RemoveHostInput = {
  readonly name: string;
};

export type RemoveVolumeInput = {
  /** The engine's force: a driver that errs does not hold the removal up. Also: a host that is away and might use a volume of scope global does not. Not: protection, and containers. */
  readonly force?: boolean | null | undefined;
  readonly volumes: ReadonlyArray<VolumeRef>;
};

export type RenameVolumeInput = {
  /** The same key from the same caller again within 24 hours gives the first call's answer and does nothing; with another input it is a CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
  readonly newName: string;
  readonly volume: VolumeRef;
};

export type RestoreVolumeInput = {
  readonly backup: string | number;
  readonly host: string;
  /** The same key from the same caller again within 24 hours gives the first call's answer and does nothing; with another input it is a CONFLICT. */
  readonly idempotencyKey?: string | null | undefined;
  readonly name: string;
  readonly overwrite?: boolean | null | undefined;
};

/** What a caller may do. */
export type Role =
  /** Also changes hosts and tokens, and may mount host paths. */
  | 'ADMIN'
  /** Also changes volumes, containers and backups. */
  | 'OPERATOR'
  /** Reads and subscribes. */
  | 'VIEWER';

export type SetBackupPolicyInput = {
  /** Five fields, in UTC, such as "0 3 * * *"; absent: no policy any more. */
  readonly cron?: string | null | undefined;
  readonly keepDaily?: number | null | undefined;
  readonly keepLast?: number | null | undefined;
  readonly keepWeekly?: number | null | undefined;
  readonly quiesce?: Quiesce | null | undefined;
  readonly volume: VolumeRef;
};

export type ShareFilter = {
  readonly crossHost?: boolean | null | undefined;
  readonly hosts?: ReadonlyArray<string> | null | undefined;
  readonly kinds?: ReadonlyArray<ShareKind> | null | undefined;
  /** One of these. */
  readonly risks?: ReadonlyArray<ShareRisk> | null | undefined;
};

/** What is shared. */
export type ShareKind =
  /** The same host directory, or one inside the other. */
  | 'BIND_PATH'
  /** The same NFS or CIFS export, or the same global volume of a driver, also across hosts. */
  | 'NETWORK'
  /** The same volume on one host. */
  | 'VOLUME';

/** Why a share deserves a look. */
export type ShareRisk = 'CROSS_HOST_WRITERS' | 'ENGINE_SOCKET' | 'MULTIPLE_WRITERS' | 'SENSITIVE_PATH';

/** How to sign in over ssh. Absent: the gateway's own ssh agent or ~/.ssh keys. Stored sealed and never shown. */
export type SshInput = {
  readonly passphrase?: string | null | undefined;
  /** A private key in OpenSSH or PEM format. */
  readonly privateKey?: string | null | undefined;
};

/** Keys in PEM format. They are stored sealed and never shown. */
export type TlsInput = {
  /** Certificate of the authority that signed the engine's; absent: the system's own. */
  readonly ca?: string | null | undefined;
  readonly cert?: string | null | undefined;
  readonly key?: string | null | undefined;
};

/** What is absent stays as it is. */
export type UpdateHostInput = {
  readonly enabled?: boolean | null | undefined;
  readonly endpoint?: string | null | undefined;
  /** All labels, in place of those that were there. */
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  readonly name: string;
  readonly newName?: string | null | undefined;
  readonly ssh?: SshInput | null | undefined;
  /** All keys, in place of those that were there. */
  readonly tls?: TlsInput | null | undefined;
};

export type UpdateVolumeInput = {
  readonly annotations?: ReadonlyArray<KeyValueInput> | null | undefined;
  readonly protected?: boolean | null | undefined;
  readonly volume: VolumeRef;
};

/** Which volumes; an absent part accepts all, and all parts must match. */
export type VolumeFilter = {
  /** All must match. */
  readonly annotations?: ReadonlyArray<LabelFilter> | null | undefined;
  readonly anonymous?: boolean | null | undefined;
  readonly composeProject?: string | null | undefined;
  readonly drivers?: ReadonlyArray<string> | null | undefined;
  /** Names of hosts. */
  readonly hosts?: ReadonlyArray<string> | null | undefined;
  /** All must match. */
  readonly labels?: ReadonlyArray<LabelFilter> | null | undefined;
  readonly minSizeBytes?: number | string | null | undefined;
  readonly names?: ReadonlyArray<string> | null | undefined;
  readonly protected?: boolean | null | undefined;
  /** Part of the name, in any case. */
  readonly search?: string | null | undefined;
  /** Two or more containers reach it. */
  readonly shared?: boolean | null | undefined;
  /** REMOVED volumes only when asked for here. */
  readonly states?: ReadonlyArray<VolumeState> | null | undefined;
  /** Not in use now, and known to have been in no running container for this long: its host was watched all the time, and is now. */
  readonly unusedFor?: string | null | undefined;
};

export type VolumeOrder = {
  readonly direction?: OrderDirection;
  readonly field: VolumeOrderField;
};

/** What a list of volumes is ordered by; equal ones by id. */
export type VolumeOrderField = 'CREATED_AT' | 'LAST_MOUNTED_AT' | 'NAME' | 'SHARE_COUNT' | 'SIZE';

/** A volume by host and name. */
export type VolumeRef = {
  readonly host: string;
  /** When given: a CONFLICT if another volume has that name by now. */
  readonly id?: string | number | null | undefined;
  readonly name: string;
};

/** Whether a volume is used. */
export type VolumeState =
  /** No container refers to it. */
  | 'DANGLING'
  /** Only stopped containers refer to it. */
  | 'IDLE'
  /** A running container mounts it. */
  | 'IN_USE'
  /** Gone from the engine, kept as history. */
  | 'REMOVED';

export type EventLineFragment = {
  readonly cursor: string;
  readonly type: LifecycleEventType;
  readonly source: EventSource;
  readonly occurredAt: string;
  readonly hostName: string | null;
  readonly volumeName: string | null;
  readonly containerName: string | null;
  readonly actor: string | null;
  readonly attributes: unknown;
  readonly volume: { readonly id: string } | null;
  readonly operation: { readonly id: string } | null;
};

export type VolumeLineFragment = {
  readonly id: string;
  readonly name: string;
  readonly state: VolumeState;
  readonly driver: string;
  readonly sizeBytes: number | string | null;
  readonly shareCount: number;
  readonly protected: boolean;
  readonly createdAt: string | null;
  readonly firstSeenAt: string;
  readonly lastMountedAt: string | null;
  readonly lastUsedBy: string | null;
  readonly composeProject: string | null;
  readonly removedAt: string | null;
  readonly host: { readonly name: string; readonly status: HostStatus };
  readonly labels: ReadonlyArray<{ readonly key: string; readonly value: string }>;
};

export type OperationLineFragment = {
  readonly id: string;
  readonly kind: OperationKind;
  readonly state: OperationState;
  readonly bytesDone: number | string;
  readonly bytesTotal: number | string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly requestedBy: string;
  readonly warnings: ReadonlyArray<string>;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
  readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
};

export type BackupLineFragment = {
  readonly id: string;
  readonly createdAt: string;
  readonly volumeName: string;
  readonly sizeBytes: number | string;
  readonly contentBytes: number | string;
  readonly fileCount: number;
  readonly consistent: boolean;
  readonly encrypted: boolean;
  readonly quiesce: Quiesce;
};

export type SignedInQueryVariables = Exact<{ [key: string]: never }>;

export type SignedInQuery = { readonly viewer: { readonly name: string } };

export type StartQueryVariables = Exact<{ [key: string]: never }>;

export type StartQuery = {
  readonly latestCursor: string;
  readonly viewer: { readonly name: string; readonly role: Role; readonly hosts: ReadonlyArray<string> | null };
  readonly limits: { readonly pageSize: number };
};

export type LiveSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;

export type LiveSubscription = {
  readonly events: {
    readonly cursor: string;
    readonly type: LifecycleEventType;
    readonly source: EventSource;
    readonly occurredAt: string;
    readonly hostName: string | null;
    readonly volumeName: string | null;
    readonly containerName: string | null;
    readonly actor: string | null;
    readonly attributes: unknown;
    readonly volume: { readonly id: string } | null;
    readonly operation: { readonly id: string } | null;
  };
};

export type IsThereMoreQueryVariables = Exact<{
  after: string;
}>;

export type IsThereMoreQuery = { readonly events: { readonly nodes: ReadonlyArray<{ readonly cursor: string }> } };

export type LatestCursorQueryVariables = Exact<{ [key: string]: never }>;

export type LatestCursorQuery = { readonly latestCursor: string };

export type RecentEventsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;

export type RecentEventsQuery = {
  readonly events: {
    readonly nodes: ReadonlyArray<{
      readonly cursor: string;
      readonly type: LifecycleEventType;
      readonly source: EventSource;
      readonly occurredAt: string;
      readonly hostName: string | null;
      readonly volumeName: string | null;
      readonly containerName: string | null;
      readonly actor: string | null;
      readonly attributes: unknown;
      readonly volume: { readonly id: string } | null;
      readonly operation: { readonly id: string } | null;
    }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

export type HostsQueryVariables = Exact<{ [key: string]: never }>;

export type HostsQuery = {
  readonly hosts: ReadonlyArray<{
    readonly id: string;
    readonly name: string;
    readonly status: HostStatus;
    readonly statusReason: string | null;
    readonly lastSeenAt: string | null;
    readonly lastSyncedAt: string | null;
    readonly engine: { readonly name: string | null; readonly version: string } | null;
    readonly stats: {
      readonly volumes: number;
      readonly containers: number;
      readonly danglingVolumes: number;
      readonly sharedVolumes: number;
      readonly sizeBytes: number | string | null;
    };
  }>;
};

export type AttentionQueryVariables = Exact<{
  findings: number;
  others: number;
}>;

export type AttentionQuery = {
  readonly findings: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<{
      readonly kind: FindingKind;
      readonly message: string;
      readonly since: string;
      readonly hosts: ReadonlyArray<{ readonly name: string }>;
      readonly volumes: ReadonlyArray<{ readonly id: string; readonly name: string; readonly host: { readonly name: string } }>;
    }>;
  };
  readonly failed: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<{
      readonly id: string;
      readonly kind: OperationKind;
      readonly state: OperationState;
      readonly bytesDone: number | string;
      readonly bytesTotal: number | string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly requestedBy: string;
      readonly warnings: ReadonlyArray<string>;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
      readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
    }>;
  };
  readonly unused: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<{
      readonly id: string;
      readonly name: string;
      readonly state: VolumeState;
      readonly driver: string;
      readonly sizeBytes: number | string | null;
      readonly shareCount: number;
      readonly protected: boolean;
      readonly createdAt: string | null;
      readonly firstSeenAt: string;
      readonly lastMountedAt: string | null;
      readonly lastUsedBy: string | null;
      readonly composeProject: string | null;
      readonly removedAt: string | null;
      readonly host: { readonly name: string; readonly status: HostStatus };
      readonly labels: ReadonlyArray<{ readonly key: string; readonly value: string }>;
    }>;
  };
};

export type TotalsQueryVariables = Exact<{ [key: string]: never }>;

export type TotalsQuery = { readonly inUse: { readonly totalCount: number } };

export type HostNamesQueryVariables = Exact<{ [key: string]: never }>;

export type HostNamesQuery = { readonly hosts: ReadonlyArray<{ readonly name: string; readonly status: HostStatus }> };

export type VolumesQueryVariables = Exact<{
  filter?: VolumeFilter | null | undefined;
  orderBy?: VolumeOrder | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;

export type VolumesQuery = {
  readonly volumes: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<{
      readonly id: string;
      readonly name: string;
      readonly state: VolumeState;
      readonly driver: string;
      readonly sizeBytes: number | string | null;
      readonly shareCount: number;
      readonly protected: boolean;
      readonly createdAt: string | null;
      readonly firstSeenAt: string;
      readonly lastMountedAt: string | null;
      readonly lastUsedBy: string | null;
      readonly composeProject: string | null;
      readonly removedAt: string | null;
      readonly host: { readonly name: string; readonly status: HostStatus };
      readonly labels: ReadonlyArray<{ readonly key: string; readonly value: string }>;
    }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

export type ChangedVolumesQueryVariables = Exact<{
  changed?: VolumeFilter | null | undefined;
  filter?: VolumeFilter | null | undefined;
  first: number;
}>;

export type ChangedVolumesQuery = {
  readonly changed: {
    readonly nodes: ReadonlyArray<{
      readonly id: string;
      readonly name: string;
      readonly state: VolumeState;
      readonly driver: string;
      readonly sizeBytes: number | string | null;
      readonly shareCount: number;
      readonly protected: boolean;
      readonly createdAt: string | null;
      readonly firstSeenAt: string;
      readonly lastMountedAt: string | null;
      readonly lastUsedBy: string | null;
      readonly composeProject: string | null;
      readonly removedAt: string | null;
      readonly host: { readonly name: string; readonly status: HostStatus };
      readonly labels: ReadonlyArray<{ readonly key: string; readonly value: string }>;
    }>;
  };
  readonly all: { readonly totalCount: number };
};

export type VolumeDetailFragment = {
  readonly anonymous: boolean;
  readonly scope: string;
  readonly mountpoint: string;
  readonly sizeMeasuredAt: string | null;
  readonly sizeUnknownBecause: string | null;
  readonly id: string;
  readonly name: string;
  readonly state: VolumeState;
  readonly driver: string;
  readonly sizeBytes: number | string | null;
  readonly shareCount: number;
  readonly protected: boolean;
  readonly createdAt: string | null;
  readonly firstSeenAt: string;
  readonly lastMountedAt: string | null;
  readonly lastUsedBy: string | null;
  readonly composeProject: string | null;
  readonly removedAt: string | null;
  readonly options: ReadonlyArray<{ readonly key: string; readonly value: string }>;
  readonly annotations: ReadonlyArray<{ readonly key: string; readonly value: string }>;
  readonly backupPolicy: {
    readonly cron: string;
    readonly quiesce: Quiesce;
    readonly keepLast: number;
    readonly keepDaily: number;
    readonly keepWeekly: number;
    readonly nextRunAt: string;
    readonly declared: boolean;
  } | null;
  readonly mounts: ReadonlyArray<{
    readonly id: string;
    readonly type: MountType;
    readonly destination: string;
    readonly readOnly: boolean;
    readonly origin: MountOrigin;
    readonly container: {
      readonly id: string;
      readonly name: string;
      readonly image: string;
      readonly state: ContainerState;
      readonly composeService: string | null;
    };
  }>;
  readonly shares: ReadonlyArray<{
    readonly id: string;
    readonly kind: ShareKind;
    readonly identity: string;
    readonly crossHost: boolean;
    readonly writers: number;
    readonly readers: number;
    readonly risks: ReadonlyArray<ShareRisk>;
    readonly hosts: ReadonlyArray<{ readonly name: string }>;
    readonly mounts: ReadonlyArray<{
      readonly id: string;
      readonly readOnly: boolean;
      readonly destination: string;
      readonly container: { readonly id: string; readonly name: string; readonly state: ContainerState; readonly host: { readonly name: string } };
    }>;
  }>;
  readonly sizes: { readonly nodes: ReadonlyArray<{ readonly measuredAt: string; readonly sizeBytes: number | string }> };
  readonly backups: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<{
      readonly id: string;
      readonly createdAt: string;
      readonly volumeName: string;
      readonly sizeBytes: number | string;
      readonly contentBytes: number | string;
      readonly fileCount: number;
      readonly consistent: boolean;
      readonly encrypted: boolean;
      readonly quiesce: Quiesce;
    }>;
  };
  readonly host: { readonly name: string; readonly status: HostStatus };
  readonly labels: ReadonlyArray<{ readonly key: string; readonly value: string }>;
};

export type VolumeQueryVariables = Exact<{
  host: string;
  name: string;
  id: string | number;
  byId: boolean;
  sizes: number;
  backups: number;
}>;

export type VolumeQuery = {
  readonly volume?: {
    readonly anonymous: boolean;
    readonly scope: string;
    readonly mountpoint: string;
    readonly sizeMeasuredAt: string | null;
    readonly sizeUnknownBecause: string | null;
    readonly id: string;
    readonly name: string;
    readonly state: VolumeState;
    readonly driver: string;
    readonly sizeBytes: number | string | null;
    readonly shareCount: number;
    readonly protected: boolean;
    readonly createdAt: string | null;
    readonly firstSeenAt: string;
    readonly lastMountedAt: string | null;
    readonly lastUsedBy: string | null;
    readonly composeProject: string | null;
    readonly removedAt: string | null;
    readonly options: ReadonlyArray<{ readonly key: string; readonly value: string }>;
    readonly annotations: ReadonlyArray<{ readonly key: string; readonly value: string }>;
    readonly backupPolicy: {
      readonly cron: string;
      readonly quiesce: Quiesce;
      readonly keepLast: number;
      readonly keepDaily: number;
      readonly keepWeekly: number;
      readonly nextRunAt: string;
      readonly declared: boolean;
    } | null;
    readonly mounts: ReadonlyArray<{
      readonly id: string;
      readonly type: MountType;
      readonly destination: string;
      readonly readOnly: boolean;
      readonly origin: MountOrigin;
      readonly container: {
        readonly id: string;
        readonly name: string;
        readonly image: string;
        readonly state: ContainerState;
        readonly composeService: string | null;
      };
    }>;
    readonly shares: ReadonlyArray<{
      readonly id: string;
      readonly kind: ShareKind;
      readonly identity: string;
      readonly crossHost: boolean;
      readonly writers: number;
      readonly readers: number;
      readonly risks: ReadonlyArray<ShareRisk>;
      readonly hosts: ReadonlyArray<{ readonly name: string }>;
      readonly mounts: ReadonlyArray<{
        readonly id: string;
        readonly readOnly: boolean;
        readonly destination: string;
        readonly container: { readonly id: string; readonly name: string; readonly state: ContainerState; readonly host: { readonly name: string } };
      }>;
    }>;
    readonly sizes: { readonly nodes: ReadonlyArray<{ readonly measuredAt: string; readonly sizeBytes: number | string }> };
    readonly backups: {
      readonly totalCount: number;
      readonly nodes: ReadonlyArray<{
        readonly id: string;
        readonly createdAt: string;
        readonly volumeName: string;
        readonly sizeBytes: number | string;
        readonly contentBytes: number | string;
        readonly fileCount: number;
        readonly consistent: boolean;
        readonly encrypted: boolean;
        readonly quiesce: Quiesce;
      }>;
    };
    readonly host: { readonly name: string; readonly status: HostStatus };
    readonly labels: ReadonlyArray<{ readonly key: string; readonly value: string }>;
  } | null;
  readonly node?:
    | {
        readonly anonymous: boolean;
        readonly scope: string;
        readonly mountpoint: string;
        readonly sizeMeasuredAt: string | null;
        readonly sizeUnknownBecause: string | null;
        readonly id: string;
        readonly name: string;
        readonly state: VolumeState;
        readonly driver: string;
        readonly sizeBytes: number | string | null;
        readonly shareCount: number;
        readonly protected: boolean;
        readonly createdAt: string | null;
        readonly firstSeenAt: string;
        readonly lastMountedAt: string | null;
        readonly lastUsedBy: string | null;
        readonly composeProject: string | null;
        readonly removedAt: string | null;
        readonly options: ReadonlyArray<{ readonly key: string; readonly value: string }>;
        readonly annotations: ReadonlyArray<{ readonly key: string; readonly value: string }>;
        readonly backupPolicy: {
          readonly cron: string;
          readonly quiesce: Quiesce;
          readonly keepLast: number;
          readonly keepDaily: number;
          readonly keepWeekly: number;
          readonly nextRunAt: string;
          readonly declared: boolean;
        } | null;
        readonly mounts: ReadonlyArray<{
          readonly id: string;
          readonly type: MountType;
          readonly destination: string;
          readonly readOnly: boolean;
          readonly origin: MountOrigin;
          readonly container: {
            readonly id: string;
            readonly name: string;
            readonly image: string;
            readonly state: ContainerState;
            readonly composeService: string | null;
          };
        }>;
        readonly shares: ReadonlyArray<{
          readonly id: string;
          readonly kind: ShareKind;
          readonly identity: string;
          readonly crossHost: boolean;
          readonly writers: number;
          readonly readers: number;
          readonly risks: ReadonlyArray<ShareRisk>;
          readonly hosts: ReadonlyArray<{ readonly name: string }>;
          readonly mounts: ReadonlyArray<{
            readonly id: string;
            readonly readOnly: boolean;
            readonly destination: string;
            readonly container: { readonly id: string; readonly name: string; readonly state: ContainerState; readonly host: { readonly name: string } };
          }>;
        }>;
        readonly sizes: { readonly nodes: ReadonlyArray<{ readonly measuredAt: string; readonly sizeBytes: number | string }> };
        readonly backups: {
          readonly totalCount: number;
          readonly nodes: ReadonlyArray<{
            readonly id: string;
            readonly createdAt: string;
            readonly volumeName: string;
            readonly sizeBytes: number | string;
            readonly contentBytes: number | string;
            readonly fileCount: number;
            readonly consistent: boolean;
            readonly encrypted: boolean;
            readonly quiesce: Quiesce;
          }>;
        };
        readonly host: { readonly name: string; readonly status: HostStatus };
        readonly labels: ReadonlyArray<{ readonly key: string; readonly value: string }>;
      }
    | Record<PropertyKey, never>
    | null;
};

export type VolumeEventsQueryVariables = Exact<{
  id: string | number;
  first: number;
  after?: string | null | undefined;
}>;

export type VolumeEventsQuery = {
  readonly node:
    | {
        readonly events: {
          readonly nodes: ReadonlyArray<{
            readonly cursor: string;
            readonly type: LifecycleEventType;
            readonly source: EventSource;
            readonly occurredAt: string;
            readonly hostName: string | null;
            readonly volumeName: string | null;
            readonly containerName: string | null;
            readonly actor: string | null;
            readonly attributes: unknown;
            readonly volume: { readonly id: string } | null;
            readonly operation: { readonly id: string } | null;
          }>;
          readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
        };
      }
    | Record<PropertyKey, never>
    | null;
};

export type FilesQueryVariables = Exact<{
  id: string | number;
  path: string;
  first: number;
  after?: string | null | undefined;
}>;

export type FilesQuery = {
  readonly node:
    | {
        readonly files: {
          readonly complete: boolean;
          readonly nodes: ReadonlyArray<{
            readonly name: string;
            readonly type: FileType;
            readonly sizeBytes: number | string;
            readonly mode: number;
            readonly uid: number;
            readonly gid: number;
            readonly modifiedAt: string;
            readonly linkTarget: string | null;
          }>;
          readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
        };
      }
    | Record<PropertyKey, never>
    | null;
};

export type SharesQueryVariables = Exact<{
  filter?: ShareFilter | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;

export type SharesQuery = {
  readonly shares: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<{
      readonly id: string;
      readonly kind: ShareKind;
      readonly identity: string;
      readonly crossHost: boolean;
      readonly writers: number;
      readonly readers: number;
      readonly risks: ReadonlyArray<ShareRisk>;
      readonly hosts: ReadonlyArray<{ readonly name: string }>;
      readonly volumes: ReadonlyArray<{ readonly id: string; readonly name: string; readonly host: { readonly name: string } }>;
      readonly mounts: ReadonlyArray<{
        readonly id: string;
        readonly readOnly: boolean;
        readonly destination: string;
        readonly container: { readonly id: string; readonly name: string; readonly state: ContainerState; readonly host: { readonly name: string } };
      }>;
    }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

export type OperationsQueryVariables = Exact<{
  filter?: OperationFilter | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;

export type OperationsQuery = {
  readonly operations: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<{
      readonly id: string;
      readonly kind: OperationKind;
      readonly state: OperationState;
      readonly bytesDone: number | string;
      readonly bytesTotal: number | string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly requestedBy: string;
      readonly warnings: ReadonlyArray<string>;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
      readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
    }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

export type ProgressSubscriptionVariables = Exact<{
  id: string | number;
}>;

export type ProgressSubscription = {
  readonly operation: {
    readonly id: string;
    readonly kind: OperationKind;
    readonly state: OperationState;
    readonly bytesDone: number | string;
    readonly bytesTotal: number | string | null;
    readonly createdAt: string;
    readonly startedAt: string | null;
    readonly finishedAt: string | null;
    readonly requestedBy: string;
    readonly warnings: ReadonlyArray<string>;
    readonly error: { readonly code: string; readonly message: string } | null;
    readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
    readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
  };
};

export type PrunePlanQueryVariables = Exact<{
  filter?: VolumeFilter | null | undefined;
}>;

export type PrunePlanQuery = {
  readonly prunePlan: {
    readonly id: string;
    readonly expiresAt: string;
    readonly reclaimableBytes: number | string | null;
    readonly remove: ReadonlyArray<{
      readonly id: string;
      readonly name: string;
      readonly sizeBytes: number | string | null;
      readonly lastMountedAt: string | null;
      readonly host: { readonly name: string };
    }>;
    readonly spare: ReadonlyArray<{
      readonly reason: string;
      readonly volume: { readonly id: string; readonly name: string; readonly host: { readonly name: string } };
    }>;
  };
};

export type ApplyPruneMutationVariables = Exact<{
  input: ApplyPruneInput;
}>;

export type ApplyPruneMutation = {
  readonly applyPrune: {
    readonly results: ReadonlyArray<{
      readonly name: string;
      readonly removed: boolean;
      readonly host: { readonly name: string };
      readonly error: { readonly code: string; readonly message: string } | null;
    }>;
  };
};

export type CreateVolumeMutationVariables = Exact<{
  input: CreateVolumeInput;
}>;

export type CreateVolumeMutation = {
  readonly createVolume: {
    readonly results: ReadonlyArray<{
      readonly created: boolean;
      readonly host: { readonly name: string };
      readonly volume: { readonly id: string; readonly name: string } | null;
      readonly error: { readonly code: string; readonly message: string } | null;
    }>;
  };
};

export type UpdateVolumeMutationVariables = Exact<{
  input: UpdateVolumeInput;
}>;

export type UpdateVolumeMutation = { readonly updateVolume: { readonly volume: { readonly id: string; readonly protected: boolean } } };

export type RemoveVolumesMutationVariables = Exact<{
  input: RemoveVolumeInput;
}>;

export type RemoveVolumesMutation = {
  readonly removeVolumes: {
    readonly results: ReadonlyArray<{
      readonly name: string;
      readonly removed: boolean;
      readonly host: { readonly name: string };
      readonly error: { readonly code: string; readonly message: string } | null;
    }>;
  };
};

export type CloneVolumeMutationVariables = Exact<{
  input: CloneVolumeInput;
}>;

export type CloneVolumeMutation = {
  readonly cloneVolume: {
    readonly operation: {
      readonly id: string;
      readonly kind: OperationKind;
      readonly state: OperationState;
      readonly bytesDone: number | string;
      readonly bytesTotal: number | string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly requestedBy: string;
      readonly warnings: ReadonlyArray<string>;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
      readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
    };
  };
};

export type MigrateVolumeMutationVariables = Exact<{
  input: MigrateVolumeInput;
}>;

export type MigrateVolumeMutation = {
  readonly migrateVolume: {
    readonly operation: {
      readonly id: string;
      readonly kind: OperationKind;
      readonly state: OperationState;
      readonly bytesDone: number | string;
      readonly bytesTotal: number | string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly requestedBy: string;
      readonly warnings: ReadonlyArray<string>;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
      readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
    };
  };
};

export type BackupVolumeMutationVariables = Exact<{
  input: BackupVolumeInput;
}>;

export type BackupVolumeMutation = {
  readonly backupVolume: {
    readonly operation: {
      readonly id: string;
      readonly kind: OperationKind;
      readonly state: OperationState;
      readonly bytesDone: number | string;
      readonly bytesTotal: number | string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly requestedBy: string;
      readonly warnings: ReadonlyArray<string>;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
      readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
    };
  };
};

export type RestoreVolumeMutationVariables = Exact<{
  input: RestoreVolumeInput;
}>;

export type RestoreVolumeMutation = {
  readonly restoreVolume: {
    readonly operation: {
      readonly id: string;
      readonly kind: OperationKind;
      readonly state: OperationState;
      readonly bytesDone: number | string;
      readonly bytesTotal: number | string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly requestedBy: string;
      readonly warnings: ReadonlyArray<string>;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
      readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
    };
  };
};

export type MeasureVolumesMutationVariables = Exact<{
  input: MeasureVolumesInput;
}>;

export type MeasureVolumesMutation = {
  readonly measureVolumes: {
    readonly operation: {
      readonly id: string;
      readonly kind: OperationKind;
      readonly state: OperationState;
      readonly bytesDone: number | string;
      readonly bytesTotal: number | string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly requestedBy: string;
      readonly warnings: ReadonlyArray<string>;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
      readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
    };
  };
};

export type CancelOperationMutationVariables = Exact<{
  id: string | number;
}>;

export type CancelOperationMutation = {
  readonly cancelOperation: {
    readonly operation: {
      readonly id: string;
      readonly kind: OperationKind;
      readonly state: OperationState;
      readonly bytesDone: number | string;
      readonly bytesTotal: number | string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly requestedBy: string;
      readonly warnings: ReadonlyArray<string>;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
      readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
    };
  };
};

export type RenameVolumeMutationVariables = Exact<{
  input: RenameVolumeInput;
}>;

export type RenameVolumeMutation = {
  readonly renameVolume: {
    readonly operation: {
      readonly id: string;
      readonly kind: OperationKind;
      readonly state: OperationState;
      readonly bytesDone: number | string;
      readonly bytesTotal: number | string | null;
      readonly createdAt: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly requestedBy: string;
      readonly warnings: ReadonlyArray<string>;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly source: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
      readonly target: { readonly id: string; readonly name: string; readonly host: { readonly name: string } } | null;
    };
  };
};

export type SetBackupPolicyMutationVariables = Exact<{
  input: SetBackupPolicyInput;
}>;

export type SetBackupPolicyMutation = { readonly setBackupPolicy: { readonly policy: { readonly cron: string; readonly nextRunAt: string } | null } };

export type AdministeredHostsQueryVariables = Exact<{ [key: string]: never }>;

export type AdministeredHostsQuery = {
  readonly hosts: ReadonlyArray<{
    readonly id: string;
    readonly name: string;
    readonly endpoint: string;
    readonly status: HostStatus;
    readonly statusReason: string | null;
    readonly declared: boolean;
    readonly declaredIn: string | null;
    readonly labels: ReadonlyArray<{ readonly key: string; readonly value: string }>;
  }>;
};

export type AddHostMutationVariables = Exact<{
  input: AddHostInput;
}>;

export type AddHostMutation = {
  readonly addHost: { readonly host: { readonly name: string; readonly status: HostStatus; readonly statusReason: string | null } };
};

export type UpdateHostMutationVariables = Exact<{
  input: UpdateHostInput;
}>;

export type UpdateHostMutation = {
  readonly updateHost: { readonly host: { readonly name: string; readonly status: HostStatus; readonly statusReason: string | null } };
};

export type RemoveHostMutationVariables = Exact<{
  input: RemoveHostInput;
}>;

export type RemoveHostMutation = { readonly removeHost: { readonly removed: boolean } };

export type TokensQueryVariables = Exact<{ [key: string]: never }>;

export type TokensQuery = {
  readonly tokens: ReadonlyArray<{
    readonly id: string;
    readonly name: string;
    readonly role: Role;
    readonly hosts: ReadonlyArray<string> | null;
    readonly createdAt: string;
    readonly expiresAt: string | null;
    readonly lastUsedAt: string | null;
    readonly revokedAt: string | null;
  }>;
};

export type CreateTokenMutationVariables = Exact<{
  input: CreateTokenInput;
}>;

export type CreateTokenMutation = { readonly createToken: { readonly secret: string; readonly token: { readonly name: string } } };

export type RevokeTokenMutationVariables = Exact<{
  id: string | number;
}>;

export type RevokeTokenMutation = { readonly revokeToken: { readonly removed: boolean } };

export const EventLineFragmentDoc = {
  kind: 'Document',
  definitions: [
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'EventLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'LifecycleEvent' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'cursor' } },
          { kind: 'Field', name: { kind: 'Name', value: 'type' } },
          { kind: 'Field', name: { kind: 'Name', value: 'source' } },
          { kind: 'Field', name: { kind: 'Name', value: 'occurredAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'hostName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'volumeName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'containerName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'actor' } },
          { kind: 'Field', name: { kind: 'Name', value: 'attributes' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'volume' },
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'id' } }] },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'operation' },
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'id' } }] },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<EventLineFragment, unknown>;
export const OperationLineFragmentDoc = {
  kind: 'Document',
  definitions: [
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<OperationLineFragment, unknown>;
export const VolumeLineFragmentDoc = {
  kind: 'Document',
  definitions: [
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'VolumeLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'name' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'driver' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'shareCount' } },
          { kind: 'Field', name: { kind: 'Name', value: 'protected' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'firstSeenAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastMountedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastUsedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'composeProject' } },
          { kind: 'Field', name: { kind: 'Name', value: 'removedAt' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'host' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'status' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'labels' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                { kind: 'Field', name: { kind: 'Name', value: 'value' } },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<VolumeLineFragment, unknown>;
export const BackupLineFragmentDoc = {
  kind: 'Document',
  definitions: [
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'BackupLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Backup' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'volumeName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'contentBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'fileCount' } },
          { kind: 'Field', name: { kind: 'Name', value: 'consistent' } },
          { kind: 'Field', name: { kind: 'Name', value: 'encrypted' } },
          { kind: 'Field', name: { kind: 'Name', value: 'quiesce' } },
        ],
      },
    },
  ],
} as unknown as DocumentNode<BackupLineFragment, unknown>;
export const VolumeDetailFragmentDoc = {
  kind: 'Document',
  definitions: [
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'VolumeDetail' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'FragmentSpread', name: { kind: 'Name', value: 'VolumeLine' } },
          { kind: 'Field', name: { kind: 'Name', value: 'anonymous' } },
          { kind: 'Field', name: { kind: 'Name', value: 'scope' } },
          { kind: 'Field', name: { kind: 'Name', value: 'mountpoint' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeMeasuredAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeUnknownBecause' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'options' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                { kind: 'Field', name: { kind: 'Name', value: 'value' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'annotations' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                { kind: 'Field', name: { kind: 'Name', value: 'value' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'backupPolicy' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'cron' } },
                { kind: 'Field', name: { kind: 'Name', value: 'quiesce' } },
                { kind: 'Field', name: { kind: 'Name', value: 'keepLast' } },
                { kind: 'Field', name: { kind: 'Name', value: 'keepDaily' } },
                { kind: 'Field', name: { kind: 'Name', value: 'keepWeekly' } },
                { kind: 'Field', name: { kind: 'Name', value: 'nextRunAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'declared' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'mounts' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'type' } },
                { kind: 'Field', name: { kind: 'Name', value: 'destination' } },
                { kind: 'Field', name: { kind: 'Name', value: 'readOnly' } },
                { kind: 'Field', name: { kind: 'Name', value: 'origin' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'container' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'image' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'state' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'composeService' } },
                    ],
                  },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'shares' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
                { kind: 'Field', name: { kind: 'Name', value: 'identity' } },
                { kind: 'Field', name: { kind: 'Name', value: 'crossHost' } },
                { kind: 'Field', name: { kind: 'Name', value: 'writers' } },
                { kind: 'Field', name: { kind: 'Name', value: 'readers' } },
                { kind: 'Field', name: { kind: 'Name', value: 'risks' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'hosts' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'mounts' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'readOnly' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'destination' } },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'container' },
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'state' } },
                            {
                              kind: 'Field',
                              name: { kind: 'Name', value: 'host' },
                              selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                            },
                          ],
                        },
                      },
                    ],
                  },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'sizes' },
            arguments: [
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'sizes' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'newestFirst' }, value: { kind: 'BooleanValue', value: true } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'measuredAt' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
                    ],
                  },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'backups' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'backups' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'totalCount' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'BackupLine' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'VolumeLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'name' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'driver' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'shareCount' } },
          { kind: 'Field', name: { kind: 'Name', value: 'protected' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'firstSeenAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastMountedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastUsedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'composeProject' } },
          { kind: 'Field', name: { kind: 'Name', value: 'removedAt' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'host' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'status' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'labels' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                { kind: 'Field', name: { kind: 'Name', value: 'value' } },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'BackupLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Backup' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'volumeName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'contentBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'fileCount' } },
          { kind: 'Field', name: { kind: 'Name', value: 'consistent' } },
          { kind: 'Field', name: { kind: 'Name', value: 'encrypted' } },
          { kind: 'Field', name: { kind: 'Name', value: 'quiesce' } },
        ],
      },
    },
  ],
} as unknown as DocumentNode<VolumeDetailFragment, unknown>;
export const SignedInDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'SignedIn' },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'viewer' },
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<SignedInQuery, SignedInQueryVariables>;
export const StartDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Start' },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'viewer' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'role' } },
                { kind: 'Field', name: { kind: 'Name', value: 'hosts' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'limits' },
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'pageSize' } }] },
          },
          { kind: 'Field', name: { kind: 'Name', value: 'latestCursor' } },
        ],
      },
    },
  ],
} as unknown as DocumentNode<StartQuery, StartQueryVariables>;
export const LiveDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'subscription',
      name: { kind: 'Name', value: 'Live' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'after' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'events' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'after' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'after' } } }],
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'EventLine' } }] },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'EventLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'LifecycleEvent' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'cursor' } },
          { kind: 'Field', name: { kind: 'Name', value: 'type' } },
          { kind: 'Field', name: { kind: 'Name', value: 'source' } },
          { kind: 'Field', name: { kind: 'Name', value: 'occurredAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'hostName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'volumeName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'containerName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'actor' } },
          { kind: 'Field', name: { kind: 'Name', value: 'attributes' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'volume' },
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'id' } }] },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'operation' },
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'id' } }] },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<LiveSubscription, LiveSubscriptionVariables>;
export const IsThereMoreDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'IsThereMore' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'after' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'events' },
            arguments: [
              { kind: 'Argument', name: { kind: 'Name', value: 'after' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'after' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'IntValue', value: '1' } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'cursor' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<IsThereMoreQuery, IsThereMoreQueryVariables>;
export const LatestCursorDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'LatestCursor' },
      selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'latestCursor' } }] },
    },
  ],
} as unknown as DocumentNode<LatestCursorQuery, LatestCursorQueryVariables>;
export const RecentEventsDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'RecentEvents' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'first' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'after' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'events' },
            arguments: [
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'first' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'after' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'after' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'newestFirst' }, value: { kind: 'BooleanValue', value: true } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'EventLine' } }] },
                },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'pageInfo' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'hasNextPage' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'endCursor' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'EventLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'LifecycleEvent' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'cursor' } },
          { kind: 'Field', name: { kind: 'Name', value: 'type' } },
          { kind: 'Field', name: { kind: 'Name', value: 'source' } },
          { kind: 'Field', name: { kind: 'Name', value: 'occurredAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'hostName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'volumeName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'containerName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'actor' } },
          { kind: 'Field', name: { kind: 'Name', value: 'attributes' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'volume' },
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'id' } }] },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'operation' },
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'id' } }] },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<RecentEventsQuery, RecentEventsQueryVariables>;
export const HostsDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Hosts' },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'hosts' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'status' } },
                { kind: 'Field', name: { kind: 'Name', value: 'statusReason' } },
                { kind: 'Field', name: { kind: 'Name', value: 'lastSeenAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'lastSyncedAt' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'engine' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'version' } },
                    ],
                  },
                },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'stats' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'volumes' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'containers' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'danglingVolumes' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'sharedVolumes' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<HostsQuery, HostsQueryVariables>;
export const AttentionDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Attention' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'findings' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'others' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'findings' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'findings' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'totalCount' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'message' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'since' } },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'hosts' },
                        selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                      },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'volumes' },
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                            {
                              kind: 'Field',
                              name: { kind: 'Name', value: 'host' },
                              selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                            },
                          ],
                        },
                      },
                    ],
                  },
                },
              ],
            },
          },
          {
            kind: 'Field',
            alias: { kind: 'Name', value: 'failed' },
            name: { kind: 'Name', value: 'operations' },
            arguments: [
              {
                kind: 'Argument',
                name: { kind: 'Name', value: 'filter' },
                value: {
                  kind: 'ObjectValue',
                  fields: [
                    {
                      kind: 'ObjectField',
                      name: { kind: 'Name', value: 'states' },
                      value: { kind: 'ListValue', values: [{ kind: 'EnumValue', value: 'FAILED' }] },
                    },
                  ],
                },
              },
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'others' } } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'totalCount' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'OperationLine' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            alias: { kind: 'Name', value: 'unused' },
            name: { kind: 'Name', value: 'volumes' },
            arguments: [
              {
                kind: 'Argument',
                name: { kind: 'Name', value: 'filter' },
                value: {
                  kind: 'ObjectValue',
                  fields: [{ kind: 'ObjectField', name: { kind: 'Name', value: 'unusedFor' }, value: { kind: 'StringValue', value: 'P30D', block: false } }],
                },
              },
              {
                kind: 'Argument',
                name: { kind: 'Name', value: 'orderBy' },
                value: {
                  kind: 'ObjectValue',
                  fields: [
                    { kind: 'ObjectField', name: { kind: 'Name', value: 'field' }, value: { kind: 'EnumValue', value: 'SIZE' } },
                    { kind: 'ObjectField', name: { kind: 'Name', value: 'direction' }, value: { kind: 'EnumValue', value: 'DESC' } },
                  ],
                },
              },
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'others' } } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'totalCount' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'VolumeLine' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'VolumeLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'name' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'driver' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'shareCount' } },
          { kind: 'Field', name: { kind: 'Name', value: 'protected' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'firstSeenAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastMountedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastUsedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'composeProject' } },
          { kind: 'Field', name: { kind: 'Name', value: 'removedAt' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'host' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'status' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'labels' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                { kind: 'Field', name: { kind: 'Name', value: 'value' } },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<AttentionQuery, AttentionQueryVariables>;
export const TotalsDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Totals' },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            alias: { kind: 'Name', value: 'inUse' },
            name: { kind: 'Name', value: 'volumes' },
            arguments: [
              {
                kind: 'Argument',
                name: { kind: 'Name', value: 'filter' },
                value: {
                  kind: 'ObjectValue',
                  fields: [
                    {
                      kind: 'ObjectField',
                      name: { kind: 'Name', value: 'states' },
                      value: { kind: 'ListValue', values: [{ kind: 'EnumValue', value: 'IN_USE' }] },
                    },
                  ],
                },
              },
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'IntValue', value: '1' } },
            ],
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'totalCount' } }] },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<TotalsQuery, TotalsQueryVariables>;
export const HostNamesDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'HostNames' },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'hosts' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'status' } },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<HostNamesQuery, HostNamesQueryVariables>;
export const VolumesDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Volumes' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'VolumeFilter' } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'orderBy' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'VolumeOrder' } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'first' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'after' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'volumes' },
            arguments: [
              { kind: 'Argument', name: { kind: 'Name', value: 'filter' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'orderBy' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'orderBy' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'first' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'after' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'after' } } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'totalCount' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'VolumeLine' } }] },
                },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'pageInfo' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'hasNextPage' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'endCursor' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'VolumeLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'name' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'driver' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'shareCount' } },
          { kind: 'Field', name: { kind: 'Name', value: 'protected' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'firstSeenAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastMountedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastUsedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'composeProject' } },
          { kind: 'Field', name: { kind: 'Name', value: 'removedAt' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'host' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'status' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'labels' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                { kind: 'Field', name: { kind: 'Name', value: 'value' } },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<VolumesQuery, VolumesQueryVariables>;
export const ChangedVolumesDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'ChangedVolumes' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'changed' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'VolumeFilter' } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'VolumeFilter' } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'first' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            alias: { kind: 'Name', value: 'changed' },
            name: { kind: 'Name', value: 'volumes' },
            arguments: [
              { kind: 'Argument', name: { kind: 'Name', value: 'filter' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'changed' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'first' } } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'VolumeLine' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            alias: { kind: 'Name', value: 'all' },
            name: { kind: 'Name', value: 'volumes' },
            arguments: [
              { kind: 'Argument', name: { kind: 'Name', value: 'filter' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'IntValue', value: '1' } },
            ],
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'totalCount' } }] },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'VolumeLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'name' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'driver' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'shareCount' } },
          { kind: 'Field', name: { kind: 'Name', value: 'protected' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'firstSeenAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastMountedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastUsedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'composeProject' } },
          { kind: 'Field', name: { kind: 'Name', value: 'removedAt' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'host' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'status' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'labels' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                { kind: 'Field', name: { kind: 'Name', value: 'value' } },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<ChangedVolumesQuery, ChangedVolumesQueryVariables>;
export const VolumeDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Volume' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'host' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'name' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'id' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'ID' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'byId' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Boolean' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'sizes' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'backups' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'volume' },
            arguments: [
              { kind: 'Argument', name: { kind: 'Name', value: 'host' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'host' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'name' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'name' } } },
            ],
            directives: [
              {
                kind: 'Directive',
                name: { kind: 'Name', value: 'skip' },
                arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'if' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'byId' } } }],
              },
            ],
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'VolumeDetail' } }] },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'node' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'id' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'id' } } }],
            directives: [
              {
                kind: 'Directive',
                name: { kind: 'Name', value: 'include' },
                arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'if' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'byId' } } }],
              },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'InlineFragment',
                  typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'VolumeDetail' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'VolumeLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'name' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'driver' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'shareCount' } },
          { kind: 'Field', name: { kind: 'Name', value: 'protected' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'firstSeenAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastMountedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'lastUsedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'composeProject' } },
          { kind: 'Field', name: { kind: 'Name', value: 'removedAt' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'host' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'status' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'labels' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                { kind: 'Field', name: { kind: 'Name', value: 'value' } },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'BackupLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Backup' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'volumeName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'contentBytes' } },
          { kind: 'Field', name: { kind: 'Name', value: 'fileCount' } },
          { kind: 'Field', name: { kind: 'Name', value: 'consistent' } },
          { kind: 'Field', name: { kind: 'Name', value: 'encrypted' } },
          { kind: 'Field', name: { kind: 'Name', value: 'quiesce' } },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'VolumeDetail' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'FragmentSpread', name: { kind: 'Name', value: 'VolumeLine' } },
          { kind: 'Field', name: { kind: 'Name', value: 'anonymous' } },
          { kind: 'Field', name: { kind: 'Name', value: 'scope' } },
          { kind: 'Field', name: { kind: 'Name', value: 'mountpoint' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeMeasuredAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'sizeUnknownBecause' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'options' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                { kind: 'Field', name: { kind: 'Name', value: 'value' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'annotations' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                { kind: 'Field', name: { kind: 'Name', value: 'value' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'backupPolicy' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'cron' } },
                { kind: 'Field', name: { kind: 'Name', value: 'quiesce' } },
                { kind: 'Field', name: { kind: 'Name', value: 'keepLast' } },
                { kind: 'Field', name: { kind: 'Name', value: 'keepDaily' } },
                { kind: 'Field', name: { kind: 'Name', value: 'keepWeekly' } },
                { kind: 'Field', name: { kind: 'Name', value: 'nextRunAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'declared' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'mounts' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'type' } },
                { kind: 'Field', name: { kind: 'Name', value: 'destination' } },
                { kind: 'Field', name: { kind: 'Name', value: 'readOnly' } },
                { kind: 'Field', name: { kind: 'Name', value: 'origin' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'container' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'image' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'state' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'composeService' } },
                    ],
                  },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'shares' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
                { kind: 'Field', name: { kind: 'Name', value: 'identity' } },
                { kind: 'Field', name: { kind: 'Name', value: 'crossHost' } },
                { kind: 'Field', name: { kind: 'Name', value: 'writers' } },
                { kind: 'Field', name: { kind: 'Name', value: 'readers' } },
                { kind: 'Field', name: { kind: 'Name', value: 'risks' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'hosts' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'mounts' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'readOnly' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'destination' } },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'container' },
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'state' } },
                            {
                              kind: 'Field',
                              name: { kind: 'Name', value: 'host' },
                              selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                            },
                          ],
                        },
                      },
                    ],
                  },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'sizes' },
            arguments: [
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'sizes' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'newestFirst' }, value: { kind: 'BooleanValue', value: true } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'measuredAt' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
                    ],
                  },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'backups' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'backups' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'totalCount' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'BackupLine' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<VolumeQuery, VolumeQueryVariables>;
export const VolumeEventsDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'VolumeEvents' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'id' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'ID' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'first' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'after' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'node' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'id' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'id' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'InlineFragment',
                  typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'events' },
                        arguments: [
                          { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'first' } } },
                          { kind: 'Argument', name: { kind: 'Name', value: 'after' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'after' } } },
                        ],
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            {
                              kind: 'Field',
                              name: { kind: 'Name', value: 'nodes' },
                              selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'EventLine' } }] },
                            },
                            {
                              kind: 'Field',
                              name: { kind: 'Name', value: 'pageInfo' },
                              selectionSet: {
                                kind: 'SelectionSet',
                                selections: [
                                  { kind: 'Field', name: { kind: 'Name', value: 'hasNextPage' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'endCursor' } },
                                ],
                              },
                            },
                          ],
                        },
                      },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'EventLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'LifecycleEvent' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'cursor' } },
          { kind: 'Field', name: { kind: 'Name', value: 'type' } },
          { kind: 'Field', name: { kind: 'Name', value: 'source' } },
          { kind: 'Field', name: { kind: 'Name', value: 'occurredAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'hostName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'volumeName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'containerName' } },
          { kind: 'Field', name: { kind: 'Name', value: 'actor' } },
          { kind: 'Field', name: { kind: 'Name', value: 'attributes' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'volume' },
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'id' } }] },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'operation' },
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'id' } }] },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<VolumeEventsQuery, VolumeEventsQueryVariables>;
export const FilesDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Files' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'id' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'ID' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'path' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'first' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'after' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'node' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'id' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'id' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'InlineFragment',
                  typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Volume' } },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'files' },
                        arguments: [
                          { kind: 'Argument', name: { kind: 'Name', value: 'path' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'path' } } },
                          { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'first' } } },
                          { kind: 'Argument', name: { kind: 'Name', value: 'after' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'after' } } },
                        ],
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'complete' } },
                            {
                              kind: 'Field',
                              name: { kind: 'Name', value: 'nodes' },
                              selectionSet: {
                                kind: 'SelectionSet',
                                selections: [
                                  { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'type' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'mode' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'uid' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'gid' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'modifiedAt' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'linkTarget' } },
                                ],
                              },
                            },
                            {
                              kind: 'Field',
                              name: { kind: 'Name', value: 'pageInfo' },
                              selectionSet: {
                                kind: 'SelectionSet',
                                selections: [
                                  { kind: 'Field', name: { kind: 'Name', value: 'hasNextPage' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'endCursor' } },
                                ],
                              },
                            },
                          ],
                        },
                      },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<FilesQuery, FilesQueryVariables>;
export const SharesDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Shares' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'ShareFilter' } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'first' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'after' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'shares' },
            arguments: [
              { kind: 'Argument', name: { kind: 'Name', value: 'filter' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'first' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'after' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'after' } } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'totalCount' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'identity' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'crossHost' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'writers' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'readers' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'risks' } },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'hosts' },
                        selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                      },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'volumes' },
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                            {
                              kind: 'Field',
                              name: { kind: 'Name', value: 'host' },
                              selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                            },
                          ],
                        },
                      },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'mounts' },
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'readOnly' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'destination' } },
                            {
                              kind: 'Field',
                              name: { kind: 'Name', value: 'container' },
                              selectionSet: {
                                kind: 'SelectionSet',
                                selections: [
                                  { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                                  { kind: 'Field', name: { kind: 'Name', value: 'state' } },
                                  {
                                    kind: 'Field',
                                    name: { kind: 'Name', value: 'host' },
                                    selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                                  },
                                ],
                              },
                            },
                          ],
                        },
                      },
                    ],
                  },
                },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'pageInfo' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'hasNextPage' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'endCursor' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<SharesQuery, SharesQueryVariables>;
export const OperationsDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Operations' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'OperationFilter' } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'first' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } },
        },
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'after' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'String' } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'operations' },
            arguments: [
              { kind: 'Argument', name: { kind: 'Name', value: 'filter' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'first' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'first' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'after' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'after' } } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'totalCount' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'nodes' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'OperationLine' } }] },
                },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'pageInfo' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'hasNextPage' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'endCursor' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<OperationsQuery, OperationsQueryVariables>;
export const ProgressDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'subscription',
      name: { kind: 'Name', value: 'Progress' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'id' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'ID' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'operation' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'id' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'id' } } }],
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'OperationLine' } }] },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<ProgressSubscription, ProgressSubscriptionVariables>;
export const PrunePlanDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'PrunePlan' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'VolumeFilter' } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'prunePlan' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'filter' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'expiresAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'reclaimableBytes' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'remove' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'lastMountedAt' } },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'host' },
                        selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                      },
                    ],
                  },
                },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'spare' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'reason' } },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'volume' },
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                            {
                              kind: 'Field',
                              name: { kind: 'Name', value: 'host' },
                              selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                            },
                          ],
                        },
                      },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<PrunePlanQuery, PrunePlanQueryVariables>;
export const ApplyPruneDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'ApplyPrune' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'ApplyPruneInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'applyPrune' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'results' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'removed' } },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'host' },
                        selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                      },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'error' },
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'message' } },
                          ],
                        },
                      },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<ApplyPruneMutation, ApplyPruneMutationVariables>;
export const CreateVolumeDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'CreateVolume' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'CreateVolumeInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'createVolume' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'results' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'created' } },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'host' },
                        selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                      },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'volume' },
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                          ],
                        },
                      },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'error' },
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'message' } },
                          ],
                        },
                      },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<CreateVolumeMutation, CreateVolumeMutationVariables>;
export const UpdateVolumeDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'UpdateVolume' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'UpdateVolumeInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'updateVolume' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'volume' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'protected' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<UpdateVolumeMutation, UpdateVolumeMutationVariables>;
export const RemoveVolumesDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'RemoveVolumes' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'RemoveVolumeInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'removeVolumes' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'results' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'removed' } },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'host' },
                        selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                      },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'error' },
                        selectionSet: {
                          kind: 'SelectionSet',
                          selections: [
                            { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'message' } },
                          ],
                        },
                      },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<RemoveVolumesMutation, RemoveVolumesMutationVariables>;
export const CloneVolumeDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'CloneVolume' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'CloneVolumeInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'cloneVolume' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'operation' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'OperationLine' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<CloneVolumeMutation, CloneVolumeMutationVariables>;
export const MigrateVolumeDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'MigrateVolume' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'MigrateVolumeInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'migrateVolume' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'operation' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'OperationLine' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<MigrateVolumeMutation, MigrateVolumeMutationVariables>;
export const BackupVolumeDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'BackupVolume' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'BackupVolumeInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'backupVolume' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'operation' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'OperationLine' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<BackupVolumeMutation, BackupVolumeMutationVariables>;
export const RestoreVolumeDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'RestoreVolume' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'RestoreVolumeInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'restoreVolume' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'operation' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'OperationLine' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<RestoreVolumeMutation, RestoreVolumeMutationVariables>;
export const MeasureVolumesDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'MeasureVolumes' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'MeasureVolumesInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'measureVolumes' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'operation' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'OperationLine' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<MeasureVolumesMutation, MeasureVolumesMutationVariables>;
export const CancelOperationDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'CancelOperation' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'id' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'ID' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'cancelOperation' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'id' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'id' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'operation' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'OperationLine' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<CancelOperationMutation, CancelOperationMutationVariables>;
export const RenameVolumeDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'RenameVolume' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'RenameVolumeInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'renameVolume' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'operation' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'FragmentSpread', name: { kind: 'Name', value: 'OperationLine' } }] },
                },
              ],
            },
          },
        ],
      },
    },
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'OperationLine' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'Operation' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          { kind: 'Field', name: { kind: 'Name', value: 'id' } },
          { kind: 'Field', name: { kind: 'Name', value: 'kind' } },
          { kind: 'Field', name: { kind: 'Name', value: 'state' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
          { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
          { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'startedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'finishedAt' } },
          { kind: 'Field', name: { kind: 'Name', value: 'requestedBy' } },
          { kind: 'Field', name: { kind: 'Name', value: 'warnings' } },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'error' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'code' } },
                { kind: 'Field', name: { kind: 'Name', value: 'message' } },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'source' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'target' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<RenameVolumeMutation, RenameVolumeMutationVariables>;
export const SetBackupPolicyDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'SetBackupPolicy' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'SetBackupPolicyInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'setBackupPolicy' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'policy' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'cron' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'nextRunAt' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<SetBackupPolicyMutation, SetBackupPolicyMutationVariables>;
export const AdministeredHostsDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'AdministeredHosts' },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'hosts' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'endpoint' } },
                { kind: 'Field', name: { kind: 'Name', value: 'status' } },
                { kind: 'Field', name: { kind: 'Name', value: 'statusReason' } },
                { kind: 'Field', name: { kind: 'Name', value: 'declared' } },
                { kind: 'Field', name: { kind: 'Name', value: 'declaredIn' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'labels' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'key' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'value' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<AdministeredHostsQuery, AdministeredHostsQueryVariables>;
export const AddHostDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'AddHost' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'AddHostInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'addHost' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'status' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'statusReason' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<AddHostMutation, AddHostMutationVariables>;
export const UpdateHostDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'UpdateHost' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'UpdateHostInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'updateHost' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'host' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'status' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'statusReason' } },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<UpdateHostMutation, UpdateHostMutationVariables>;
export const RemoveHostDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'RemoveHost' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'RemoveHostInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'removeHost' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'removed' } }] },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<RemoveHostMutation, RemoveHostMutationVariables>;
export const TokensDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Tokens' },
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'tokens' },
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                { kind: 'Field', name: { kind: 'Name', value: 'role' } },
                { kind: 'Field', name: { kind: 'Name', value: 'hosts' } },
                { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'expiresAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'lastUsedAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'revokedAt' } },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<TokensQuery, TokensQueryVariables>;
export const CreateTokenDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'CreateToken' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'input' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'CreateTokenInput' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'createToken' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'input' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'input' } } }],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'secret' } },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'token' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<CreateTokenMutation, CreateTokenMutationVariables>;
export const RevokeTokenDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'mutation',
      name: { kind: 'Name', value: 'RevokeToken' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'id' } },
          type: { kind: 'NonNullType', type: { kind: 'NamedType', name: { kind: 'Name', value: 'ID' } } },
        },
      ],
      selectionSet: {
        kind: 'SelectionSet',
        selections: [
          {
            kind: 'Field',
            name: { kind: 'Name', value: 'revokeToken' },
            arguments: [{ kind: 'Argument', name: { kind: 'Name', value: 'id' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'id' } } }],
            selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'removed' } }] },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<RevokeTokenMutation, RevokeTokenMutationVariables>;
