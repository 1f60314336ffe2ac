import type { Caller } from './caller.js';

/** What a field of query, mutation or subscription has to do with hosts, for a caller for whom only some exist. */
export type HostRule =
  /** Nothing of any host is in it. */
  | { readonly kind: 'NOTHING' }
  /** It shows what the caller's own view of the inventory has, and works on nothing else. */
  | { readonly kind: 'VIEW' }
  /** It is for callers with all hosts only: it reaches beyond any one of them. */
  | { readonly kind: 'ALL_HOSTS' }
  /** It works on hosts that its arguments name; each of them must exist for the caller. */
  | {
      readonly kind: 'NAMED';
      /** Where names of hosts stand in the arguments; lists on the way count with all of their entries. */
      readonly names: readonly string[];
      /** Where ids of backups and operations stand, which must be in the caller's view. */
      readonly ids?: readonly string[];
      /** The argument that, where it is absent, stands for all hosts that exist for the caller. */
      readonly allWithout?: string;
      /** Whether hosts that are disabled are not meant by that. */
      readonly enabledOnly?: true;
    };

/** Who may use a field of query, mutation or subscription. */
export interface FieldRule {
  /** The least role. */
  readonly role: Caller['role'];
  readonly hosts: HostRule;
}

const NOTHING: HostRule = { kind: 'NOTHING' };
const VIEW: HostRule = { kind: 'VIEW' };
const ALL_HOSTS: HostRule = { kind: 'ALL_HOSTS' };

const reads: FieldRule = { role: 'VIEWER', hosts: VIEW };
const administers: FieldRule = { role: 'ADMIN', hosts: ALL_HOSTS };
const changes = (...names: string[]): FieldRule => ({ role: 'OPERATOR', hosts: { kind: 'NAMED', names } });

/**
 * Every query, mutation and subscription. The one table that decides, over any transport: a field without an entry here is
 * refused, `npm run schema` ends with an error for it, and a test fails.
 */
export const ROOT_FIELDS: Readonly<Record<'Query' | 'Mutation' | 'Subscription', Readonly<Record<string, FieldRule>>>> = {
  Query: {
    node: reads,
    hosts: reads,
    host: reads,
    volume: reads,
    volumes: reads,
    container: reads,
    containers: reads,
    shares: reads,
    findings: reads,
    impact: reads,
    events: reads,
    latestCursor: { role: 'VIEWER', hosts: NOTHING },
    operation: reads,
    operations: reads,
    backups: reads,
    prunePlan: reads,
    viewer: { role: 'VIEWER', hosts: NOTHING },
    limits: { role: 'VIEWER', hosts: NOTHING },
    tokens: administers,
  },
  Mutation: {
    addHost: administers,
    // Another endpoint under a name that a token is for would let it reach any engine.
    updateHost: administers,
    removeHost: administers,
    syncHosts: { role: 'OPERATOR', hosts: { kind: 'NAMED', names: ['hosts'], allWithout: 'hosts' } },
    createVolume: changes('input.hosts'),
    updateVolume: changes('input.volume.host'),
    removeVolumes: changes('input.volumes.host'),
    applyPrune: { role: 'OPERATOR', hosts: VIEW },
    runContainer: changes('input.host'),
    startContainer: changes('container.host'),
    stopContainer: changes('input.container.host'),
    removeContainer: changes('input.container.host'),
    cloneVolume: changes('input.source.host'),
    renameVolume: changes('input.volume.host'),
    migrateVolume: changes('input.source.host', 'input.toHost'),
    backupVolume: changes('input.volume.host'),
    verifyBackup: { role: 'OPERATOR', hosts: { kind: 'NAMED', names: [], ids: ['backup'] } },
    restoreVolume: { role: 'OPERATOR', hosts: { kind: 'NAMED', names: ['input.host'], ids: ['input.backup'] } },
    deleteBackup: { role: 'OPERATOR', hosts: { kind: 'NAMED', names: [], ids: ['backup'] } },
    measureVolumes: { role: 'OPERATOR', hosts: { kind: 'NAMED', names: ['input.hosts'], allWithout: 'input.hosts', enabledOnly: true } },
    cancelOperation: { role: 'OPERATOR', hosts: { kind: 'NAMED', names: [], ids: ['id'] } },
    setBackupPolicy: changes('input.volume.host'),
    createToken: administers,
    revokeToken: administers,
  },
  Subscription: {
    events: reads,
    operation: reads,
  },
};

/** Who may read a field of a type that not everyone may who may read the others. */
export interface TypeFieldRule {
  readonly role: Caller['role'];
  /** What others are answered: FORBIDDEN, null as if there were nothing, or of a path its last part. */
  readonly otherwise: 'REFUSED' | 'NULL' | 'LAST_PART';
}

/** Fields of types that need more than the field that they are reached through. */
export const TYPE_FIELDS: Readonly<Record<string, TypeFieldRule>> = {
  // What files hold and are named is not part of the inventory.
  'Volume.files': { role: 'OPERATOR', otherwise: 'REFUSED' },
  // Where the gateway keeps its files, or which bucket is its.
  'Backup.location': { role: 'ADMIN', otherwise: 'LAST_PART' },
  // A path of the gateway's machine.
  'Host.declaredIn': { role: 'ADMIN', otherwise: 'NULL' },
  'LifecycleEvent.address': { role: 'ADMIN', otherwise: 'NULL' },
};
