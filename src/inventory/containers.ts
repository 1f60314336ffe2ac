import { Prisma, type Database } from '../database/client.js';
import type { Container } from '../generated/prisma/client.js';
import { checkPageSize, formatPageCursor, parsePageCursor, type Page, type PageRequest } from './pages.js';
import type { ContainerState } from './picture.js';
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
}

/** One page of containers by name, in two statements. */
export async function listContainers(database: Database, query: ContainerQuery, page: PageRequest): Promise<Page<Container>> {
  const first = checkPageSize(page.first);
  const conditions = containerConditions(query);
  if (page.after !== undefined && page.after !== null) {
    const { value, id } = parsePageCursor(ORDER_NAME, page.after);
    conditions.push(Prisma.sql`(c.name collate "C", c.id) > (${value}, ${id}::uuid)`);
  }
  const keys = await database.$queryRaw<{ id: string; name: string }[]>(Prisma.sql`
    select c.id, c.name from container c where ${Prisma.join(conditions, ' and ')} order by c.name collate "C", c.id limit ${first + 1}`);
  const shown = keys.slice(0, first);
  const rows = new Map((await database.container.findMany({ where: { id: { in: shown.map((key) => key.id) } } })).map((row) => [row.id, row]));
  return {
    items: shown.flatMap(({ id, name }) => {
      const row = rows.get(id);
      return row === undefined ? [] : [{ row, cursor: formatPageCursor(ORDER_NAME, name, id) }];
    }),
    hasNextPage: keys.length > first,
    hasPreviousPage: page.after !== undefined && page.after !== null,
    count: async () => {
      const [row] = await database.$queryRaw<{ count: bigint }[]>(
        Prisma.sql`select count(*) as count from container c where ${Prisma.join(containerConditions(query), ' and ')}`,
      );
      return Number(row?.count ?? 0n);
    },
  };
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
