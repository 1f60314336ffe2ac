import { isIPv6 } from 'node:net';
import { MAX_PATH_BYTES } from '../settings-schema.js';

/**
 * Where a piece of storage lies: a path in a space in which equal paths are the same storage, and a path inside another one
 * is a part of it.
 */
export interface StoragePlace {
  readonly space: StorageSpace;
  /** Components of the path, cleaned; none is the root of the space. */
  readonly path: readonly string[];
}

/** Paths of one host, exports of one NFS server, shares of one CIFS server, or the global volumes of one driver. */
export type StorageSpace =
  | { readonly kind: 'host'; readonly hostId: string }
  | { readonly kind: 'nfs' | 'cifs'; readonly server: string }
  | { readonly kind: 'driver'; readonly driver: string };

/** Filesystem types of the kernel's NFS and CIFS clients, as `mount -t` takes them. */
const NFS_TYPES = new Set(['nfs', 'nfs4']);
const CIFS_TYPES = new Set(['cifs', 'smb3']);

/** What the places of volumes follow from. */
export interface PlacedVolume {
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly options: Readonly<Record<string, string>>;
  readonly mountpoint: string;
}

/**
 * The storage behind a volume, where it is not the volume alone that knows it: the directory that a `local` volume binds,
 * the export that it mounts, or the one volume that a driver of scope global shows to all hosts. undefined for all others,
 * and for options that say nothing understandable.
 *
 * The `local` driver hands `type`, `o` and `device` to mount(2) (docker volume create, "driver-specific options").
 */
export function storageBehind(volume: PlacedVolume, hostId: string): StoragePlace | undefined {
  if (volume.driver !== 'local') return volume.scope === 'global' ? { space: { kind: 'driver', driver: volume.driver }, path: [volume.name] } : undefined;
  const type = unquote(option(volume.options, 'type')).toLowerCase();
  const device = unquote(option(volume.options, 'device'));
  const flags = mountOptions(option(volume.options, 'o'));
  if (flags.has('bind') || flags.has('rbind')) return hostPlace(device, hostId);
  if (NFS_TYPES.has(type)) return nfsPlace(device, flags);
  if (CIFS_TYPES.has(type)) return cifsPlace(device, flags);
  return undefined;
}

/** Whether the volume itself is mounted read-only (`ro` among its options), so that nobody writes through it. */
export function isMountedReadOnly(volume: PlacedVolume): boolean {
  const flags = [...mountOptions(option(volume.options, 'o')).keys()];
  return volume.driver === 'local' && flags.lastIndexOf('ro') > flags.lastIndexOf('rw');
}

/** A path of a host; undefined for anything but an absolute one. */
export function hostPlace(path: string, hostId: string): StoragePlace | undefined {
  const components = pathComponents(path);
  return components === undefined ? undefined : { space: { kind: 'host', hostId }, path: components };
}

/**
 * Components of an absolute path, without `.`, `..` and empty ones; undefined for anything else, also for one that is too
 * long to be mounted. `..` is taken by the text: links on the host are not known here.
 */
export function pathComponents(path: string): string[] | undefined {
  if (!path.startsWith('/') || Buffer.byteLength(path) > MAX_PATH_BYTES) return undefined;
  const components: string[] = [];
  for (const component of path.split('/')) {
    if (component === '' || component === '.') continue;
    if (component === '..') components.pop();
    else components.push(component);
  }
  return components;
}

/** The path of components: what {@link pathComponents} takes apart. */
export function pathText(components: readonly string[]): string {
  return `/${components.join('/')}`;
}

/** The paths at which something reaches all of a path: the root first, itself last. */
export function pathsAbove(components: readonly string[]): string[] {
  return ['/', ...components.map((_, index) => pathText(components.slice(0, index + 1)))];
}

/** Whether one path is the other one, or lies inside it. */
export function isWithin(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.length >= outer.length && outer.every((component, index) => component === inner[index]);
}

/** A text that is the same for the same space only. */
export function spaceKey(space: StorageSpace): string {
  switch (space.kind) {
    case 'host':
      return `host ${space.hostId}`;
    case 'driver':
      return `driver ${space.driver}`;
    default:
      return `${space.kind} ${space.server}`;
  }
}

/** The space of a {@link spaceKey}. */
export function parseSpaceKey(key: string): StorageSpace {
  const separator = key.indexOf(' ');
  const [kind, name] = [key.slice(0, separator), key.slice(separator + 1)];
  if (kind === 'nfs' || kind === 'cifs') return { kind, server: name };
  return kind === 'driver' ? { kind, driver: name } : { kind: 'host', hostId: name };
}

/** A place as people write it: `/srv/data`, `nas.example:/export/media`, `//nas/media`, or the name of a global volume. */
export function formatPlace({ space, path }: StoragePlace): string {
  const joined = path.join('/');
  switch (space.kind) {
    case 'host':
      return pathText(path);
    case 'nfs':
      return `${isIPv6(space.server) ? `[${space.server}]` : space.server}:${pathText(path)}`;
    case 'cifs':
      return `//${space.server}${joined === '' ? '' : `/${joined}`}`;
    case 'driver':
      return joined;
  }
}

/** `server:/path`, `[2001:db8::1]:/path`, or `:/path` with the server in `addr`, which wins where both name one (nfs(5)). */
function nfsPlace(device: string, flags: ReadonlyMap<string, string>): StoragePlace | undefined {
  const [, named = '', path = ''] = /^(\[[^\]]*\]|[^:/]*|[0-9a-fA-F:]+(?:%[^:/]+)?):(\/.*)$/.exec(device) ?? [];
  const server = serverName(flags.get('addr') ?? named);
  const components = pathComponents(path);
  return server === undefined || components === undefined ? undefined : { space: { kind: 'nfs', server }, path: components };
}

/** `//server/share/directory`, also with backslashes; names of servers, shares and files differ in no case (mount.cifs(8)). */
function cifsPlace(device: string, flags: ReadonlyMap<string, string>): StoragePlace | undefined {
  const unc = device.replaceAll('\\', '/').replace(/^(?:cifs|smb):/i, '');
  const [, named = '', path = ''] = /^\/\/([^/]*)(\/.*)$/.exec(unc) ?? [];
  const server = serverName(named === '' ? (flags.get('addr') ?? flags.get('ip') ?? '') : named);
  const components = pathComponents(path.toLowerCase());
  return server === undefined || components === undefined || components.length === 0 ? undefined : { space: { kind: 'cifs', server }, path: components };
}

/** A host name or address in its one spelling; undefined for none. */
export function serverName(given: string): string | undefined {
  const bare = given.trim().replace(/^\[(.*)\]$/, '$1');
  if (isIPv6(bare)) {
    const [address = '', zone] = bare.split('%');
    const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
    return zone === undefined ? canonical : `${canonical}%${zone}`;
  }
  const name = bare.toLowerCase().replace(/\.$/, '');
  return /^[^\s/:]+$/.test(name) ? name : undefined;
}

/** The options of `-o`, by lower-case name; where one comes twice the last one counts, as in mount(8). */
export function mountOptions(text: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const part of unquote(text).split(',')) {
    const [name = '', ...value] = part.split('=');
    const key = name.trim().toLowerCase();
    // In the order in which they count.
    options.delete(key);
    if (key !== '') options.set(key, unquote(value.join('=')));
  }
  return options;
}

/** An option by its name in any case: the engine passes on what it is given. */
export function option(options: PlacedVolume['options'], name: string): string {
  return Object.entries(options).find(([key]) => key.trim().toLowerCase() === name)?.[1] ?? '';
}

/** Without the quotes that a compose file or a shell left around it. */
function unquote(text: string): string {
  const trimmed = text.trim();
  return /^(["']).*\1$/s.test(trimmed) && trimmed.length >= 2 ? trimmed.slice(1, -1).trim() : trimmed;
}
