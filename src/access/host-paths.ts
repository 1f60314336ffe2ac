import { isWithin, pathComponents, pathText } from '../inventory/storage-place.js';
import { Problem } from '../problems.js';
import type { Caller } from './caller.js';

/**
 * The one place that decides who may reach paths of a host through a mount or a volume: that is root on the host. Pure; what
 * to decide about comes from the engine at that moment, whichever way it was asked for.
 */

/** What a mount or volume reaches. */
export type Reach =
  /** Only storage of its own. */
  | { readonly kind: 'OWN' }
  /** A server, which the host connects to. */
  | { readonly kind: 'NETWORK' }
  /** Paths of the host, cleaned; `/` where nobody can say which. */
  | { readonly kind: 'HOST'; readonly paths: readonly string[] };

/** A volume as far as this goes. */
export interface ReachingVolume {
  readonly name: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

const OWN: Reach = { kind: 'OWN' };
const ANYTHING: Reach = { kind: 'HOST', paths: ['/'] };
/** What the `local` driver takes (moby `volume/local`, validOpts). */
const LOCAL_OPTIONS = new Set(['type', 'o', 'device', 'size']);
/** Types of the kernel's own clients of file servers. */
const NETWORK_TYPES = new Set(['nfs', 'nfs4', 'cifs', 'smb3']);
/** Flags by which mount(2) does something else than mounting that type (moby/sys/mount, flags_linux.go). */
const REDIRECTING_FLAGS = new Set(['bind', 'rbind', 'remount', 'move']);
/** tmpfs(5), and the flags of mount(8) that only take rights away or keep times. */
const TMPFS_FLAGS = new Set(
  'size nr_blocks nr_inodes mode uid gid huge mpol ro rw noexec exec nosuid suid nodev dev sync async dirsync noatime atime nodiratime diratime relatime norelatime strictatime defaults'.split(
    ' ',
  ),
);

/**
 * What a volume reaches by its driver and options. The `local` driver hands `type`, `o` and `device` to mount(2), so that
 * with them a volume can be any directory of the host while it is listed as a plain one; an option of another driver that is
 * an absolute path is taken for one of the host.
 */
export function reachOfVolume({ driver, options }: Omit<ReachingVolume, 'name'>): Reach {
  const entries = Object.entries(options).filter(([, value]) => value !== '');
  if (driver !== 'local') {
    const paths = entries.flatMap(([, value]) => absolutePaths(value));
    return paths.length === 0 ? OWN : { kind: 'HOST', paths };
  }
  if (entries.some(([key]) => !LOCAL_OPTIONS.has(key))) return ANYTHING;
  const given = new Map(entries);
  const [type, device, flags] = [given.get('type') ?? '', given.get('device') ?? '', (given.get('o') ?? '').split(',').filter((flag) => flag !== '')];
  if (type === '' && device === '' && flags.length === 0) return OWN;
  const names = flags.map((flag) => (flag.split('=')[0] ?? '').trim().toLowerCase());
  if (names.some((name) => REDIRECTING_FLAGS.has(name))) return { kind: 'HOST', paths: [cleaned(device)] };
  if (type === 'tmpfs' && names.every((name) => TMPFS_FLAGS.has(name))) return OWN;
  if (NETWORK_TYPES.has(type)) return { kind: 'NETWORK' };
  // A block device, the directories of an overlay, or one of the kernel's own filesystems, which show all of the host.
  const paths = [...absolutePaths(device), ...flags.flatMap((flag) => absolutePaths(flag.slice(flag.indexOf('=') + 1)))];
  return paths.length === 0 ? ANYTHING : { kind: 'HOST', paths };
}

/** What a bind mount reaches. */
export function reachOfBind(source: string): Reach {
  return { kind: 'HOST', paths: [cleaned(source)] };
}

/**
 * For everything that reads, writes or mounts a volume that is there: clone, back up, restore, browse, mount.
 * @param allowed host paths that ADMIN may reach; undefined: all.
 * @throws {Problem} FORBIDDEN.
 */
export function requireVolumeUse(caller: Caller, allowed: readonly string[] | undefined, volume: ReachingVolume): void {
  requireReach(caller, allowed, `Volume ${JSON.stringify(volume.name)}`, reachOfVolume(volume));
}

/**
 * For a volume that is to be made. One of the network needs ADMIN, too: the host would connect to whatever address is given.
 * @throws {Problem} FORBIDDEN.
 */
export function requireVolumeCreation(caller: Caller, allowed: readonly string[] | undefined, volume: ReachingVolume): void {
  const reach = reachOfVolume(volume);
  if (reach.kind === 'NETWORK' && caller.role !== 'ADMIN') {
    throw new Problem('FORBIDDEN', `Volume ${JSON.stringify(volume.name)} would have the host connect to a server; that needs the role ADMIN.`);
  }
  requireReach(caller, allowed, `Volume ${JSON.stringify(volume.name)}`, reach);
}

/** For a bind mount of a path of the host. @throws {Problem} FORBIDDEN. */
export function requireBind(caller: Caller, allowed: readonly string[] | undefined, source: string): void {
  requireReach(caller, allowed, 'A bind mount', reachOfBind(source));
}

/** For an option that makes a container more than one of many on its host. @throws {Problem} FORBIDDEN. */
export function requirePrivilege(caller: Caller, what: string): void {
  if (caller.role !== 'ADMIN') throw new Problem('FORBIDDEN', `${what} needs the role ADMIN, and "${caller.name}" has ${caller.role}.`);
}

function requireReach(caller: Caller, allowed: readonly string[] | undefined, what: string, reach: Reach): void {
  if (reach.kind !== 'HOST') return;
  const named = reach.paths.map((path) => JSON.stringify(path.length > SHOWN_PATH_CHARACTERS ? `${path.slice(0, SHOWN_PATH_CHARACTERS)}…` : path)).join(', ');
  if (caller.role !== 'ADMIN') {
    throw new Problem('FORBIDDEN', `${what} reaches paths of the host (${named}); that needs the role ADMIN, and "${caller.name}" has ${caller.role}.`);
  }
  if (allowed === undefined) return;
  const outside = (path: string) => !allowed.some((directory) => isWithin(pathComponents(path) ?? [], pathComponents(directory) ?? [' ']));
  if (reach.paths.some(outside)) {
    throw new Problem('FORBIDDEN', `${what} reaches paths of the host (${named}) that are outside of what STOWAGE_ALLOWED_HOST_PATHS allows.`);
  }
}

const SHOWN_PATH_CHARACTERS = 80;

/** The path as the engine will take it; `/`, so all of the host, for one that is not absolute: what it is relative to is not known. */
function cleaned(path: string): string {
  const components = pathComponents(path.trim());
  return components === undefined ? '/' : pathText(components);
}

/** The absolute paths in an option's value, which may be a list with colons, as an overlay's. */
function absolutePaths(value: string): string[] {
  // With escapes in it, where one path ends cannot be told.
  if (value.includes('\\') && value.includes('/')) return ['/'];
  const parts = value.split(':').map((part) => part.trim());
  return parts[0]?.startsWith('/') === true ? parts.filter((part) => part !== '').map(cleaned) : [];
}
