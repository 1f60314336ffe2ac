import type { AccessToken as TokenRow } from '../access/tokens.js';
import type { PartOf } from '../inventory/columns.js';
import type { Page } from '../inventory/pages.js';
import type { MountPart, VolumePart } from '../inventory/volumes.js';
import type { ShownBackup, ShownOperation, ShownPolicy } from '../operations/lists.js';
import type { Entry } from '../journal/entry.js';
import { formatCursor } from '../journal/read.js';
import { formatId } from './global-id.js';
import type { Problem } from '../problems.js';
import type { ProblemType } from './types/common.js';
import type { PageOf } from './types/connections.js';
import { AccessToken } from './types/access.js';
import { LifecycleEvent } from './types/events.js';
import { Role } from './types/enums.js';
import { Backup, BackupPolicy, Operation } from './types/operations.js';
import { Container, Host, Mount, Share, Volume } from './types/inventory.js';

// Rows of the database become objects of the schema as they are: a copy of each would be much of the cost of an answer.
// They are given their class, since type-graphql copies what has none and `node` tells types apart by it; so are the rows
// that were read with them. Only what the operation asks for is in a row (selection.ts); its global id is made where it is
// asked for (schema.ts).

export function toHost(row: PartOf<'host'>): Host {
  return Object.setPrototypeOf(row, Host.prototype) as Host;
}

export function toVolume(row: VolumePart): Volume {
  if (row.host !== undefined) toHost(row.host);
  if (row.mounts !== undefined) for (const mount of row.mounts) toMount(mount);
  return Object.setPrototypeOf(row, Volume.prototype) as Volume;
}

export function toContainer(row: PartOf<'container'>): Container {
  return Object.setPrototypeOf(row, Container.prototype) as Container;
}

export function toMount(row: MountPart): Mount {
  if (row.container !== undefined) toContainer(row.container);
  return Object.setPrototypeOf(row, Mount.prototype) as Mount;
}

export function toShare(row: PartOf<'share'>): Share {
  return Object.setPrototypeOf(row, Share.prototype) as Share;
}

export function toEvent(entry: Entry): LifecycleEvent {
  return Object.assign(new LifecycleEvent(), {
    id: formatId('LifecycleEvent', String(entry.position)),
    hostKey: entry.hostId,
    volumeKey: entry.volumeId,
    containerKey: entry.containerId,
    shareKey: entry.shareId,
    operationKey: entry.operationId,
    cursor: formatCursor(entry.position),
    type: entry.type,
    source: entry.source,
    occurredAt: entry.occurredAt,
    recordedAt: entry.recordedAt,
    actor: entry.actor,
    address: entry.address,
    attributes: entry.attributes,
    hostName: entry.hostName,
    volumeName: entry.volumeName,
    containerName: entry.containerName,
  });
}

export function toOperation(row: ShownOperation): Operation {
  const { problemCode, problemMessage } = row;
  return Object.assign(new Operation(), {
    id: formatId('Operation', row.id),
    sourceKey: row.sourceVolumeId,
    targetKey: row.targetVolumeId,
    backupKey: row.backupId,
    kind: row.kind,
    state: row.state,
    bytesDone: row.bytesDone,
    bytesTotal: row.bytesTotal,
    error: problemCode === null ? null : { code: problemCode, message: problemMessage ?? '' },
    warnings: row.warnings,
    requestedBy: row.requestedBy,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
  });
}

/** Which file it stands in is for ADMIN only. */
export function toPolicy({ declaredIn, ...row }: ShownPolicy): BackupPolicy {
  return Object.assign(new BackupPolicy(), row, { declared: declaredIn !== null });
}

export function toBackup(row: ShownBackup): Backup {
  return Object.assign(new Backup(), {
    id: formatId('Backup', row.id),
    hostKey: row.hostId,
    volumeKey: row.volumeId,
    volumeName: row.volumeName,
    createdAt: row.createdAt,
    sizeBytes: row.sizeBytes,
    contentBytes: row.contentBytes,
    fileCount: row.fileCount,
    sha256: row.sha256,
    location: row.location,
    quiesce: row.quiesce,
    consistent: row.consistent,
    encrypted: row.encrypted,
  });
}

/** A token as it is shown: never its hash. */
export function toToken({ id, name, role, allHosts, hosts, createdAt, expiresAt, lastUsedAt, revokedAt }: TokenRow): AccessToken {
  const shown = { name, role: Role[role], hosts: allHosts ? null : hosts, createdAt, expiresAt, lastUsedAt, revokedAt };
  return Object.assign(new AccessToken(), { id: formatId('AccessToken', id), ...shown });
}

/** A problem inside a result. A plain object: GraphQL would throw an instance of Error. */
export function toProblem(problem: Problem | null): ProblemType | null {
  return problem === null ? null : { code: problem.code, message: problem.message };
}

/** A page of rows as a page of schema objects. */
export function toPage<Row, Item>(page: Page<Row>, toItem: (row: Row) => Item): PageOf<Item> {
  const { cursorOf, hasNextPage, hasPreviousPage, count } = page;
  return { nodes: page.rows.map(toItem), cursorOf, hasNextPage, hasPreviousPage, count };
}
