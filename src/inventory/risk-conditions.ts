import { Prisma } from '../database/client.js';
import { ENGINE_SOCKETS, HARMLESS_PATHS, SENSITIVE_PATHS, type PathRisk, type ShareRisk } from './share-risks.js';
import { pathComponents, pathsAbove, pathText } from './storage-place.js';

/** Which risks are asked for, and which directories count as sensitive beside the usual ones. */
export interface RiskQuery {
  readonly anyOf: readonly ShareRisk[];
  readonly sensitivePaths: readonly string[];
}

/** Condition on a column that holds a cleaned path of a host: it has the risk. The same as `risksOfHostPath`. */
export function pathHasRisk(path: Prisma.Sql, risk: PathRisk, sensitivePaths: readonly string[]): Prisma.Sql {
  if (risk === 'ENGINE_SOCKET') return Prisma.sql`${path} = any(${withAncestors(ENGINE_SOCKETS)}::text[])`;
  const own = liesAround(path, sensitivePaths);
  return Prisma.sql`(${own} or (${liesAround(path, SENSITIVE_PATHS)} and not ${liesIn(path, HARMLESS_PATHS)}))`;
}

/** Condition on shares (alias s): one of these risks. */
export function shareHasRisk({ anyOf, sensitivePaths }: RiskQuery): Prisma.Sql {
  const conditions = anyOf.map((risk) => {
    if (risk === 'MULTIPLE_WRITERS') return Prisma.sql`s.multiple_writers`;
    if (risk === 'CROSS_HOST_WRITERS') return Prisma.sql`s.cross_host_writers`;
    return Prisma.sql`(s.kind = 'BIND_PATH' and ${pathHasRisk(Prisma.sql`s.identity`, risk, sensitivePaths)})`;
  });
  return anyOf.length === 0 ? Prisma.sql`true` : Prisma.sql`(${Prisma.join(conditions, ' or ')})`;
}

/** Condition on containers (alias c): one of these risks, by a mount of its own or by a share that it is in. */
export function containerHasRisk({ anyOf, sensitivePaths }: RiskQuery): Prisma.Sql {
  const conditions = anyOf.map((risk) => {
    if (risk === 'MULTIPLE_WRITERS' || risk === 'CROSS_HOST_WRITERS') {
      return Prisma.sql`exists (select 1 from mount m join share_mount sm on sm.mount_id = m.id join share s on s.id = sm.share_id
        where m.container_id = c.id and ${shareHasRisk({ anyOf: [risk], sensitivePaths })})`;
    }
    return Prisma.sql`exists (select 1 from mount m where m.container_id = c.id and m.type = 'BIND' and ${pathHasRisk(Prisma.sql`m.source`, risk, sensitivePaths)})`;
  });
  return anyOf.length === 0 ? Prisma.sql`true` : Prisma.sql`(${Prisma.join(conditions, ' or ')})`;
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
