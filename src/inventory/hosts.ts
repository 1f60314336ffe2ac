import { v7 as newId } from 'uuid';
import { Prisma, type Database, type Transaction } from '../database/client.js';
import { notify } from '../database/notify.js';
import type { Host, Volume } from '../generated/prisma/client.js';
import { appendEntries } from '../journal/append.js';
import type { JsonValue, NewEntry } from '../journal/entry.js';
import { Problem } from '../problems.js';
import { requireLease, type Lease } from './lease.js';
import { leaveNetwork } from './network-shares.js';
import type { TextRecord } from './picture.js';
import { noteRevision } from './revision.js';
import { describeNotes } from './volume-notes.js';

export type { Host } from '../generated/prisma/client.js';

/** Channel on which gateways wake each other when a host was added, changed or removed, or a lease became free. */
export const HOSTS_CHANNEL = 'stowage_hosts';

/** Prisma's code for a value that must be unique and is not. */
const UNIQUE_VIOLATION = 'P2002';

/** What the engine of a host last told of itself. */
export interface EngineFacts {
  readonly id: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly os: string;
  readonly arch: string;
  readonly storageDriver?: string | undefined;
  readonly name?: string | undefined;
}

export interface NewHost {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly labels: TextRecord;
  /** Sealed. */
  readonly credentials: Uint8Array<ArrayBuffer> | null;
  /** Key of the ssh server that answered at the endpoint. */
  readonly sshHostKey?: string | null;
  readonly enabled?: boolean;
  /** File of settings that declares it; null or absent: the API does. */
  readonly declaredIn?: string | null;
}

export interface HostChange {
  readonly name?: string;
  readonly endpoint?: string;
  readonly labels?: TextRecord;
  readonly credentials?: Uint8Array<ArrayBuffer> | null;
  readonly enabled?: boolean;
  /** null: whichever comes first is taken. */
  readonly sshHostKey?: string | null;
  /** File of settings that declares it; null: the API does. */
  readonly declaredIn?: string | null;
}

/** What the engine of a host told of itself when it was last ONLINE. */
export function engineOf(host: Host): EngineFacts | undefined {
  // Written by markOnline only.
  return host.engine === null ? undefined : (host.engine as unknown as EngineFacts);
}

/**
 * Condition on a host `h`: what is known of it is of now. It is ONLINE, and the gateway that watches it lives and has compared it
 * in full since it does; after a time without any gateway, a host stays ONLINE until the next one has looked.
 */
export const IS_KNOWN_NOW = Prisma.sql`(h.status = 'ONLINE' and exists (
  select 1 from lease l join gateway g on g.id = l.holder and g.expires_at > clock_timestamp()
  where l.host_id = h.id and l.epoch = h.compared_epoch))`;

/** Ids of the hosts of which is known what they have now. */
export async function hostsKnownNow(database: Database): Promise<ReadonlySet<string>> {
  const rows = await database.$queryRaw<{ id: string }[]>(Prisma.sql`select h.id::text from host h where ${IS_KNOWN_NOW}`);
  return new Set(rows.map(({ id }) => id));
}

/** An id for a new host, needed before it is added since its credentials are sealed to it. */
export function newHostId(): string {
  return newId();
}

export async function findHost(database: Database, name: string): Promise<Host | undefined> {
  return (await database.host.findUnique({ where: { name } })) ?? undefined;
}

/** NOT_FOUND for a name that no host has. */
export function unknownHost(name: string): Problem {
  return new Problem('NOT_FOUND', `There is no host named ${JSON.stringify(name.slice(0, 80))}.`);
}

/** CONFLICT for a name that a host has already. */
export function nameTaken(name: string): Problem {
  return new Problem('CONFLICT', `There is a host named ${JSON.stringify(name)} already.`);
}

/** The host of that name. @throws {Problem} NOT_FOUND. */
export async function requireHost(database: Database, name: string): Promise<Host> {
  const host = await findHost(database, name);
  if (host === undefined) throw unknownHost(name);
  return host;
}

/** The key by which the ssh server of a host is known; undefined before the first connection. */
export async function pinnedHostKey(database: Database, id: string): Promise<string | undefined> {
  return (await database.host.findUnique({ where: { id }, select: { sshHostKey: true } }))?.sshHostKey ?? undefined;
}

/** Writes down by which key the ssh server at a host's endpoint is known, unless there is one; returns the one that holds. */
export async function pinHostKey(database: Database, id: string, endpoint: string, key: string): Promise<string | undefined> {
  await database.host.updateMany({ where: { id, endpoint, sshHostKey: null }, data: { sshHostKey: key } });
  return pinnedHostKey(database, id);
}

export function listHosts(database: Database): Promise<Host[]> {
  return database.host.findMany({ orderBy: { name: 'asc' } });
}

/** Writes which file declares hosts; null: they are the API's from now on. */
export async function writeDeclaredIn(database: Database, ids: readonly string[], declaredIn: string | null): Promise<void> {
  await database.$transaction(async (transaction) => {
    for (const id of ids) await noteRevision(transaction, id);
    await transaction.host.updateMany({ where: { id: { in: [...ids] } }, data: { declaredIn } });
  });
}

/** @throws {Problem} CONFLICT when the name is taken. */
export async function addHost(database: Database, host: NewHost, actor: string, address?: string): Promise<Host> {
  return nameIsFree(host.name, () =>
    database.$transaction(async (transaction) => {
      const status = host.enabled === false ? ('DISABLED' as const) : ('CONNECTING' as const);
      const row = await transaction.host.create({ data: { ...host, status } });
      await notify(transaction, HOSTS_CHANNEL);
      await appendEntries(transaction, [
        gatewayEntry('HOST_ADDED', row, actor, { endpoint: row.endpoint, labels: { ...host.labels }, before: null, after: describeHost(row) }, address),
      ]);
      return row;
    }),
  );
}

/**
 * Changes a host. With another endpoint, other keys, or switched on or off, its watcher begins anew: the lease gets
 * another fencing number, so that nothing seen by the former way is written any more.
 * @throws {Problem} NOT_FOUND, or CONFLICT when the new name is taken.
 */
export async function changeHost(database: Database, id: string, change: HostChange, actor: string, address?: string): Promise<Host> {
  const beginsAnew = change.endpoint !== undefined || change.credentials !== undefined || change.enabled !== undefined;
  return nameIsFree(change.name ?? '', () =>
    database.$transaction(async (transaction) => {
      // The lease first, as everyone who writes locks it first.
      if (beginsAnew) await transaction.lease.updateMany({ where: { hostId: id }, data: { epoch: { increment: 1 } } });
      await noteRevision(transaction, id);
      const before = await transaction.host.findUnique({ where: { id } });
      if (before === null) throw new Problem('NOT_FOUND', 'The host was removed meanwhile.');
      let row = await transaction.host.update({ where: { id }, data: change });
      // Tokens for it stay for it, and are not for another one that takes its name later.
      if (row.name !== before.name) {
        await transaction.$executeRaw(Prisma.sql`
          update access_token set hosts = array_replace(hosts, ${before.name}, ${row.name}) where ${before.name} = any(hosts)`);
      }
      await notify(transaction, HOSTS_CHANNEL);
      if (beginsAnew) {
        const status = row.enabled ? ('CONNECTING' as const) : ('DISABLED' as const);
        // At another endpoint another engine may answer.
        const engine = change.endpoint === undefined ? {} : { engine: Prisma.DbNull };
        row = await transaction.host.update({ where: { id }, data: { status, statusReason: null, ...engine } });
      }
      const keys = change.credentials === undefined ? {} : { keys: 'replaced' };
      await appendEntries(transaction, [
        gatewayEntry('HOST_UPDATED', row, actor, { before: describeHost(before), after: describeHost(row), ...keys }, address),
      ]);
      return row;
    }),
  );
}

/**
 * Forgets a host with all of its inventory, and journals what users had noted of its volumes: added again, it has them
 * without. What the journal holds of it stays. `leave` is called before, and gives what is left behind on it.
 */
export async function removeHost(
  database: Database,
  host: Host,
  actor: string,
  address?: string,
  leave: (transaction: Transaction) => Promise<Readonly<Record<string, readonly string[]>>> = () => Promise.resolve({}),
): Promise<boolean> {
  return database.$transaction(async (transaction) => {
    // The lease first, as everyone who writes locks it first.
    await transaction.lease.deleteMany({ where: { hostId: host.id } });
    const left = await leave(transaction);
    let count = 0;
    let noted: NotedVolume[] = [];
    const ended = await leaveNetwork(transaction, host, async () => {
      noted = await notedVolumes(transaction, host.id);
      count = (await transaction.host.deleteMany({ where: { id: host.id } })).count;
    });
    await notify(transaction, HOSTS_CHANNEL);
    if (count > 0) {
      // Another one that takes its name is another machine, which nobody has opened to them.
      const tokens = await transaction.$executeRaw(Prisma.sql`
        update access_token set hosts = array_remove(hosts, ${host.name}) where ${host.name} = any(hosts)`);
      const forgotten = { protectedVolumes: noted.filter((volume) => volume.protected).length, notedVolumes: noted.length, tokens };
      await appendEntries(transaction, [
        ...ended,
        ...noted.map((volume) => ({
          ...gatewayEntry('VOLUME_UPDATED', host, actor, { before: describeNotes(volume), after: null, message: NOTES_FORGOTTEN }, address),
          volume: { id: volume.id, name: volume.name },
        })),
        gatewayEntry('HOST_REMOVED', host, actor, { endpoint: host.endpoint, before: describeHost(host), after: null, forgotten, ...left }, address),
      ]);
    }
    return count > 0;
  });
}

/**
 * Writes that a host is ONLINE, with what its engine told; journalled when it was not so before.
 * @param watchedSince since when no event was lost; undefined: for as long as is written down.
 * @throws {LeaseLostError}
 */
export async function markOnline(database: Database, lease: Lease, engine: EngineFacts, at: Date, watchedSince?: Date): Promise<void> {
  const id = lease.hostId;
  await database.$transaction(async (transaction) => {
    await requireLease(transaction, lease);
    const before = await transaction.host.findUnique({ where: { id } });
    if (before === null || before.status === 'DISABLED') return;
    await noteRevision(transaction, id);
    const row = await transaction.host.update({
      where: { id },
      data: {
        ...{ status: 'ONLINE', statusReason: null, lastSeenAt: at, lastSyncedAt: at, comparedEpoch: lease.epoch, engine: { ...engine } },
        ...(watchedSince === undefined ? {} : { watchedSince }),
      },
    });
    if (before.status !== 'ONLINE') {
      await appendEntries(transaction, [gatewayEntry('HOST_ONLINE', row, undefined, { version: engine.version, apiVersion: engine.apiVersion })]);
    }
  });
}

/** Writes that events of a host may have been lost before then. @throws {LeaseLostError} */
export async function writeWatchedSince(database: Database, lease: Lease, watchedSince: Date): Promise<void> {
  await database.$transaction(async (transaction) => {
    await requireLease(transaction, lease);
    await noteRevision(transaction, lease.hostId);
    await transaction.host.updateMany({ where: { id: lease.hostId }, data: { watchedSince } });
  });
}

/** Writes that a host cannot be reached; journalled when it was not so before. Its inventory stays as it was. @throws {LeaseLostError} */
export async function markUnreachable(database: Database, lease: Lease, reason: string): Promise<void> {
  const id = lease.hostId;
  await database.$transaction(async (transaction) => {
    await requireLease(transaction, lease);
    const before = await transaction.host.findUnique({ where: { id } });
    if (before === null || before.status === 'DISABLED') return;
    if (before.status === 'UNREACHABLE' && before.statusReason === reason) return;
    await noteRevision(transaction, id);
    const row = await transaction.host.update({ where: { id }, data: { status: 'UNREACHABLE', statusReason: reason } });
    if (before.status !== 'UNREACHABLE') await appendEntries(transaction, [gatewayEntry('HOST_UNREACHABLE', row, undefined, { reason })]);
  });
}

/** How fresh a host's picture is. */
export interface Freshness {
  readonly lease: Lease;
  readonly seenAt: Date;
  readonly syncedAt: Date;
  /** The newest event up to which all was looked into; undefined: as it is written down. */
  readonly heardEvent?: string | undefined;
}

/** Writes the freshness of all hosts in one statement; never backwards, and nothing for a host whose lease is lost. */
export async function writeFreshness(database: Database, hosts: readonly Freshness[]): Promise<void> {
  if (hosts.length === 0) return;
  const rows = hosts.map(({ lease: { hostId, holder, epoch }, seenAt, syncedAt, heardEvent }) => ({
    id: hostId,
    holder,
    epoch: String(epoch),
    seen: seenAt.toISOString(),
    synced: syncedAt.toISOString(),
    heard: heardEvent ?? null,
  }));
  await database.$executeRaw(Prisma.sql`
    update host set last_seen_at = greatest(last_seen_at, r.seen), last_synced_at = greatest(last_synced_at, r.synced),
      heard_event = coalesce(r.heard, heard_event)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, holder uuid, epoch bigint, seen timestamptz, synced timestamptz, heard text)
    join lease on lease.host_id = r.id and lease.holder = r.holder and lease.epoch = r.epoch
    where host.id = r.id and host.status = 'ONLINE'`);
}

const NOTES_FORGOTTEN = 'Its host was removed, and its protection and annotations with it; the volume itself was left alone.';

type NotedVolume = Pick<Volume, 'id' | 'name' | 'protected' | 'annotations'>;

/** Volumes of a host that live and are protected or annotated. */
function notedVolumes(transaction: Transaction, hostId: string): Promise<NotedVolume[]> {
  return transaction.$queryRaw<NotedVolume[]>(Prisma.sql`
    select id::text, name, protected, annotations from volume
    where host_id = ${hostId}::uuid and removed_at is null and (protected or annotations <> '{}'::jsonb) order by name collate "C"`);
}

/** What users set of a host, without its keys. */
function describeHost({ name, endpoint, labels, enabled }: Host): { readonly [key: string]: JsonValue } {
  return { name, endpoint, labels: labels as TextRecord, enabled };
}

function gatewayEntry(type: NewEntry['type'], host: Host, actor: string | undefined, attributes: NewEntry['attributes'], address?: string): NewEntry {
  return {
    type,
    source: 'GATEWAY',
    occurredAt: Date.now(),
    host: { id: host.id, name: host.name },
    ...(actor === undefined ? {} : { actor }),
    ...(address === undefined ? {} : { address }),
    attributes,
  };
}

async function nameIsFree<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION) {
      throw nameTaken(name);
    }
    throw error;
  }
}
