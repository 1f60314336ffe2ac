import { Problem } from '../problems.js';
import type { Caller } from './caller.js';

type Role = Caller['role'];

const RANK: Readonly<Record<Role, number>> = { VIEWER: 0, OPERATOR: 1, ADMIN: 2 };

/**
 * The least role for every query, mutation and subscription. The one place that decides: a field without an entry here
 * is refused, and a test fails for it.
 */
export const REQUIRED_ROLES: Readonly<Record<'Query' | 'Mutation' | 'Subscription', Readonly<Record<string, Role>>>> = {
  Query: {
    node: 'VIEWER',
    hosts: 'VIEWER',
    host: 'VIEWER',
    volume: 'VIEWER',
    volumes: 'VIEWER',
    container: 'VIEWER',
    containers: 'VIEWER',
    shares: 'VIEWER',
    findings: 'VIEWER',
    impact: 'VIEWER',
    events: 'VIEWER',
    latestCursor: 'VIEWER',
    operation: 'VIEWER',
    operations: 'VIEWER',
    backups: 'VIEWER',
    prunePlan: 'VIEWER',
    viewer: 'VIEWER',
    tokens: 'ADMIN',
  },
  Mutation: {
    addHost: 'ADMIN',
    updateHost: 'ADMIN',
    removeHost: 'ADMIN',
    syncHosts: 'OPERATOR',
    createVolume: 'OPERATOR',
    updateVolume: 'OPERATOR',
    removeVolumes: 'OPERATOR',
    applyPrune: 'OPERATOR',
    runContainer: 'OPERATOR',
    startContainer: 'OPERATOR',
    stopContainer: 'OPERATOR',
    removeContainer: 'OPERATOR',
    cloneVolume: 'OPERATOR',
    renameVolume: 'OPERATOR',
    migrateVolume: 'OPERATOR',
    backupVolume: 'OPERATOR',
    verifyBackup: 'OPERATOR',
    restoreVolume: 'OPERATOR',
    deleteBackup: 'OPERATOR',
    measureVolumes: 'OPERATOR',
    cancelOperation: 'OPERATOR',
    setBackupPolicy: 'OPERATOR',
    createToken: 'ADMIN',
    revokeToken: 'ADMIN',
  },
  Subscription: {
    events: 'VIEWER',
    operation: 'VIEWER',
  },
};

/** @throws {Problem} FORBIDDEN when the caller's role does not reach, or nobody decided about the field. */
export function authorize(caller: Caller, root: keyof typeof REQUIRED_ROLES, field: string): void {
  const required = REQUIRED_ROLES[root][field];
  if (required === undefined) throw new Problem('FORBIDDEN', `${root}.${field} is open to nobody.`);
  if (RANK[caller.role] < RANK[required]) {
    throw new Problem('FORBIDDEN', `${root}.${field} needs the role ${required}, and "${caller.name}" has ${caller.role}.`);
  }
}

/** Whether driver options may be shown to this caller with the passwords in them. */
export function maySeeSecrets(caller: Caller): boolean {
  return caller.role === 'ADMIN';
}

/** Everything of a caller that decides what it sees, as a key: callers of one key are shown the same. */
export function sightOf({ role, hosts }: Caller): string {
  return `${role} ${hosts === null ? '*' : JSON.stringify([...hosts].sort())}`;
}

/** For a look into a volume: what files hold and are named is not part of the inventory. @throws {Problem} FORBIDDEN. */
export function requireContentAccess(caller: Caller): void {
  if (RANK[caller.role] >= RANK.OPERATOR) return;
  throw new Problem('FORBIDDEN', `The content of volumes needs the role OPERATOR, and "${caller.name}" has ${caller.role}.`);
}
