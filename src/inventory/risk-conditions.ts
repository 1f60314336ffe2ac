import { Prisma } from '../database/client.js';
import { beginningOf, cutToBeginning } from '../database/text-index.js';
import { ENGINE_SOCKETS, HARMLESS_PATHS, SENSITIVE_PATHS, type PathRisk, type ShareRisk } from './share-risks.js';
import { pathComponents, pathsAbove, pathText } from './storage-place.js';

/** Which risks are asked for, and which directories count as sensitive beside the usual ones. */
export interface RiskQuery {
  readonly anyOf: readonly ShareRisk[];
  readonly sensitivePaths: readonly string[];
}

/** A column that holds a cleaned path of a host, and its beginning as it is indexed. */
export interface PathColumn {
  readonly path: Prisma.Sql;
  readonly beginning: Prisma.Sql;
}

/** The path of a share. */
const SHARED_PATH: PathColumn = { path: Prisma.sql`s.identity`, beginning: beginningOf(Prisma.sql`s.identity`) };
/** The path of a bind mount: its own statistics, since volumes lie below a sensitive path, all of them. */
const BOUND_PATH: PathColumn = { path: Prisma.sql`m.source`, beginning: Prisma.sql`(case when m.type = 'BIND' then left(m.source, 255) end) collate "C"` };

/** Condition: the path has the risk. The same as `risksOfHostPath`. */
export function pathHasRisk({ path, beginning }: PathColumn, risk: PathRisk, sensitivePaths: readonly string[]): Prisma.Sql {
  if (risk === 'ENGINE_SOCKET') return Prisma.sql`${beginning} = any(${withAncestors(ENGINE_SOCKETS)}::text[])`;
  const own = liesAround(path, sensitivePaths);
  const near = beginsNear(beginning, [...SENSITIVE_PATHS, ...sensitivePaths]);
  return Prisma.sql`(${near} and (${own} or (${liesAround(path, SENSITIVE_PATHS)} and not ${liesIn(path, HARMLESS_PATHS)})))`;
}

/** Condition on bind mounts (alias m): of one of these paths, of what lies in one, or of what one lies in. */
export function isBoundAround(paths: readonly string[]): Prisma.Sql {
  return Prisma.sql`(${beginsNear(BOUND_PATH.beginning, paths)} and ${liesAround(BOUND_PATH.path, paths)})`;
}

/**
 * Condition that the index of paths answers: what lies around one of these paths is among what it leaves, which is little
 * more than that.
 */
function beginsNear(beginning: Prisma.Sql, known: readonly string[]): Prisma.Sql {
  const cleaned = known.map((each) => pathText(pathComponents(each) ?? []));
  if (cleaned.includes('/')) return Prisma.sql`true`;
  const inside = cleaned.map((each) => {
    const start = cutToBeginning(`${each}/`);
    // In the order of bytes "0" comes right behind "/".
    return start.endsWith('/') ? Prisma.sql`(${beginning} > ${start} and ${beginning} < ${`${each}0`})` : Prisma.sql`${beginning} = ${start}`;
  });
  return Prisma.sql`(${Prisma.join([Prisma.sql`${beginning} = any(${withAncestors(known).map(cutToBeginning)}::text[])`, ...inside], ' or ')})`;
}

/** Condition on shares (alias s): one of these risks. */
export function shareHasRisk({ anyOf, sensitivePaths }: RiskQuery): Prisma.Sql {
  const conditions = anyOf.map((risk) => {
    if (risk === 'MULTIPLE_WRITERS') return Prisma.sql`s.multiple_writers`;
    if (risk === 'CROSS_HOST_WRITERS') return Prisma.sql`s.cross_host_writers`;
    return Prisma.sql`(s.kind = 'BIND_PATH' and ${pathHasRisk(SHARED_PATH, risk, sensitivePaths)})`;
  });
  return anyOf.length === 0 ? Prisma.sql`false` : Prisma.sql`(${Prisma.join(conditions, ' or ')})`;
}

/** Condition on containers (alias c): one of these risks, by a mount of its own or by a share that it is in. */
export function containerHasRisk({ anyOf, sensitivePaths }: RiskQuery): Prisma.Sql {
  const conditions = anyOf.map((risk) => {
    if (risk === 'MULTIPLE_WRITERS' || risk === 'CROSS_HOST_WRITERS') {
      return Prisma.sql`c.id in (select m.container_id from mount m join share_mount sm on sm.mount_id = m.id join share s on s.id = sm.share_id
        where ${shareHasRisk({ anyOf: [risk], sensitivePaths })})`;
    }
    return Prisma.sql`c.id in (select m.container_id from mount m where m.type = 'BIND' and ${pathHasRisk(BOUND_PATH, risk, sensitivePaths)})`;
  });
  return anyOf.length === 0 ? Prisma.sql`false` : Prisma.sql`(${Prisma.join(conditions, ' or ')})`;
}

/** Condition on a column that holds a cleaned path: it is one of these, lies in one of them, or has one of them in it. */
export function liesAround(path: Prisma.Sql, known: readonly string[]): Prisma.Sql {
  return Prisma.sql`(${path} = any(${withAncestors(known)}::text[]) or ${liesIn(path, known)})`;
}

function liesIn(path: Prisma.Sql, known: readonly string[]): Prisma.Sql {
  const cleaned = known.map((each) => pathText(pathComponents(each) ?? []));
  // Everything lies in the root.
  return Prisma.sql`exists (select 1 from unnest(${cleaned}::text[]) as k(path) where ${path} = k.path or k.path = '/' or starts_with(${path}, k.path || '/'))`;
}

function withAncestors(paths: readonly string[]): string[] {
  return [...new Set(['/', ...paths.flatMap((path) => pathsAbove(pathComponents(path) ?? []))])];
}
