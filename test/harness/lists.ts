import type { TestGateway } from './gateway.js';

/** Entries of one page. */
const PAGE_SIZE = 200;
const FILTER_TYPES = { volumes: 'VolumeFilter', containers: 'ContainerFilter', events: 'EventFilter' } as const;

interface Page<Node> {
  readonly nodes: Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Reads a whole list, page by page: `fields` of each entry that the filter takes, from behind `after` on. */
export async function readAll<Node>(
  gateway: TestGateway,
  list: keyof typeof FILTER_TYPES,
  fields: string,
  { filter, after }: { readonly filter?: Record<string, unknown>; readonly after?: string | undefined } = {},
): Promise<Node[]> {
  const found: Node[] = [];
  for (let cursor = after; ;) {
    const data = await gateway.query<Record<string, Page<Node>>>(
      `query ($after: String, $filter: ${FILTER_TYPES[list]}) {
        ${list}(first: ${String(PAGE_SIZE)}, after: $after, filter: $filter) { nodes { ${fields} } pageInfo { hasNextPage endCursor } }
      }`,
      { after: cursor, filter },
    );
    const page = data[list];
    found.push(...(page?.nodes ?? []));
    if (page?.pageInfo.hasNextPage !== true) return found;
    cursor = page.pageInfo.endCursor ?? undefined;
  }
}
