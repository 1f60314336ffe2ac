import { Prisma, type Database, type Transaction } from '../database/client.js';
import type { Volume } from '../generated/prisma/client.js';
import { appendEntries } from '../journal/append.js';
import type { JsonValue, NewEntry } from '../journal/entry.js';
import { Problem } from '../problems.js';
import { putContainer, emptyPicture, shareKey, type HostPicture, type KnownContainer, type KnownShare, type KnownVolume, type TextRecord } from './picture.js';
import type { Sealer } from '../sealing.js';
import type { Changes } from './changes.js';
import { maskOptions, openOptions, storeOptions } from './driver-options.js';
import { requireLease, type Lease } from './lease.js';
import { writeNetworkSpots } from './network-shares.js';
import { refuseWhileRemoving } from './removal-claims.js';
import { noteRevision } from './revision.js';
import { claimedSuccessions, succeedVolume, type Succession } from './succession.js';
import { describeNotes } from './volume-notes.js';
import { keepSizes } from './volume-sizes.js';

/** Milliseconds for one commit of changes, also of thousands of rows. */
const TRANSACTION_TIMEOUT_MS = 30_000;
/** Milliseconds to wait for a free connection. */
const TRANSACTION_WAIT_MS = 5_000;

const PROJECT_LABEL = 'com.docker.compose.project';
const SERVICE_LABEL = 'com.docker.compose.service';

/** Reads what is known of a host: its living volumes, containers and shares. */
export async function loadPicture(database: Database, sealer: Sealer, host: { id: string; name: string }): Promise<HostPicture> {
  const picture = emptyPicture(host);
  const living = { hostId: host.id, removedAt: null };
  const [volumes, containers, shares, network] = await Promise.all([
    database.volume.findMany({ where: living }),
    database.container.findMany({ where: living, include: { mounts: true } }),
    database.share.findMany({ where: { hostId: host.id, kind: { not: 'NETWORK' } }, include: { mounts: true } }),
    database.networkSpot.findMany({ where: { hostId: host.id } }),
  ]);
  for (const { hostId: _host, ...spot } of network) picture.network.set(spot.mountId, spot);
  for (const row of volumes) {
    const stored = { options: row.options as TextRecord, sealedOptions: row.sealedOptions };
    const options = openOptions(sealer, row.id, stored);
    const volume: KnownVolume = {
      id: row.id,
      name: row.name,
      driver: row.driver,
      scope: row.scope,
      mountpoint: row.mountpoint,
      options: options ?? maskOptions(stored.options),
      optionsMasked: options === undefined,
      labels: row.labels as TextRecord,
      anonymous: row.anonymous,
      createdAt: row.createdAt?.getTime() ?? null,
      createdAtFixed: row.createdAtFixed,
      state: row.state === 'REMOVED' ? 'DANGLING' : row.state,
      firstSeenAt: row.firstSeenAt.getTime(),
      lastMountedAt: row.lastMountedAt?.getTime() ?? null,
      lastUsedBy: row.lastUsedBy,
      lastInUseAt: row.lastInUseAt?.getTime() ?? null,
      aliveAt: row.aliveAt,
      shareCount: row.shareCount,
    };
    picture.volumes.set(volume.name, volume);
  }
  for (const row of containers) {
    const container: KnownContainer = {
      id: row.id,
      engineId: row.engineId,
      name: row.name,
      image: row.image,
      state: row.state === 'REMOVED' ? 'DEAD' : row.state,
      labels: row.labels as TextRecord,
      createdAt: row.createdAt.getTime(),
      startedAt: row.startedAt?.getTime() ?? null,
      firstSeenAt: row.firstSeenAt.getTime(),
      volumesFrom: row.volumesFrom,
      mounts: row.mounts.map((mount) => ({
        id: mount.id,
        volumeId: mount.volumeId,
        volumeName: mount.volumeName,
        type: mount.type,
        source: mount.source,
        destination: mount.destination,
        readOnly: mount.readOnly,
        propagation: mount.propagation,
        origin: mount.origin,
      })),
    };
    putContainer(picture, container);
  }
  for (const row of shares) {
    if (row.kind === 'NETWORK') continue;
    const share: KnownShare = {
      id: row.id,
      kind: row.kind,
      volumeId: row.volumeId,
      identity: row.identity,
      formedAt: row.formedAt.getTime(),
      mountIds: row.mounts.map((mount) => mount.mountId).sort(),
      multipleWriters: row.multipleWriters,
    };
    picture.shares.set(shareKey(share), share);
  }
  return picture;
}

/**
 * Writes changes and journals them, in one transaction: the only place where volumes, containers, mounts and shares are
 * written. A bounded number of statements, however many rows, and some for each network share that changes.
 * @throws {LeaseLostError} when another gateway watches the host by now, or it was removed.
 */
export async function applyChanges(
  database: Database,
  sealer: Sealer,
  lease: Lease,
  host: { readonly id: string; readonly name: string },
  changes: Changes,
): Promise<void> {
  const { hostId } = lease;
  await database.$transaction(
    async (transaction) => {
      await requireLease(transaction, lease);
      const removed = await writeRemovals(transaction, changes);
      await writeVolumes(transaction, sealer, hostId, changes.volumes);
      await writeContainers(transaction, hostId, changes.containers);
      await writeShares(transaction, hostId, changes);
      const network = await writeNetworkSpots(transaction, host, changes);
      const successions = await handOnRemoved(transaction, hostId, changes);
      await appendEntries(transaction, [...successions, ...tellNotes(changes.entries, removed), ...network]);
    },
    { timeout: TRANSACTION_TIMEOUT_MS, maxWait: TRANSACTION_WAIT_MS },
  );
}

/** What users set on volumes that were moved goes over in the transaction that shows their removal. Returns what is to be journalled. */
async function handOnRemoved(transaction: Transaction, hostId: string, changes: Changes): Promise<readonly NewEntry[]> {
  const hostIds = new Set([hostId]);
  const entries: NewEntry[] = [];
  if (changes.removedVolumes.length > 0) {
    const ids = changes.removedVolumes.map(({ volume }) => volume.id);
    for (const { from, to } of await claimedSuccessions(transaction, ids)) {
      const actor = changes.entries.find(({ type, volume }) => type === 'VOLUME_REMOVED' && volume?.id === from)?.actor;
      const succeeded = await succeedVolume(transaction, { from, to, actor });
      for (const id of succeeded.hostIds) hostIds.add(id);
      entries.push(...succeeded.entries);
    }
  }
  await noteRevisions(transaction, hostIds);
  return entries;
}

/** Has what users set on a volume go over to the one that holds its content now, in the transaction that makes it so. */
export async function handOn(transaction: Transaction, succession: Succession): Promise<void> {
  const { hostIds, entries } = await succeedVolume(transaction, succession);
  await noteRevisions(transaction, new Set(hostIds));
  await appendEntries(transaction, entries);
}

/** In one order, whichever way volumes go between two hosts. */
async function noteRevisions(transaction: Transaction, hostIds: ReadonlySet<string>): Promise<void> {
  for (const id of [...hostIds].sort()) await noteRevision(transaction, id);
}

/**
 * Writes down what an engine measured from a moment on; undefined: it cannot tell. Volumes that were there and that it said
 * nothing of, it does not measure at all. Sizes are not the watcher's to write.
 * @param keepMs milliseconds for which what was measured before is kept.
 */
export async function writeSizes(
  database: Database,
  hostId: string,
  sizes: ReadonlyMap<string, number | undefined>,
  from: Date,
  keepMs: number,
): Promise<void> {
  const at = new Date();
  const rows = JSON.stringify([...sizes].map(([name, bytes]) => ({ name, bytes: bytes ?? null })));
  await database.$transaction(async (transaction) => {
    await noteRevision(transaction, hostId);
    await transaction.$executeRaw(Prisma.sql`
      update volume v set size_bytes = r.bytes, size_measured_at = ${at}::timestamptz,
        size_unknown_because = case when r.bytes is null then ${UNMEASURED} end
      from volume w left join jsonb_to_recordset(${rows}::jsonb) as r(name text, bytes bigint) on r.name = w.name
      where w.id = v.id and v.host_id = ${hostId}::uuid and v.removed_at is null and (r.name is not null or v.first_seen_at < ${from}::timestamptz)`);
    await keepSizes(transaction, hostId, at, keepMs);
  });
}

const UNMEASURED = 'The engine does not measure this volume: its driver or its options put it where the engine does not look.';

/** What only the row of a volume that was removed says of it. */
interface RemovedVolume {
  readonly id: string;
  readonly protected: boolean;
  readonly annotations: TextRecord;
  readonly sizeBytes: string | null;
  readonly sizeMeasuredAt: string | null;
}

/** Returns the volumes that were removed, by id. */
async function writeRemovals(transaction: Transaction, changes: Changes): Promise<ReadonlyMap<string, RemovedVolume>> {
  let removed: RemovedVolume[] = [];
  if (changes.removedVolumes.length > 0) {
    const rows = changes.removedVolumes.map(({ volume, at }) => ({ id: volume.id, at: iso(at) }));
    removed = await transaction.$queryRaw<RemovedVolume[]>(Prisma.sql`
      update volume set state = 'REMOVED', share_count = 0, removed_at = r.at
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, at timestamptz) where volume.id = r.id
      returning volume.id::text, volume.protected, volume.annotations, volume.size_bytes::text as "sizeBytes",
        to_json(volume.size_measured_at) #>> '{}' as "sizeMeasuredAt"`);
  }
  if (changes.removedContainers.length > 0) {
    const rows = changes.removedContainers.map(({ container, at }) => ({ id: container.id, at: iso(at) }));
    await transaction.$executeRaw(Prisma.sql`
      update container set state = 'REMOVED', removed_at = r.at
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, at timestamptz) where container.id = r.id`);
  }
  return new Map(removed.map((volume) => [volume.id, volume]));
}

/**
 * Adds what was noted and measured of removed volumes to what they were before. The gateway removes no protected volume: one
 * that is gone was removed by another hand, and an entry of its own says so.
 */
function tellNotes(entries: readonly NewEntry[], removed: ReadonlyMap<string, RemovedVolume>): readonly NewEntry[] {
  if (removed.size === 0) return entries;
  return entries.flatMap((entry) => {
    const row = entry.type === 'VOLUME_REMOVED' && entry.volume !== undefined ? removed.get(entry.volume.id) : undefined;
    if (row === undefined) return [entry];
    const notes = {
      ...describeNotes(row),
      // As text where a number of JSON would not be exact.
      sizeBytes: row.sizeBytes === null || !Number.isSafeInteger(Number(row.sizeBytes)) ? row.sizeBytes : Number(row.sizeBytes),
      sizeMeasuredAt: row.sizeMeasuredAt === null ? null : new Date(row.sizeMeasuredAt).toISOString(),
    };
    const before = { ...(entry.attributes['before'] as { readonly [key: string]: JsonValue }), ...notes };
    const told = { ...entry, attributes: { ...entry.attributes, ...(row.protected ? { protected: true } : {}), before } };
    if (!row.protected) return [told];
    const message = 'It was protected, and was removed on the engine by another hand.';
    return [told, { ...told, type: 'PROTECTED_VOLUME_REMOVED' as const, attributes: { ...told.attributes, message } }];
  });
}

/** What users note about a volume; what is absent stays as it is. */
export interface VolumeNotes {
  readonly protected?: boolean;
  /** All, in place of those that were there. */
  readonly annotations?: TextRecord;
}

/**
 * Writes the notes of a volume and journals what they were and are. They stay as long as the volume's row, also when it is
 * removed.
 * @throws {Problem} NOT_FOUND when it is removed by now; CONFLICT when it is to be protected while an engine removes it.
 */
export async function writeVolumeNotes(
  database: Database,
  host: { readonly id: string; readonly name: string },
  volumeId: string,
  notes: VolumeNotes,
  actor: string,
): Promise<Volume> {
  return database.$transaction(async (transaction) => {
    await transaction.$queryRaw(Prisma.sql`select 1 from volume where id = ${volumeId}::uuid for update`);
    const before = await transaction.volume.findUnique({ where: { id: volumeId } });
    if (before === null || before.removedAt !== null) throw new Problem('NOT_FOUND', 'The volume was removed meanwhile.');
    if (notes.protected === true && !before.protected) await refuseWhileRemoving(transaction, volumeId);
    const after = await transaction.volume.update({ where: { id: volumeId }, data: notes });
    await noteRevision(transaction, host.id);
    const attributes = { before: describeNotes(before), after: describeNotes(after) };
    if (JSON.stringify(attributes.before) !== JSON.stringify(attributes.after)) {
      const volume = { id: after.id, name: after.name };
      await appendEntries(transaction, [{ type: 'VOLUME_UPDATED', source: 'GATEWAY', occurredAt: Date.now(), host, volume, actor, attributes }]);
    }
    return after;
  });
}

async function writeVolumes(transaction: Transaction, sealer: Sealer, hostId: string, volumes: readonly KnownVolume[]): Promise<void> {
  if (volumes.length === 0) return;
  const rows = volumes.map((volume) => {
    const { options, sealedOptions } = storeOptions(sealer, volume.id, volume.options);
    return {
      id: volume.id,
      name: volume.name,
      driver: volume.driver,
      scope: volume.scope,
      mountpoint: volume.mountpoint,
      options,
      sealed_options: sealedOptions === null ? null : Buffer.from(sealedOptions).toString('base64'),
      labels: volume.labels,
      anonymous: volume.anonymous,
      compose_project: volume.labels[PROJECT_LABEL] ?? null,
      state: volume.state,
      created_at: iso(volume.createdAt),
      created_at_fixed: volume.createdAtFixed,
      first_seen_at: iso(volume.firstSeenAt),
      last_mounted_at: iso(volume.lastMountedAt),
      last_used_by: volume.lastUsedBy,
      last_in_use_at: iso(volume.lastInUseAt),
      alive_at: String(volume.aliveAt),
      share_count: volume.shareCount,
    };
  });
  await transaction.$executeRaw(Prisma.sql`
    insert into volume (id, host_id, name, driver, scope, mountpoint, options, sealed_options, labels, anonymous, compose_project, state, created_at,
      created_at_fixed, first_seen_at, last_mounted_at, last_used_by, last_in_use_at, alive_at, share_count)
    select r.id, ${hostId}::uuid, r.name, r.driver, r.scope, r.mountpoint, r.options, decode(r.sealed_options, 'base64'), r.labels, r.anonymous, r.compose_project, r.state,
      r.created_at, r.created_at_fixed, r.first_seen_at, r.last_mounted_at, r.last_used_by, r.last_in_use_at, r.alive_at, r.share_count
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, name text, driver text, scope text, mountpoint text, options jsonb,
      sealed_options text, labels jsonb, anonymous boolean, compose_project text, state "VolumeState", created_at timestamptz, created_at_fixed boolean,
      first_seen_at timestamptz, last_mounted_at timestamptz, last_used_by text, last_in_use_at timestamptz, alive_at bigint, share_count integer)
    on conflict (id) do update set mountpoint = excluded.mountpoint, options = excluded.options,
      sealed_options = excluded.sealed_options, state = excluded.state, created_at = excluded.created_at,
      created_at_fixed = excluded.created_at_fixed, last_mounted_at = excluded.last_mounted_at, last_used_by = excluded.last_used_by, last_in_use_at = excluded.last_in_use_at,
      share_count = excluded.share_count`);
}

async function writeContainers(transaction: Transaction, hostId: string, containers: readonly KnownContainer[]): Promise<void> {
  if (containers.length === 0) return;
  const rows = containers.map((container) => ({
    id: container.id,
    engine_id: container.engineId,
    name: container.name,
    image: container.image,
    state: container.state,
    labels: container.labels,
    compose_project: container.labels[PROJECT_LABEL] ?? null,
    compose_service: container.labels[SERVICE_LABEL] ?? null,
    created_at: iso(container.createdAt),
    started_at: iso(container.startedAt),
    first_seen_at: iso(container.firstSeenAt),
    volumes_from: container.volumesFrom,
  }));
  await transaction.$executeRaw(Prisma.sql`
    insert into container (id, host_id, engine_id, name, image, state, labels, compose_project, compose_service, created_at, started_at,
      first_seen_at, volumes_from)
    select r.id, ${hostId}::uuid, r.engine_id, r.name, r.image, r.state, r.labels, r.compose_project, r.compose_service, r.created_at,
      r.started_at, r.first_seen_at, array(select jsonb_array_elements_text(r.volumes_from)::uuid)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, engine_id text, name text, image text, state "ContainerState",
      labels jsonb, compose_project text, compose_service text, created_at timestamptz, started_at timestamptz, first_seen_at timestamptz,
      volumes_from jsonb)
    on conflict (id) do update set name = excluded.name, state = excluded.state, started_at = excluded.started_at`);
  const mounts = containers.flatMap((container) =>
    container.mounts.map((mount) => ({
      id: mount.id,
      container_id: container.id,
      volume_id: mount.volumeId,
      volume_name: mount.volumeName,
      type: mount.type,
      source: mount.source,
      destination: mount.destination,
      read_only: mount.readOnly,
      propagation: mount.propagation,
      origin: mount.origin,
    })),
  );
  if (mounts.length === 0) return;
  await transaction.$executeRaw(Prisma.sql`
    insert into mount (id, container_id, volume_id, volume_name, type, source, destination, read_only, propagation, origin)
    select r.id, r.container_id, r.volume_id, r.volume_name, r.type, r.source, r.destination, r.read_only, r.propagation, r.origin
    from jsonb_to_recordset(${JSON.stringify(mounts)}::jsonb) as r(id uuid, container_id uuid, volume_id uuid, volume_name text,
      type "MountType", source text, destination text, read_only boolean, propagation text, origin "MountOrigin")
    on conflict (id) do update set volume_id = excluded.volume_id where mount.volume_id is distinct from excluded.volume_id`);
}

async function writeShares(transaction: Transaction, hostId: string, changes: Changes): Promise<void> {
  if (changes.dissolvedShares.length > 0) {
    await transaction.share.deleteMany({ where: { id: { in: changes.dissolvedShares.map((share) => share.id) } } });
  }
  if (changes.shares.length === 0) return;
  const rows = changes.shares.map((share) => ({
    id: share.id,
    kind: share.kind,
    identity: share.identity,
    volume_id: share.volumeId,
    formed_at: iso(share.formedAt),
    multiple_writers: share.multipleWriters,
    mounts: share.mountIds,
  }));
  const json = JSON.stringify(rows);
  await transaction.$executeRaw(Prisma.sql`
    insert into share (id, kind, identity, host_id, volume_id, formed_at, multiple_writers)
    select r.id, r.kind, r.identity, ${hostId}::uuid, r.volume_id, r.formed_at, r.multiple_writers
    from jsonb_to_recordset(${json}::jsonb)
      as r(id uuid, kind "ShareKind", identity text, volume_id uuid, formed_at timestamptz, multiple_writers boolean)
    on conflict (id) do update set multiple_writers = excluded.multiple_writers where share.multiple_writers <> excluded.multiple_writers`);
  // Only what differs: thousands of mounts may reach one directory.
  await transaction.$executeRaw(Prisma.sql`
    with given as (
      select r.id as share_id, m.value::uuid as mount_id
      from jsonb_to_recordset(${json}::jsonb) as r(id uuid, mounts jsonb), jsonb_array_elements_text(r.mounts) as m(value)
    ), removed as (
      delete from share_mount where share_id = any(${changes.shares.map(({ id }) => id)}::uuid[])
        and not exists (select 1 from given where given.share_id = share_mount.share_id and given.mount_id = share_mount.mount_id)
    )
    insert into share_mount (share_id, mount_id) select share_id, mount_id from given on conflict do nothing`);
}

function iso(time: number): string;
function iso(time: number | null): string | null;
function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
