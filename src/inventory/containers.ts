import { Prisma, type Database } from '../database/client.js';
import { isText } from '../database/text-index.js';
import type { Container } from '../generated/prisma/client.js';
import { ALL_COLUMNS, columnList, type Columns, type PartOf } from './columns.js';
import { hasPart, hostIdsOf, isAmong, labelConditions, ownerIsAmong, partsOfStates, type HostChoice, type LabelMatch } from './list-conditions.js';
import { OWNER_ID, readPageByText, readPagesByText, type Ordered, type Page, type PageRequest, type TextOrder } from './pages.js';
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
  const hostIds = await hostIdsOf(database, query);
  return readPageByText(database, page, containerList(query, hostIds === undefined ? [] : [isAmong(Prisma.sql`c.host_id`, hostIds)], columns));
}

/** One page of the containers of each of these hosts, in one statement. The query's own hosts choose among them. */
export function listContainersOfHosts(
  database: Database,
  hostIds: readonly string[],
  query: ContainerQuery,
  page: PageRequest,
  columns: Columns,
): Promise<Map<string, Page<Ordered<PartOf<'container'>>>>> {
  const list = containerList(query, [Prisma.sql`c.host_id = ${OWNER_ID}`, ...ownerIsAmong(query.hosts)], columns);
  return readPagesByText(database, hostIds, page, list);
}

/** How a list of containers is read, of those that also meet `hosts`. */
function containerList(query: ContainerQuery, hosts: readonly Prisma.Sql[], columns: Columns): TextOrder {
  const conditions = [...hosts, ...containerConditions(query)];
  return {
    order: ORDER_NAME,
    columns: columnList('container', columns, 'c'),
    table: Prisma.sql`container c`,
    id: Prisma.sql`c.id`,
    text: Prisma.sql`c.name`,
    parts: partsOfStates(Prisma.sql`c`, query.states, Prisma.sql`"ContainerState"`).map((state) => [state, ...conditions]),
  };
}

function containerConditions(query: ContainerQuery): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [];
  if (query.search !== undefined) conditions.push(hasPart(Prisma.sql`c.name`, query.search));
  if (query.labels !== undefined) conditions.push(...labelConditions(Prisma.sql`c.labels`, query.labels));
  if (query.volume !== undefined) {
    conditions.push(Prisma.sql`exists (select 1 from mount m where m.container_id = c.id and ${isText(Prisma.sql`m.volume_name`, query.volume)})`);
  }
  if (query.composeProject !== undefined) conditions.push(isText(Prisma.sql`c.compose_project`, query.composeProject));
  if (query.risks !== undefined) conditions.push(containerHasRisk(query.risks));
  return conditions;
}

/** The living container of that name or full engine id, else the newest of its history that has it. */
export function findContainerByName(database: Database, host: string, nameOrId: string, columns: Columns): Promise<PartOf<'container'> | undefined> {
  return newestNamed(database, Prisma.sql`(select id from host where name = ${host})`, nameOrId, { removed: true }, columns);
}

/** The living container of that name or full engine id, with all that is known of it; with `removed`, else the newest of its history. */
export async function findContainer(database: Database, hostId: string, nameOrId: string, removed = false): Promise<Container | undefined> {
  const found = await newestNamed(database, Prisma.sql`${hostId}::uuid`, nameOrId, { removed }, ALL_COLUMNS);
  // All columns were asked for.
  return found as Container | undefined;
}

async function newestNamed(
  database: Database,
  hostId: Prisma.Sql,
  nameOrId: string,
  { removed }: { readonly removed: boolean },
  columns: Columns,
): Promise<PartOf<'container'> | undefined> {
  // An id comes before a name, as with the docker client.
  const ways = (removed ? [Prisma.sql`c.removed_at is null`, Prisma.sql`c.removed_at is not null`] : [Prisma.sql`c.removed_at is null`])
    .flatMap((life) => [Prisma.sql`${life} and c.engine_id = ${nameOrId}`, Prisma.sql`${life} and ${isText(Prisma.sql`c.name`, nameOrId)}`])
    .map(
      (way, rank) => Prisma.sql`(select ${Prisma.raw(String(rank))} as rank, c.* from container c
        where c.host_id = ${hostId} and ${way} order by c.removed_at desc, c.id desc limit 1)`,
    );
  const [found] = await database.readRows<PartOf<'container'>>(
    Prisma.sql`select ${columnList('container', columns, 'c')} from (${Prisma.join(ways, ' union all ')}) c order by c.rank limit 1`,
  );
  return found;
}
