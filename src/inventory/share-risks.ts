import { wasRead, type PartOf } from './columns.js';
import type { Spot } from './place-index.js';
import { isWithin, pathComponents } from './storage-place.js';

/** What someone should know of a share, or of a mount that nobody shares. */
export const SHARE_RISKS = ['MULTIPLE_WRITERS', 'CROSS_HOST_WRITERS', 'ENGINE_SOCKET', 'SENSITIVE_PATH'] as const;
export type ShareRisk = (typeof SHARE_RISKS)[number];

/** Where engines listen: who reaches one of these is root on the host. */
export const ENGINE_SOCKETS = ['/var/run/docker.sock', '/run/docker.sock'];
/** Directories whose content is the host's own: who writes there can take it over, who reads there learns its secrets. */
export const SENSITIVE_PATHS = ['/etc', '/root', '/var/lib/docker', '/proc', '/sys'];
/** What lies in them and does no harm; containers are given these all the time. */
export const HARMLESS_PATHS = [
  '/etc/localtime',
  '/etc/timezone',
  '/etc/hosts',
  '/etc/hostname',
  '/etc/resolv.conf',
  '/etc/machine-id',
  '/etc/ssl/certs',
  '/etc/ca-certificates',
];

/** Risks that lie in a path of a host alone. */
export type PathRisk = 'ENGINE_SOCKET' | 'SENSITIVE_PATH';

/**
 * Risks of a bind mount of a path of the host: it reaches the engine's socket, or a sensitive directory, all of it or a part
 * of it. `further` are directories that the user counts as sensitive, too. `risk-conditions.ts` says the same in SQL.
 */
export function risksOfHostPath(path: string, further: readonly string[]): PathRisk[] {
  const given = pathComponents(path);
  if (given === undefined) return [];
  const within = (inner: string, outer: readonly string[]) => isWithin(pathComponents(inner) ?? [], outer);
  const inside = (outer: string) => isWithin(given, pathComponents(outer) ?? []);
  const risks: PathRisk[] = [];
  if (ENGINE_SOCKETS.some((socket) => within(socket, given))) risks.push('ENGINE_SOCKET');
  const own = further.some((known) => within(known, given) || inside(known));
  const sensitive = SENSITIVE_PATHS.some((known) => within(known, given) || inside(known)) && !HARMLESS_PATHS.some(inside);
  if (own || sensitive) risks.push('SENSITIVE_PATH');
  return risks;
}

/**
 * Whether several containers write the same storage, and whether from several hosts: someone writes to the whole of it
 * (`depth` is the length of its path), and another one to the whole or a part. Two that write to different parts of it do
 * not meet.
 */
export function risksOfWriters(members: readonly Pick<Spot, 'containerId' | 'hostId' | 'readOnly' | 'path'>[], depth: number): ShareRisk[] {
  const writers = members.filter((member) => !member.readOnly);
  if (!writers.some(({ path }) => path.length === depth)) return [];
  if (new Set(writers.map(({ containerId }) => containerId)).size < 2) return [];
  return new Set(writers.map(({ hostId }) => hostId)).size < 2 ? ['MULTIPLE_WRITERS'] : ['MULTIPLE_WRITERS', 'CROSS_HOST_WRITERS'];
}

/** A share, as far as its risks go. */
export interface RiskyShare {
  readonly kind: string;
  readonly identity: string;
  readonly multipleWriters: boolean;
  readonly crossHostWriters: boolean;
}

/** A share as far as its risks go, from what was read of it. */
export function riskyShare({ kind, identity, multipleWriters, crossHostWriters }: PartOf<'share'>): RiskyShare {
  return { kind: wasRead(kind), identity: wasRead(identity), multipleWriters: wasRead(multipleWriters), crossHostWriters: wasRead(crossHostWriters) };
}

/** The same of a mount. */
export function riskyMount({ type, source }: PartOf<'mount'>): { type: string; source: string | null } {
  return { type: wasRead(type), source: wasRead(source) };
}

/** All risks of a share. `risk-conditions.ts` says the same in SQL. */
export function risksOfShare(share: RiskyShare, further: readonly string[]): ShareRisk[] {
  return [...writersRisks([share]), ...(share.kind === 'BIND_PATH' ? risksOfHostPath(share.identity, further) : [])];
}

/** All risks of a container: of its own mounts, and of who writes what it shares. `risk-conditions.ts` says the same in SQL. */
export function risksOfContainer(
  mounts: readonly { readonly type: string; readonly source: string | null }[],
  shares: readonly RiskyShare[],
  further: readonly string[],
): ShareRisk[] {
  const ofMounts = mounts.flatMap(({ type, source }) => (type === 'BIND' ? risksOfHostPath(source ?? '', further) : []));
  const found = new Set([...writersRisks(shares), ...ofMounts]);
  return SHARE_RISKS.filter((risk) => found.has(risk));
}

function writersRisks(shares: readonly RiskyShare[]): ShareRisk[] {
  const risks: ShareRisk[] = [];
  if (shares.some((share) => share.multipleWriters)) risks.push('MULTIPLE_WRITERS');
  if (shares.some((share) => share.crossHostWriters)) risks.push('CROSS_HOST_WRITERS');
  return risks;
}
