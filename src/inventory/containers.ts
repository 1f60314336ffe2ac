import { Prisma, type Database } from '../database/client.js';
import type { Container } from '../generated/prisma/client.js';
import { columnList, type Columns, type PartOf } from './columns.js';
import { readPageByText, type Ordered, type Page, type PageRequest } from './pages.js';
import type { ContainerState } from './picture.js';
import { containerHasRisk, type RiskQuery } from './risk-conditions.js';
import { escapeLike, labelCondition, type LabelMatch } from './volumes.js';

export type { Container } from '../generated/prisma/client.js';

const ORDER_NAME = 'container NAME';

/** Which containers; an absent part accepts all. Without `states`, all that live. */
export interface ContainerQuery {
  readonly hostId?: string | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly search?: string | undefined;
  readonly states?: readonly ContainerState[] | undefined;
  readonly labels?: readonly LabelMatch[] | undefined;
  /** Name of a volume that they mount. */
  readonly volume?: string | undefined;
  readonly composeProject?: string | undefined;
  readonly risks?: RiskQuery | undefined;
}

/** One page of containers by name. */
export function listContainers(database: Database, query: ContainerQuery, page: PageRequest, columns: Columns): Promise<Page<Ordered<PartOf<'container'>>>> {
  return readPageByText(database, page, {
    order: ORDER_NAME,
    columns: columnList('container', columns, 'c'),
    table: Prisma.sql`container c`,
    id: Prisma.sql`c.id`,
    text: Prisma.sql`c.name`,
    conditions: containerConditions(query),
  });
}

function containerConditions(query: ContainerQuery): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [];
  if (query.states === undefined || !query.states.includes('REMOVED')) conditions.push(Prisma.sql`c.removed_at is null`);
  if (query.states !== undefined) conditions.push(Prisma.sql`c.state = any(${[...query.states]}::"ContainerState"[])`);
  if (query.hostId !== undefined) conditions.push(Prisma.sql`c.host_id = ${query.hostId}::uuid`);
  if (query.hosts !== undefined) conditions.push(Prisma.sql`c.host_id in (select id from host where name = any(${[...query.hosts]}::text[]))`);
  if (query.search !== undefined) conditions.push(Prisma.sql`c.name ilike ${`%${escapeLike(query.search)}%`}`);
  if (query.labels !== undefined) conditions.push(...query.labels.map((label) => labelCondition(Prisma.sql`c.labels`, label)));
  if (query.volume !== undefined) conditions.push(Prisma.sql`exists (select 1 from mount m where m.container_id = c.id and m.volume_name = ${query.volume})`);
  if (query.composeProject !== undefined) conditions.push(Prisma.sql`c.compose_project = ${query.composeProject}`);
  if (query.risks !== undefined) conditions.push(containerHasRisk(query.risks));
  return conditions.length === 0 ? [Prisma.sql`true`] : conditions;
}

/** The living container of that name or full engine id; with `removed`, else the newest of its history. */
export async function findContainer(database: Database, hostId: string, nameOrId: string, removed = false): Promise<Container | undefined> {
  const named = { hostId, OR: [{ name: nameOrId }, { engineId: nameOrId }] };
  const living = await database.container.findFirst({ where: { ...named, removedAt: null } });
  if (living !== null) return living;
  if (!removed) return undefined;
  return (await database.container.findFirst({ where: named, orderBy: { removedAt: 'desc' } })) ?? undefined;
}
