import { Prisma, type Database } from '../database/client.js';
import { isText } from '../database/text-index.js';
import type { Container } from '../generated/prisma/client.js';
import { ALL_COLUMNS, columnList, type Columns, type PartOf } from './columns.js';
import { hasPart, hostIdsOf, isAmong, labelCondition, partsOfStates, type HostChoice, type LabelMatch } from './list-conditions.js';
import { readPageByText, type Ordered, type Page, type PageRequest } from './pages.js';
import type { ContainerState } from './picture.js';
import { containerHasRisk, type RiskQuery } from './risk-conditions.js';

export type { Container } from '../generated/prisma/client.js';

const ORDER_NAME = 'container NAME';

/** Which containers; an absent part accepts all. Without `states`, all that live. */
export interface ContainerQuery extends HostChoice {
  readonly search?: string | undefined;
  readonly states?: readonly ContainerState[] | undefined;
  readonly labels?: readonly LabelMatch[] | undefined;
  /** Name of a volume that they mount. */
  readonly volume?: string | undefined;
  readonly composeProject?: string | undefined;
  readonly risks?: RiskQuery | undefined;
}

/** One page of containers by name. */
export async function listContainers(
  database: Database,
  query: ContainerQuery,
  page: PageRequest,
  columns: Columns,
): Promise<Page<Ordered<PartOf<'container'>>>> {
  const conditions = containerConditions(query, await hostIdsOf(database, query));
  return readPageByText(database, page, {
    order: ORDER_NAME,
    columns: columnList('container', columns, 'c'),
    table: Prisma.sql`container c`,
    id: Prisma.sql`c.id`,
    text: Prisma.sql`c.name`,
    parts: partsOfStates(Prisma.sql`c`, query.states, Prisma.sql`"ContainerState"`).map((state) => [state, ...conditions]),
  });
}

function containerConditions(query: ContainerQuery, hostIds: readonly string[] | undefined): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [];
  if (hostIds !== undefined) conditions.push(isAmong(Prisma.sql`c.host_id`, hostIds));
  if (query.search !== undefined) conditions.push(hasPart(Prisma.sql`c.name`, query.search));
  if (query.labels !== undefined) conditions.push(...query.labels.map((label) => labelCondition(Prisma.sql`c.labels`, label)));
  if (query.volume !== undefined) {
    conditions.push(Prisma.sql`exists (select 1 from mount m where m.container_id = c.id and ${isText(Prisma.sql`m.volume_name`, query.volume)})`);
  }
  if (query.composeProject !== undefined) conditions.push(isText(Prisma.sql`c.compose_project`, query.composeProject));
  if (query.risks !== undefined) conditions.push(containerHasRisk(query.risks));
  return conditions;
}

/** The living container of that name or full engine id, else the newest of its history that has it. */
export async function findContainerByName(database: Database, host: string, nameOrId: string, columns: Columns): Promise<PartOf<'container'> | undefined> {
  const [container] = await database.readRows<PartOf<'container'>>(Prisma.sql`
    select ${columnList('container', columns, 'c')} from container c join host on host.id = c.host_id
    where host.name = ${host} and (${isText(Prisma.sql`c.name`, nameOrId)} or c.engine_id = ${nameOrId}) order by c.removed_at desc nulls first, c.id desc limit 1`);
  return container;
}

/** The living container of that name or full engine id; with `removed`, else the newest of its history. */
export async function findContainer(database: Database, hostId: string, nameOrId: string, removed = false): Promise<Container | undefined> {
  const named = Prisma.sql`c.host_id = ${hostId}::uuid and (${isText(Prisma.sql`c.name`, nameOrId)} or c.engine_id = ${nameOrId})`;
  const newestOf = async (life: Prisma.Sql) => {
    const [found] = await database.readRows<Container>(
      Prisma.sql`select ${columnList('container', ALL_COLUMNS, 'c')} from container c where ${named} and ${life} order by c.removed_at desc limit 1`,
    );
    return found;
  };
  const living = await newestOf(Prisma.sql`c.removed_at is null`);
  return living === undefined && removed ? newestOf(Prisma.sql`c.removed_at is not null`) : living;
}
