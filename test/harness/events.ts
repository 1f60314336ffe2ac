import type { Client } from 'graphql-ws';
import type { TestGateway } from './gateway.js';
import { readAll } from './lists.js';

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
  /** Types of the events so far. */
  readonly types: () => string[];
  /** Whether it came to an end, by itself or by {@link end}. */
  readonly isOver: () => boolean;
  end(): void;
}

/** Subscribes to events and collects them; `further` are fields that are asked for beside those of {@link ToldEvent}. */
export function listenToEvents(client: Client, variables: Record<string, unknown> = {}, further = ''): Listener {
  const events: ToldEvent[] = [];
  const problems: unknown[] = [];
  let over = false;
  const end = client.subscribe<{ events: ToldEvent }>(
    { query: `subscription ($filter: EventFilter, $after: String) { events(filter: $filter, after: $after) { ${FIELDS} ${further} } }`, variables },
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
  return { events, problems, types: () => events.map(({ type }) => type), isOver: () => over, end };
}

/** The whole journal after a cursor. */
export function readJournal(gateway: TestGateway, after?: string): Promise<ToldEvent[]> {
  return readAll(gateway, 'events', FIELDS, { after });
}
