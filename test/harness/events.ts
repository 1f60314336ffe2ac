import type { Client } from 'graphql-ws';
import type { TestGateway } from './gateway.js';

/** An event of the journal, as the tests ask for it. */
export interface ToldEvent {
  readonly cursor: string;
  readonly type: string;
  readonly source: string;
  readonly occurredAt: string;
  readonly hostName: string | null;
  readonly volumeName: string | null;
  readonly containerName: string | null;
}

const FIELDS = 'cursor type source occurredAt hostName volumeName containerName';

/** A subscription that writes down what it is told. */
export interface Listener {
  readonly events: ToldEvent[];
  readonly problems: unknown[];
  /** Whether it came to an end, by itself or by {@link end}. */
  readonly isOver: () => boolean;
  end(): void;
}

/** Subscribes to events and collects them. */
export function listenToEvents(client: Client, variables: { readonly after?: string | undefined; readonly filter?: Record<string, unknown> } = {}): Listener {
  const events: ToldEvent[] = [];
  const problems: unknown[] = [];
  let over = false;
  const end = client.subscribe<{ events: ToldEvent }>(
    { query: `subscription ($filter: EventFilter, $after: String) { events(filter: $filter, after: $after) { ${FIELDS} } }`, variables },
    {
      next: ({ data, errors }) => {
        if (errors !== undefined) problems.push(...errors);
        if (data !== null && data !== undefined) events.push(data.events);
      },
      error: (error) => {
        problems.push(error);
        over = true;
      },
      complete: () => {
        over = true;
      },
    },
  );
  return { events, problems, isOver: () => over, end };
}

/** The whole journal after a cursor, read page by page. */
export async function readJournal(gateway: TestGateway, after?: string): Promise<ToldEvent[]> {
  const found: ToldEvent[] = [];
  for (let cursor = after; ;) {
    const { events } = await gateway.query<{ events: { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: ToldEvent[] } }>(
      `query ($after: String) { events(first: 200, after: $after) { pageInfo { hasNextPage endCursor } nodes { ${FIELDS} } } }`,
      { after: cursor },
    );
    found.push(...events.nodes);
    if (!events.pageInfo.hasNextPage) return found;
    cursor = events.pageInfo.endCursor ?? undefined;
  }
}
