import { useEffect, useState } from 'react';
import { Age } from './ages';
import { Card } from './card';
import { EventSubject, eventTitle, eventTone } from './event-words';
import { Empty, Loading, QueryFailure } from './feedback';
import { useGateway, useLiveEvents } from './gateway-context';
import type { CombinedError } from '@urql/core';
import type { LiveEvent } from './live-feed';
import { VolumeEventsDocument, type VolumeDetailFragment as VolumeDetail, type VolumeEventsQuery } from './operations';

/** Events of a page, and pages that are read at most: a volume that is mounted every minute has thousands. */
const PAGE_EVENTS = 200;
const MAX_PAGES = 10;

/** What has become of a volume, newest first, as a line through time. */
export function VolumeHistory({ volume: { id, name, host } }: { readonly volume: VolumeDetail }) {
  const { client, pageOf } = useGateway();
  const [round, setRound] = useState(0);
  const [events, setEvents] = useState<readonly LiveEvent[] | undefined>();
  const [error, setError] = useState<CombinedError | undefined>();
  useEffect(() => {
    let isGone = false;
    const read = async () => {
      const all: LiveEvent[] = [];
      let after: string | null = null;
      for (let page = 0; page < MAX_PAGES; page++) {
        const answer: { data?: VolumeEventsQuery | undefined; error?: CombinedError | undefined } = await client
          .query(VolumeEventsDocument, { id, first: pageOf(PAGE_EVENTS), after }, { requestPolicy: 'network-only' })
          .toPromise();
        if (isGone) return;
        const node = answer.data?.node;
        const connection = node !== undefined && node !== null && 'events' in node ? node.events : undefined;
        setError(answer.error);
        if (connection === undefined) return;
        all.push(...connection.nodes);
        after = connection.pageInfo.endCursor;
        if (!connection.pageInfo.hasNextPage) break;
      }
      setEvents(all.reverse());
    };
    void read();
    return () => {
      isGone = true;
    };
  }, [client, pageOf, id, round]);
  useLiveEvents({
    onEvents: (news) => {
      const own = news.filter(({ volume, hostName, volumeName }) => (volume === null ? hostName === host.name && volumeName === name : volume.id === id));
      if (own.length === 0) return;
      setEvents((shown) => {
        const known = new Set(shown?.map(({ cursor }) => cursor));
        return [...own.reverse().filter(({ cursor }) => !known.has(cursor)), ...(shown ?? [])];
      });
    },
    onReload: () => {
      setRound(round + 1);
    },
  });
  return (
    <Card title="History">
      {error !== undefined && <QueryFailure error={error} />}
      {events === undefined && error === undefined && <Loading what="the history" />}
      {events?.length === 0 && <Empty title="Nothing is kept of it" />}
      <div className="timeline-scroll" tabIndex={0} role="group" aria-label="What became of it">
        <ol className="timeline">
          {withoutSteps(events ?? []).map((event) => (
            <li key={event.cursor}>
              <span className={`dot ${eventTone(event)}`} />
              <span className="event-title">
                {eventTitle(event)}
                {whereOf(event) !== undefined && <code> {whereOf(event)}</code>}
              </span>
              <Age at={event.occurredAt} />
              <EventSubject event={event} withoutVolume />
            </li>
          ))}
        </ol>
      </div>
    </Card>
  );
}

/** The same without the steps of operations that went on since: of each, what has become of it. */
function withoutSteps(newestFirst: readonly LiveEvent[]): readonly LiveEvent[] {
  const known = new Set<string>();
  return newestFirst.filter(({ type, operation }) => {
    if (type !== 'OPERATION_CHANGED' || operation === null) return true;
    const isNew = !known.has(operation.id);
    known.add(operation.id);
    return isNew;
  });
}

/** Where a container had it, of an event that tells so. */
function whereOf({ attributes }: LiveEvent): string | undefined {
  if (typeof attributes !== 'object' || attributes === null || !('destinations' in attributes) || !Array.isArray(attributes.destinations)) return undefined;
  return attributes.destinations.filter((destination) => typeof destination === 'string').join(', ');
}
