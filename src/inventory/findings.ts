import { v5 as idFromName } from 'uuid';
import { Prisma, type Database } from '../database/client.js';
import type { Share } from '../generated/prisma/client.js';
import { wasRead } from './columns.js';
import { mountsOfShares } from './lookups.js';
import { readPage, type Ordered, type Page, type PageRequest } from './pages.js';
import type { TextRecord } from './picture.js';
import { containerHasRisk, shareHasRisk } from './risk-conditions.js';
import { SHARE_RISKS, type ShareRisk } from './share-risks.js';
import { formatPlace, mountOptions, option, spaceKey, storageBehind, type StoragePlace } from './storage-place.js';

/** What someone should look at. */
export const FINDING_KINDS = [...SHARE_RISKS, 'OPTION_DRIFT', 'PLAIN_SECRET', 'STORAGE_MISSING'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One finding, with the ids of what it is about. */
export interface Finding {
  /** The same as long as the finding lasts. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly message: string;
  readonly since: Date;
  readonly shareId: string | null;
  readonly volumeIds: readonly string[];
  readonly containerIds: readonly string[];
  /** Hosts of what it is about, where no container or volume tells them. */
  readonly hostIds: readonly string[];
}

/** Which findings; an absent part accepts all. */
export interface FindingQuery {
  readonly kinds?: readonly FindingKind[] | undefined;
  /** Names. */
  readonly hosts?: readonly string[] | undefined;
  readonly sensitivePaths: readonly string[];
}

const FINDING_ORDER = 'finding KIND';
/** Any fixed one: names are told apart from those of other uses by it. */
const ID_NAMESPACE = '6f0f6f0e-5f0b-4c5e-9a44-5d1c3c1f8f11';

/**
 * One page of findings, by kind. They are worked out anew each time from what is true now: nothing about them is kept, so
 * that none can outlive its cause.
 */
export async function listFindings(database: Database, query: FindingQuery, request: PageRequest): Promise<Page<Ordered<Finding>>> {
  const all = await findAll(database, query);
  return readPage(request, {
    order: FINDING_ORDER,
    rows: async (after, limit) => {
      const isAfter = ({ kind, id }: Finding) => after === undefined || kind > after.value || (kind === after.value && id > after.id);
      const shown = await withMembers(database, all.filter(isAfter).slice(0, limit));
      return shown.map((each) => ({ ...each, orderValue: each.kind }));
    },
    count: () => Promise.resolve(all.length),
  });
}

async function findAll(database: Database, query: FindingQuery): Promise<Finding[]> {
  const kinds = query.kinds ?? FINDING_KINDS;
  const wanted = (kind: FindingKind) => kinds.includes(kind);
  const hosts = query.hosts === undefined ? Prisma.sql`(select id from host)` : Prisma.sql`(select id from host where name = any(${[...query.hosts]}::text[]))`;
  const found = await Promise.all([
    ...(['MULTIPLE_WRITERS', 'CROSS_HOST_WRITERS'] as const).filter(wanted).map((kind) => ofWriters(database, kind, hosts)),
    ...(['ENGINE_SOCKET', 'SENSITIVE_PATH'] as const).filter(wanted).map((kind) => ofPaths(database, kind, hosts, query.sensitivePaths)),
    ofOptions(database, hosts).then((rows) => rows.filter(({ kind }) => wanted(kind))),
    ...(wanted('STORAGE_MISSING') ? [ofMissingStorage(database, hosts)] : []),
  ]);
  // A container may mount what is missing at several places.
  const distinct = new Map(found.flat().map((each) => [each.id, each]));
  return [...distinct.values()].sort((a, b) => (a.kind === b.kind ? (a.id < b.id ? -1 : 1) : a.kind < b.kind ? -1 : 1));
}

async function ofWriters(database: Database, kind: ShareRisk, hosts: Prisma.Sql): Promise<Finding[]> {
  const rows = await database.readRows<Pick<Share, 'id' | 'identity' | 'formedAt'>>(Prisma.sql`
    select s.id, s.identity, s.formed_at as "formedAt" from share s where ${shareHasRisk({ anyOf: [kind], sensitivePaths: [] })} and exists (
      select 1 from share_mount sm join mount m on m.id = sm.mount_id join container c on c.id = m.container_id where sm.share_id = s.id and c.host_id in ${hosts})`);
  const who = kind === 'MULTIPLE_WRITERS' ? 'Several containers' : 'Containers of several hosts';
  return rows.map(({ id, identity, formedAt }) =>
    finding(kind, id, { message: `${who} write to ${JSON.stringify(identity)} at the same time.`, since: formedAt, shareId: id }),
  );
}

async function ofPaths(database: Database, kind: ShareRisk, hosts: Prisma.Sql, sensitivePaths: readonly string[]): Promise<Finding[]> {
  const rows = await database.readRows<ContainerRow>(Prisma.sql`
    select c.id, c.name, c.host_id as "hostId", c.created_at as "since" from container c
    where c.removed_at is null and c.host_id in ${hosts} and ${containerHasRisk({ anyOf: [kind], sensitivePaths })}`);
  const what = kind === 'ENGINE_SOCKET' ? "the engine's socket: it is root on the host" : 'a directory of the host that the host itself lives by';
  return rows.map(({ id, name, hostId, since }) =>
    finding(kind, id, { message: `Container ${JSON.stringify(name)} has ${what}.`, since, containerIds: [id], hostIds: [hostId] }),
  );
}

async function ofOptions(database: Database, hosts: Prisma.Sql): Promise<Finding[]> {
  const rows = await database.readRows<VolumeRow>(Prisma.sql`
    select id, host_id as "hostId", name, driver, scope, mountpoint, options, first_seen_at as since, sealed_options is not null as "holdsSecret", host_id in ${hosts} as asked
    from volume where removed_at is null and (options <> '{}'::jsonb
      or name collate "C" in (select named.name collate "C" from volume named where named.removed_at is null and named.options <> '{}'::jsonb))`);
  const secrets = rows
    .filter(({ asked, holdsSecret }) => asked && holdsSecret)
    .map(({ id, name, hostId, since }) =>
      finding('PLAIN_SECRET', id, {
        message: `The driver options of volume ${JSON.stringify(name)} hold a password in the clear; the engine shows it to everyone who may ask it.`,
        since,
        volumeIds: [id],
        hostIds: [hostId],
      }),
    );
  return [...secrets, ...driftsAmong(rows), ...driftsOfNames(rows)];
}

/** Exports that several volumes mount with options that differ: what holds then depends on who mounted it first. */
function driftsAmong(rows: readonly VolumeRow[]): Finding[] {
  const byPlace = new Map<string, { place: StoragePlace; rows: VolumeRow[] }>();
  for (const row of rows) {
    const place = storageBehind(row, row.hostId);
    if (place === undefined || (place.space.kind !== 'nfs' && place.space.kind !== 'cifs')) continue;
    const key = `${spaceKey(place.space)} ${place.path.join('/')}`;
    const known = byPlace.get(key);
    if (known === undefined) byPlace.set(key, { place, rows: [row] });
    else known.rows.push(row);
  }
  return [...byPlace].flatMap(([key, { place, rows: members }]) => {
    if (!members.some(({ asked }) => asked) || new Set(members.map(({ options }) => effectiveOptions(options))).size < 2) return [];
    const since = new Date(Math.max(...members.map((row) => row.since.getTime())));
    const names = [...new Set(members.map(({ name }) => name))].sort().join(', ');
    return [
      finding('OPTION_DRIFT', key, {
        message: `${formatPlace(place)} is mounted with options that differ, by the volumes ${names}.`,
        since,
        volumeIds: members.map(({ id }) => id),
        hostIds: members.map(({ hostId }) => hostId),
      }),
    ];
  });
}

/** Names that several hosts have volumes of, with options that differ: what is meant to be the same everywhere is not. */
function driftsOfNames(rows: readonly VolumeRow[]): Finding[] {
  const byName = new Map<string, VolumeRow[]>();
  for (const row of rows) {
    const known = byName.get(row.name);
    if (known === undefined) byName.set(row.name, [row]);
    else known.push(row);
  }
  return [...byName].flatMap(([name, members]) => {
    if (members.length < 2 || !members.some(({ asked }) => asked) || new Set(members.map(meaningOf)).size < 2) return [];
    return [
      finding('OPTION_DRIFT', `name ${name}`, {
        message: `The volume ${JSON.stringify(name)} has options that differ from host to host.`,
        since: new Date(Math.max(...members.map((row) => row.since.getTime()))),
        volumeIds: members.map(({ id }) => id),
        hostIds: members.map(({ hostId }) => hostId),
      }),
    ];
  });
}

/** What a volume's driver and options mean, in a text that is the same on every host. */
function meaningOf(row: VolumeRow): string {
  const place = storageBehind(row, '');
  if (place !== undefined) return `${row.driver} ${formatPlace(place)} ${row.driver === 'local' ? effectiveOptions(row.options) : optionsText(row.options)}`;
  return `${row.driver} ${optionsText(row.options)}`;
}

function optionsText(options: TextRecord): string {
  return JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** How storage is mounted, in a text that is the same for the same: type and options in any order, without who and where. */
export function effectiveOptions(options: TextRecord): string {
  const flags = [...mountOptions(option(options, 'o'))].filter(([name]) => !WHO_AND_WHERE.has(name));
  return [`type=${option(options, 'type').trim().toLowerCase()}`, ...flags.map(([name, value]) => `${name}=${value}`).sort()].join();
}

/** Mount options that name the server or the user. */
const WHO_AND_WHERE = new Set(['addr', 'ip', 'user', 'username', 'pass', 'password', 'password2', 'cred', 'credentials', 'domain', 'dom']);

async function ofMissingStorage(database: Database, hosts: Prisma.Sql): Promise<Finding[]> {
  const rows = await database.readRows<ContainerRow & { volumeId: string | null; volumeName: string }>(Prisma.sql`
    select c.id, c.name, c.host_id as "hostId", coalesce(v.removed_at, c.first_seen_at) as since, v.id as "volumeId", m.volume_name as "volumeName"
    from mount m join container c on c.id = m.container_id left join volume v on v.id = m.volume_id
    where c.removed_at is null and c.host_id in ${hosts} and m.type = 'VOLUME' and m.volume_name is not null and (v.id is null or v.removed_at is not null)`);
  return rows.map(({ id, name, hostId, since, volumeId, volumeName }) =>
    finding('STORAGE_MISSING', `${id} ${volumeName}`, {
      message: `Container ${JSON.stringify(name)} mounts the volume ${JSON.stringify(volumeName)}, which its host has not any more.`,
      since,
      containerIds: [id],
      volumeIds: volumeId === null ? [] : [volumeId],
      hostIds: [hostId],
    }),
  );
}

interface ContainerRow {
  readonly id: string;
  readonly name: string;
  readonly hostId: string;
  readonly since: Date;
}

interface VolumeRow {
  readonly id: string;
  readonly hostId: string;
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly mountpoint: string;
  readonly options: TextRecord;
  readonly since: Date;
  readonly holdsSecret: boolean;
  /** Whether its host is one of those that are asked for. */
  readonly asked: boolean;
}

function finding(kind: FindingKind, subject: string, facts: Pick<Finding, 'message' | 'since'> & Partial<Finding>): Finding {
  return { shareId: null, volumeIds: [], containerIds: [], hostIds: [], ...facts, kind, id: idFromName(`${kind} ${subject}`, ID_NAMESPACE) };
}

/** Adds who is in the shares, which is read for one page only. */
async function withMembers(database: Database, findings: readonly Finding[]): Promise<Finding[]> {
  const mounts = await mountsOfShares(
    database,
    findings.flatMap(({ shareId }) => shareId ?? []),
  );
  return findings.map((each) => {
    if (each.shareId === null) return each;
    const members = mounts.filter(({ shareId }) => shareId === each.shareId).map(({ mount }) => mount);
    return {
      ...each,
      volumeIds: [...new Set(members.flatMap(({ volumeId }) => wasRead(volumeId) ?? []))],
      containerIds: [...new Set(members.map(({ containerId }) => wasRead(containerId)))],
    };
  });
}
