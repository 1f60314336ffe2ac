import { asRecord, asText } from '../engine/model.js';
import type { Container as ContainerRow } from '../inventory/containers.js';
import type { Host as HostRow } from '../inventory/hosts.js';
import type { Mount as MountRow, Share as ShareRow } from '../inventory/lookups.js';
import type { Page } from '../inventory/pages.js';
import type { Volume as VolumeRow } from '../inventory/volumes.js';
import type { Entry } from '../journal/entry.js';
import { formatCursor } from '../journal/read.js';
import { formatId } from './global-id.js';
import type { Problem } from '../problems.js';
import { asPairs, type ProblemType } from './types/common.js';
import type { PageOf } from './types/connections.js';
import { LifecycleEvent } from './types/events.js';
import { Container, Host, Mount, Share, Volume } from './types/inventory.js';

// Rows of the database as objects of the schema. Instances of their classes, since `node` tells types apart by them.

export function toHost(row: HostRow): Host {
  const engine = asRecord(row.engine);
  return Object.assign(new Host(), {
    id: formatId('Host', row.id),
    key: row.id,
    name: row.name,
    endpoint: row.endpoint,
    status: row.status,
    statusReason: row.statusReason,
    lastSeenAt: row.lastSeenAt,
    lastSyncedAt: row.lastSyncedAt,
    labels: asPairs(row.labels),
    engine:
      row.engine === null
        ? null
        : {
            version: asText(engine['version']),
            apiVersion: asText(engine['apiVersion']),
            os: asText(engine['os']),
            arch: asText(engine['arch']),
            storageDriver: typeof engine['storageDriver'] === 'string' ? engine['storageDriver'] : null,
            name: typeof engine['name'] === 'string' ? engine['name'] : null,
          },
  });
}

export function toVolume(row: VolumeRow): Volume {
  return Object.assign(new Volume(), {
    id: formatId('Volume', row.id),
    key: row.id,
    hostKey: row.hostId,
    stored: { options: row.options as Record<string, string>, sealedOptions: row.sealedOptions },
    name: row.name,
    driver: row.driver,
    scope: row.scope,
    mountpoint: row.mountpoint,
    labels: asPairs(row.labels),
    anonymous: row.anonymous,
    composeProject: row.composeProject,
    state: row.state,
    createdAt: row.createdAt,
    firstSeenAt: row.firstSeenAt,
    removedAt: row.removedAt,
    lastMountedAt: row.lastMountedAt,
    lastUsedBy: row.lastUsedBy,
    sizeBytes: row.sizeBytes,
    sizeMeasuredAt: row.sizeMeasuredAt,
    sizeUnknownBecause: row.sizeUnknownBecause,
    protected: row.protected,
    annotations: asPairs(row.annotations),
    shareCount: row.shareCount,
  });
}

export function toContainer(row: ContainerRow): Container {
  return Object.assign(new Container(), {
    id: formatId('Container', row.id),
    key: row.id,
    hostKey: row.hostId,
    donorKeys: row.volumesFrom,
    engineId: row.engineId,
    name: row.name,
    image: row.image,
    state: row.state,
    labels: asPairs(row.labels),
    composeProject: row.composeProject,
    composeService: row.composeService,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    removedAt: row.removedAt,
  });
}

export function toMount(row: MountRow): Mount {
  return Object.assign(new Mount(), {
    id: formatId('Mount', row.id),
    key: row.id,
    containerKey: row.containerId,
    volumeKey: row.volumeId,
    type: row.type,
    source: row.source,
    destination: row.destination,
    readOnly: row.readOnly,
    propagation: row.propagation,
    origin: row.origin,
  });
}

export function toShare(row: ShareRow): Share {
  return Object.assign(new Share(), {
    id: formatId('Share', row.id),
    key: row.id,
    kind: row.kind,
    identity: row.identity,
    crossHost: row.hostId === null,
    multipleWriters: row.multipleWriters,
    crossHostWriters: row.crossHostWriters,
  });
}

export function toEvent(entry: Entry): LifecycleEvent {
  return Object.assign(new LifecycleEvent(), {
    id: formatId('LifecycleEvent', String(entry.position)),
    hostKey: entry.hostId,
    volumeKey: entry.volumeId,
    containerKey: entry.containerId,
    shareKey: entry.shareId,
    cursor: formatCursor(entry.position),
    type: entry.type,
    source: entry.source,
    occurredAt: entry.occurredAt,
    recordedAt: entry.recordedAt,
    actor: entry.actor,
    attributes: entry.attributes,
    hostName: entry.hostName,
    volumeName: entry.volumeName,
    containerName: entry.containerName,
  });
}

/** A problem inside a result. A plain object: GraphQL would throw an instance of Error. */
export function toProblem(problem: Problem | null): ProblemType | null {
  return problem === null ? null : { code: problem.code, message: problem.message };
}

/** A page of rows as a page of schema objects. */
export function toPage<Row, Item>(page: Page<Row>, toItem: (row: Row) => Item): PageOf<Item> {
  return { ...page, items: page.items.map(({ row, cursor }) => ({ node: toItem(row), cursor })) };
}
