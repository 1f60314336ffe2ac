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

/** Names are compared whole. */
export type EventFilter = {
  readonly container?: string | null | undefined;
  readonly hosts?: ReadonlyArray<string> | null | undefined;
  readonly types?: ReadonlyArray<LifecycleEventType> | null | undefined;
  readonly volume?: string | null | undefined;
};

/** How it became known. */
export type EventSource =
  /** The engine said so as it happened. */
  | 'ENGINE'
  /** Done by the gateway itself. */
  | 'GATEWAY'
  /** Found by comparing, after a gap or at first sight. */
  | 'RECONCILED';

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

export type OperationState = 'CANCELED' | 'FAILED' | 'QUEUED' | 'RUNNING' | 'SUCCEEDED';

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

/** What a caller may do. */
export type Role =
  /** Also changes hosts and tokens, and may mount host paths. */
  | 'ADMIN'
  /** Also changes volumes, containers and backups. */
  | 'OPERATOR'
  /** Reads and subscribes. */
  | 'VIEWER';

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

export type CreateVolumeMutationVariables = Exact<{
  input: CreateVolumeInput;
}>;

export type CreateVolumeMutation = {
  readonly createVolume: {
    readonly results: ReadonlyArray<{
      readonly created: boolean;
      readonly host: { readonly name: string };
      readonly volume: { readonly id: string; readonly name: string; readonly driver: string; readonly mountpoint: string } | null;
      readonly error: { readonly code: string; readonly message: string } | null;
    }>;
  };
};

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

export type PrunePlanQueryVariables = Exact<{
  filter?: VolumeFilter | null | undefined;
}>;

export type PrunePlanQuery = {
  readonly prunePlan: {
    readonly id: string;
    readonly createdAt: string;
    readonly expiresAt: string;
    readonly reclaimableBytes: number | string | null;
    readonly remove: ReadonlyArray<{
      readonly id: string;
      readonly name: string;
      readonly sizeBytes: number | string | null;
      readonly host: { readonly name: string };
    }>;
    readonly spare: ReadonlyArray<{
      readonly reason: string;
      readonly volume: { readonly id: string; readonly name: string; readonly sizeBytes: number | string | null; readonly host: { readonly name: string } };
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

export type LatestCursorQueryVariables = Exact<{ [key: string]: never }>;

export type LatestCursorQuery = { readonly latestCursor: string };

export type WatchSubscriptionVariables = Exact<{
  filter?: EventFilter | null | undefined;
  after?: string | null | undefined;
}>;

export type WatchSubscription = {
  readonly events: {
    readonly cursor: string;
    readonly type: LifecycleEventType;
    readonly source: EventSource;
    readonly occurredAt: string;
    readonly recordedAt: string;
    readonly hostName: string | null;
    readonly volumeName: string | null;
    readonly containerName: string | null;
    readonly actor: string | null;
    readonly attributes: unknown;
  };
};

export type ListTokensQueryVariables = Exact<{ [key: string]: never }>;

export type ListTokensQuery = {
  readonly tokens: ReadonlyArray<{
    readonly id: string;
    readonly name: string;
    readonly role: Role;
    readonly hosts: ReadonlyArray<string> | null;
    readonly createdAt: string;
    readonly lastUsedAt: string | null;
    readonly expiresAt: string | null;
    readonly revokedAt: string | null;
  }>;
};

export type CreateTokenMutationVariables = Exact<{
  input: CreateTokenInput;
}>;

export type CreateTokenMutation = {
  readonly createToken: {
    readonly secret: string;
    readonly token: {
      readonly id: string;
      readonly name: string;
      readonly role: Role;
      readonly hosts: ReadonlyArray<string> | null;
      readonly expiresAt: string | null;
    };
  };
};

export type RevokeTokenMutationVariables = Exact<{
  id: string | number;
}>;

export type RevokeTokenMutation = { readonly revokeToken: { readonly removed: boolean } };

export type ListHostsQueryVariables = Exact<{ [key: string]: never }>;

export type ListHostsQuery = {
  readonly hosts: ReadonlyArray<{
    readonly name: string;
    readonly endpoint: string;
    readonly status: HostStatus;
    readonly statusReason: string | null;
    readonly declaredIn: string | null;
    readonly lastSyncedAt: string | null;
    readonly labels: ReadonlyArray<{ readonly key: string; readonly value: string }>;
    readonly engine: { readonly version: string } | null;
    readonly stats: { readonly volumes: number; readonly containers: number };
  }>;
};

export type AddHostMutationVariables = Exact<{
  input: AddHostInput;
}>;

export type AddHostMutation = {
  readonly addHost: {
    readonly host: { readonly name: string; readonly endpoint: string; readonly status: HostStatus; readonly engine: { readonly version: string } | null };
  };
};

export type RemoveHostMutationVariables = Exact<{
  input: RemoveHostInput;
}>;

export type RemoveHostMutation = { readonly removeHost: { readonly removed: boolean } };

export type BackupVolumeMutationVariables = Exact<{
  input: BackupVolumeInput;
}>;

export type BackupVolumeMutation = { readonly backupVolume: { readonly operation: { readonly id: string } } };

export type FollowOperationQueryVariables = Exact<{
  id: string | number;
}>;

export type FollowOperationQuery = {
  readonly operation: {
    readonly id: string;
    readonly state: OperationState;
    readonly bytesDone: number | string;
    readonly bytesTotal: number | string | null;
    readonly warnings: ReadonlyArray<string>;
    readonly error: { readonly code: string; readonly message: string } | null;
    readonly backup: {
      readonly id: string;
      readonly location: string;
      readonly sizeBytes: number | string;
      readonly contentBytes: number | string;
      readonly fileCount: number;
      readonly consistent: boolean;
    } | null;
  } | null;
};

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
                            { kind: 'Field', name: { kind: 'Name', value: 'driver' } },
                            { kind: 'Field', name: { kind: 'Name', value: 'mountpoint' } },
                          ],
                        },
                      },
                      { kind: 'Field', name: { kind: 'Name', value: 'created' } },
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
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'host' },
                        selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                      },
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'removed' } },
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
                { kind: 'Field', name: { kind: 'Name', value: 'createdAt' } },
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
                            { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
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
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'host' },
                        selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'name' } }] },
                      },
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'removed' } },
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
export const WatchDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'subscription',
      name: { kind: 'Name', value: 'Watch' },
      variableDefinitions: [
        {
          kind: 'VariableDefinition',
          variable: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } },
          type: { kind: 'NamedType', name: { kind: 'Name', value: 'EventFilter' } },
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
              { kind: 'Argument', name: { kind: 'Name', value: 'filter' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'filter' } } },
              { kind: 'Argument', name: { kind: 'Name', value: 'after' }, value: { kind: 'Variable', name: { kind: 'Name', value: 'after' } } },
            ],
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'cursor' } },
                { kind: 'Field', name: { kind: 'Name', value: 'type' } },
                { kind: 'Field', name: { kind: 'Name', value: 'source' } },
                { kind: 'Field', name: { kind: 'Name', value: 'occurredAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'recordedAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'hostName' } },
                { kind: 'Field', name: { kind: 'Name', value: 'volumeName' } },
                { kind: 'Field', name: { kind: 'Name', value: 'containerName' } },
                { kind: 'Field', name: { kind: 'Name', value: 'actor' } },
                { kind: 'Field', name: { kind: 'Name', value: 'attributes' } },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<WatchSubscription, WatchSubscriptionVariables>;
export const ListTokensDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'ListTokens' },
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
                { kind: 'Field', name: { kind: 'Name', value: 'lastUsedAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'expiresAt' } },
                { kind: 'Field', name: { kind: 'Name', value: 'revokedAt' } },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<ListTokensQuery, ListTokensQueryVariables>;
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
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'name' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'role' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'hosts' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'expiresAt' } },
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
export const ListHostsDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'ListHosts' },
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
                { kind: 'Field', name: { kind: 'Name', value: 'endpoint' } },
                { kind: 'Field', name: { kind: 'Name', value: 'status' } },
                { kind: 'Field', name: { kind: 'Name', value: 'statusReason' } },
                { kind: 'Field', name: { kind: 'Name', value: 'declaredIn' } },
                { kind: 'Field', name: { kind: 'Name', value: 'lastSyncedAt' } },
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
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'engine' },
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'version' } }] },
                },
                {
                  kind: 'Field',
                  name: { kind: 'Name', value: 'stats' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'volumes' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'containers' } },
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
} as unknown as DocumentNode<ListHostsQuery, ListHostsQueryVariables>;
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
                      { kind: 'Field', name: { kind: 'Name', value: 'endpoint' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'status' } },
                      {
                        kind: 'Field',
                        name: { kind: 'Name', value: 'engine' },
                        selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'version' } }] },
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
} as unknown as DocumentNode<AddHostMutation, AddHostMutationVariables>;
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
                  selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'id' } }] },
                },
              ],
            },
          },
        ],
      },
    },
  ],
} as unknown as DocumentNode<BackupVolumeMutation, BackupVolumeMutationVariables>;
export const FollowOperationDocument = {
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'FollowOperation' },
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
            selectionSet: {
              kind: 'SelectionSet',
              selections: [
                { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                { kind: 'Field', name: { kind: 'Name', value: 'state' } },
                { kind: 'Field', name: { kind: 'Name', value: 'bytesDone' } },
                { kind: 'Field', name: { kind: 'Name', value: 'bytesTotal' } },
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
                  name: { kind: 'Name', value: 'backup' },
                  selectionSet: {
                    kind: 'SelectionSet',
                    selections: [
                      { kind: 'Field', name: { kind: 'Name', value: 'id' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'location' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'sizeBytes' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'contentBytes' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'fileCount' } },
                      { kind: 'Field', name: { kind: 'Name', value: 'consistent' } },
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
} as unknown as DocumentNode<FollowOperationQuery, FollowOperationQueryVariables>;
