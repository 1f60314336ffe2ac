import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { Prisma, type Database } from '../database/client.js';
import type { Engine } from '../engine/engine.js';
import type { EngineContainer } from '../engine/model.js';
import type { Host } from '../inventory/hosts.js';

// A gateway that pauses itself, or its database, wakes nobody any more: such containers are known before anything is paused.

/** Label by which a container says that it is never to be paused or stopped for a copy: with the value `never`. */
const QUIESCE_LABEL = 'io.stowage.quiesce';

/** Files that every engine mounts into a container from a directory that bears the container's id. */
const MOUNTED_BY_ENGINE = new Set(['/etc/hostname', '/etc/hosts', '/etc/resolv.conf']);
const CONTAINER_ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/;
/** Name of a container's machine where nobody gave one: the beginning of its id. */
const SHORT_ID = /^[0-9a-f]{12}$/;

/** Containers that the gateway needs to go on. */
export interface NeededContainers {
  /** Full or short id of the gateway's own; undefined where it does not run in one. */
  readonly gateway: string | undefined;
  /** Full id of the database's, where the database may tell it. */
  readonly database: string | undefined;
  /** Address of the database as it sees itself; undefined over a Unix socket. */
  readonly databaseAddress: string | undefined;
}

/** Finds out which containers this gateway needs. */
export async function findNeeded(database: Database): Promise<NeededContainers> {
  return { gateway: await ownContainer(), ...(await containerOfDatabase(database)) };
}

/**
 * Why a container must not be paused or stopped for a copy, in words that follow its name: it is the gateway's own, that of its
 * database, or its label keeps it from that. undefined: it may be.
 */
export async function whyNeeded(
  { gateway, database, databaseAddress }: NeededContainers,
  engine: Engine,
  host: Pick<Host, 'endpoint'>,
  container: EngineContainer,
): Promise<string | undefined> {
  if (container.labels[QUIESCE_LABEL]?.toLowerCase() === 'never') return `has the label ${QUIESCE_LABEL}=never`;
  if (gateway !== undefined && container.id.startsWith(gateway)) return 'is that of the gateway itself, which could not wake it any more';
  const ofDatabase = 'is that of the database of the gateway, which cannot go on without it';
  if (database !== undefined && container.id === database) return ofDatabase;
  if (databaseAddress === undefined || !container.addresses.includes(databaseAddress)) return undefined;
  // Engines give the same addresses to their containers: it says something only where the gateway runs beside them.
  const isHere = host.endpoint.startsWith('unix:') || (gateway !== undefined && (await engine.hasContainer(gateway)));
  return isHere ? ofDatabase : undefined;
}

/** The id of the container that this process runs in, in whole where that can be known. */
async function ownContainer(): Promise<string | undefined> {
  // Not on Linux, or hidden.
  const read = (file: string) => readFile(file, 'utf8').catch(() => '');
  const name = hostname();
  return idInMounts(await read('/proc/self/mountinfo')) ?? CONTAINER_ID.exec(await read('/proc/self/cgroup'))?.[0] ?? (SHORT_ID.test(name) ? name : undefined);
}

/**
 * The id of the container whose mounts these are, as in proc(5), mountinfo. Outside of a container, mounts that engines made for
 * others are among them, and lie elsewhere.
 */
export function idInMounts(mounts: string): string | undefined {
  for (const line of mounts.split('\n')) {
    const [, , , root = '', mountPoint = ''] = line.split(' ');
    const id = MOUNTED_BY_ENGINE.has(mountPoint) ? CONTAINER_ID.exec(root)?.[0] : undefined;
    if (id !== undefined) return id;
  }
  return undefined;
}

/** What the database tells of where it runs. It reads files of its own machine only for a superuser. */
async function containerOfDatabase(database: Database): Promise<Pick<NeededContainers, 'database' | 'databaseAddress'>> {
  const address = Prisma.sql`host(inet_server_addr())`;
  const [row] = await database
    .$queryRaw<{ address: string | null; mounts: string | null }[]>(
      Prisma.sql`select ${address} as address,
        case when has_function_privilege('pg_read_file(text)', 'execute') then pg_read_file('/proc/self/mountinfo') end as mounts`,
    )
    .catch(() => database.$queryRaw<{ address: string | null; mounts: null }[]>(Prisma.sql`select ${address} as address, null as mounts`));
  return { database: idInMounts(row?.mounts ?? ''), databaseAddress: row?.address ?? undefined };
}
