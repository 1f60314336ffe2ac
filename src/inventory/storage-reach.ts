import { Prisma, type Database } from '../database/client.js';
import type { TextRecord } from './picture.js';
import { isBoundAround, liesAround } from './risk-conditions.js';
import { hostPlace, isMountedReadOnly, pathsAbove, pathText, spaceKey, storageBehind, type PlacedVolume, type StoragePlace } from './storage-place.js';
import type { Volume } from './volumes.js';

// Who reaches what a volume holds, by whatever way. Copies ask who can write it, prune plans and removals who uses it: the ways
// are the same, and this is the one place that knows them.

/** Volumes that are followed one behind the other: one that binds what holds its own directory would lead on for ever. */
const MAX_STEPS = 4;

/** For more paths than this, all of a host is read and compared here: the database would compare each with each. */
const FEW_PATHS = 16;

/** What is to be known of a volume to find who reaches what it holds. */
export type ReachedVolume = Pick<Volume, 'id' | 'hostId' | 'name' | 'driver' | 'scope' | 'mountpoint' | 'options'>;

/** One mount by which a container that lives reaches what a volume holds, all of it or a part. */
export interface Reach {
  /** The volume that is reached. */
  readonly volumeId: string;
  /** Our id of the container's host. */
  readonly hostId: string;
  readonly engineId: string;
  readonly container: string;
  readonly state: string;
  readonly readOnly: boolean;
  /** The directory of its host that it binds, or the volume that it mounts. */
  readonly by: { readonly kind: 'path'; readonly path: string } | { readonly kind: 'volume'; readonly id: string; readonly name: string };
  /** Whether it mounts something larger, in which the volume's storage lies. */
  readonly around: boolean;
}

/** Whether the container of a mount runs, also when it is paused. */
export function isActive({ state }: Pick<Reach, 'state'>): boolean {
  return state === 'RUNNING' || state === 'PAUSED' || state === 'RESTARTING';
}

/** Whether it can write what the volume holds now: copies make just those quiet. */
export function isWriting(reach: Reach): boolean {
  return isActive(reach) && !reach.readOnly;
}

/**
 * Whether a prune spares a volume for it. Who mounts the volume's storage itself, or a part of it, uses it, running or not.
 * Something larger (`/`, `/var/lib/docker`) is no reference to one volume, and what watches a host binds it read-only as a
 * rule: it counts only for who can write there now.
 */
export function isUse(reach: Reach): boolean {
  return !reach.around || isWriting(reach);
}

/**
 * Finds who reaches what volumes hold, on any host: through the volume itself, through another volume of the same directory,
 * export or global volume, or of one that lies in it or that it lies in, or through a directory of a host that does. It takes
 * about the same number of statements for any number of volumes, and time that grows with what there is, not with its square.
 * @param counts which of them are wanted.
 */
export async function findReaches(database: Database, volumes: readonly ReachedVolume[], counts: (reach: Reach) => boolean): Promise<Reach[]> {
  if (volumes.length === 0) return [];
  const { through, places } = await followStorage(database, volumes);
  const [mounts, binds] = await Promise.all([
    readMounts(database, [...through.keys()]),
    readBinds(database, places.map(({ place }) => place).filter(isOfHost)),
  ]);
  const reaches: Reach[] = [];
  const add = (reach: Reach) => {
    if (counts(reach)) reaches.push(reach);
  };
  for (const { mountedId, ...mount } of mounts) {
    const known = through.get(mountedId);
    if (known === undefined) continue;
    // Through a volume that is itself mounted read-only nobody writes; its storage is reached by other ways all the same.
    const readOnly = mount.readOnly || isMountedReadOnly(placed(known.volume));
    for (const [volumeId, around] of known.reached)
      add({ ...mount, readOnly, by: { kind: 'volume', id: mountedId, name: known.volume.name }, volumeId, around });
  }
  const bound = binds.flatMap((bind) => {
    const place = hostPlace(bind.path, bind.hostId);
    return place === undefined ? [] : [{ place, bind }];
  });
  for (const { inner, outer, isOuterGiven } of meetings(places, bound)) {
    const [{ volumeId }, { bind }] = isOuterGiven ? [outer, inner] : [inner, outer];
    const { path, ...mount } = bind;
    add({ ...mount, by: { kind: 'path', path }, volumeId, around: !isOuterGiven });
  }
  return reaches;
}

/** A place where what a wanted volume holds is seen, all of it or a part. */
interface SeenPlace extends AtPlace {
  readonly volumeId: string;
}

/** A volume through which others are reached, with those, and whether it is larger. */
interface Through {
  readonly volume: ReachedVolume;
  readonly reached: Map<string, boolean>;
}

/**
 * The volumes by which what these hold is reached, themselves among them, and every place where it is seen. A volume that binds
 * another's directory shows its content at a further place, which a third one may bind, and so on.
 */
async function followStorage(
  database: Database,
  volumes: readonly ReachedVolume[],
): Promise<{ through: ReadonlyMap<string, Through>; places: readonly SeenPlace[] }> {
  const own = volumes.flatMap((volume) => placesOf(volume).map((place) => ({ place, volumeId: volume.id })));
  const through = new Map<string, Through>(volumes.map((volume) => [volume.id, { volume, reached: new Map([[volume.id, false]]) }]));
  const places = new Map(own.map((seen) => [seenKey(seen), seen]));
  const neighbours = new Set<string>();
  const placesOfNeighbours: (AtPlace & { readonly volume: ReachedVolume })[] = [];
  let fresh: readonly SeenPlace[] = own;
  let reached = volumes;
  for (let step = 0; step < MAX_STEPS && fresh.length > 0; step += 1) {
    for (const volume of await readNeighbours(database, reached)) {
      if (neighbours.has(volume.id)) continue;
      neighbours.add(volume.id);
      placesOfNeighbours.push(...placesOf(volume).map((place) => ({ place, volume })));
    }
    const aliases: SeenPlace[] = [];
    const newcomers: ReachedVolume[] = [];
    for (const { inner, outer, isOuterGiven } of meetings(fresh, placesOfNeighbours)) {
      const [target, { place, volume }] = isOuterGiven ? [outer, inner] : [inner, outer];
      if (volume.id === target.volumeId) continue;
      let way = through.get(volume.id);
      if (way === undefined) {
        through.set(volume.id, (way = { volume, reached: new Map<string, boolean>() }));
        newcomers.push(volume);
      }
      way.reached.set(target.volumeId, !isOuterGiven && (way.reached.get(target.volumeId) ?? true));
      const rest = isOuterGiven ? [] : target.place.path.slice(place.path.length);
      for (const other of placesOf(volume)) {
        const alias = { place: { space: other.space, path: [...other.path, ...rest] }, volumeId: target.volumeId };
        if (places.has(seenKey(alias))) continue;
        places.set(seenKey(alias), alias);
        aliases.push(alias);
      }
    }
    fresh = aliases;
    reached = newcomers;
  }
  return { through, places: [...places.values()] };
}

function seenKey({ place, volumeId }: SeenPlace): string {
  return `${volumeId} ${spaceKey(place.space)} ${pathText(place.path)}`;
}

/**
 * Names of the containers that mount the directory in which a volume's own files lie, or a part of it, without naming the
 * volume: they would lose that with it, and the engine knows nothing of it. They need not run.
 */
export async function usersOfDirectory(database: Database, volume: ReachedVolume): Promise<string[]> {
  // What its options or its driver have elsewhere stays when the volume goes.
  const directory = { ...volume, scope: 'local', options: {} };
  const reaches = await findReaches(database, [directory], ({ around, by }) => !around && !(by.kind === 'volume' && by.id === volume.id));
  return [...new Set(reaches.map(({ container }) => container))].sort();
}

interface AtPlace {
  readonly place: StoragePlace;
}

/** Pairs of which one is at the other's place or in it. `isOuterGiven`: the outer one is of the first list, and so they are when they are at one place. */
function* meetings<One extends AtPlace, Other extends AtPlace>(
  ones: readonly One[],
  others: readonly Other[],
): Generator<{ inner: Other; outer: One; isOuterGiven: true } | { inner: One; outer: Other; isOuterGiven: false }> {
  const onesAt = byPlace(ones);
  const othersAt = byPlace(others);
  for (const inner of others) {
    for (const key of keysAbove(inner.place)) for (const outer of onesAt.get(key) ?? []) yield { inner, outer, isOuterGiven: true };
  }
  for (const inner of ones) {
    for (const key of keysAbove(inner.place).slice(0, -1)) for (const outer of othersAt.get(key) ?? []) yield { inner, outer, isOuterGiven: false };
  }
}

function byPlace<Thing extends AtPlace>(things: readonly Thing[]): ReadonlyMap<string, Thing[]> {
  const found = new Map<string, Thing[]>();
  for (const thing of things) {
    const key = keysAbove(thing.place).at(-1) ?? '';
    const list = found.get(key);
    if (list === undefined) found.set(key, [thing]);
    else list.push(thing);
  }
  return found;
}

/** Keys of the places at and above a place, its own last. */
function keysAbove({ space, path }: StoragePlace): string[] {
  const prefix = spaceKey(space);
  return pathsAbove(path).map((above) => `${prefix} ${above}`);
}

interface PlaceOnHost extends StoragePlace {
  readonly space: Extract<StoragePlace['space'], { kind: 'host' }>;
}

function isOfHost(place: StoragePlace): place is PlaceOnHost {
  return place.space.kind === 'host';
}

/** Where a volume's storage lies: at its mountpoint, and where its options say. */
function placesOf(row: ReachedVolume): StoragePlace[] {
  return [hostPlace(row.mountpoint, row.hostId), storageBehind(placed(row), row.hostId)].filter((place) => place !== undefined);
}

function placed(row: ReachedVolume): PlacedVolume {
  return { ...row, options: row.options as TextRecord };
}

/** Volumes whose storage may be, contain or be contained in that of these. Those that cannot are left out as far as that is cheap. */
function readNeighbours(database: Database, volumes: readonly ReachedVolume[]): Promise<ReachedVolume[]> {
  if (volumes.length === 0) return Promise.resolve([]);
  const hostIds = [...new Set(volumes.map(({ hostId }) => hostId))];
  const behind = volumes.flatMap((volume) => {
    const place = storageBehind(placed(volume), volume.hostId);
    return place === undefined ? [] : [{ volume, place }];
  });
  const isNetworked = behind.some(({ place }) => place.space.kind === 'nfs' || place.space.kind === 'cifs');
  const global = behind.filter(({ place }) => place.space.kind === 'driver').map(({ volume }) => volume.name);
  // Plain volumes of an engine lie beside each other; these lie anywhere.
  const elsewhere = volumes.flatMap((volume) => {
    const bound = behind.filter((each) => each.volume === volume).map(({ place }) => place);
    const places = volume.driver === 'local' ? bound : [...bound, hostPlace(volume.mountpoint, volume.hostId)];
    return places.filter((place) => place !== undefined).filter(isOfHost);
  });
  const paths = elsewhere.map(({ path }) => pathText(path));
  const onHosts = Prisma.sql`v.host_id = any(${hostIds}::uuid[])`;
  const ways = [
    isNetworked ? Prisma.sql`v.options <> '{}'::jsonb` : Prisma.sql`(v.options <> '{}'::jsonb and ${onHosts})`,
    Prisma.sql`(v.driver <> 'local' and ${onHosts})`,
    ...(global.length === 0 ? [] : [Prisma.sql`(v.scope = 'global' and v.name collate "C" = any(${global}::text[]))`]),
    ...(paths.length === 0
      ? []
      : [
          Prisma.sql`(v.host_id = any(${elsewhere.map(({ space }) => space.hostId)}::uuid[])
            and ${paths.length > FEW_PATHS ? Prisma.sql`true` : liesAround(Prisma.sql`v.mountpoint`, paths)})`,
        ]),
  ];
  return database.readRows<ReachedVolume>(Prisma.sql`
    select v.id::text, v.host_id::text as "hostId", v.name, v.driver, v.scope, v.mountpoint, v.options from volume v
    where v.removed_at is null and (${Prisma.join(ways, ' or ')})`);
}

type Mounting = Pick<Reach, 'hostId' | 'engineId' | 'container' | 'state' | 'readOnly'>;
const MOUNTING = Prisma.sql`c.host_id::text as "hostId", c.engine_id as "engineId", c.name as container, c.state::text as state, m.read_only as "readOnly"`;

function readMounts(database: Database, volumeIds: readonly string[]): Promise<(Mounting & { readonly mountedId: string })[]> {
  return database.readRows(Prisma.sql`
    select ${MOUNTING}, m.volume_id::text as "mountedId" from mount m join container c on c.id = m.container_id
    where m.volume_id = any(${[...volumeIds]}::uuid[]) and c.removed_at is null`);
}

function readBinds(database: Database, places: readonly PlaceOnHost[]): Promise<(Mounting & { readonly path: string })[]> {
  const paths = [...new Set(places.map(({ path }) => pathText(path)))];
  const hostIds = [...new Set(places.map(({ space }) => space.hostId))];
  if (paths.length === 0) return Promise.resolve([]);
  return database.readRows(Prisma.sql`
    select ${MOUNTING}, m.source as path from mount m join container c on c.id = m.container_id
    where m.type = 'BIND' and m.source is not null and c.removed_at is null and c.host_id = any(${hostIds}::uuid[])
      and ${paths.length > FEW_PATHS ? Prisma.sql`true` : isBoundAround(paths)}`);
}
