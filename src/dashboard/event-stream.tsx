import type { CombinedError } from '@urql/core';
import { useEffect, useState } from 'react';
import { Age } from './ages';
import { EventSubject, eventTitle, eventTone } from './event-words';
import { Empty, QueryState } from './feedback';
import { useGateway, useLiveEvents, useLiveStatus } from './gateway-context';
import type { LiveEvent } from './live-feed';
import { RecentEventsDocument } from './operations';

/** Events that are shown at most; older ones are in the journal. */
const SHOWN_EVENTS = 200;
/** Events from before the page was opened. */
const FORMER_EVENTS = 50;

/** What has happened, newest first, as it happens. */
export function EventStream() {
  const { client, pageOf } = useGateway();
  const { connection } = useLiveStatus();
  const [events, setEvents] = useState<readonly LiveEvent[] | undefined>();
  const [error, setError] = useState<CombinedError | undefined>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const reading = client
      .query(RecentEventsDocument, { first: pageOf(FORMER_EVENTS) }, { requestPolicy: 'network-only' })
      .subscribe(({ data, error: problem }) => {
        setError(problem);
        if (data !== undefined) setEvents((live) => joined(live ?? [], data.events.nodes));
      });
    return () => {
      reading.unsubscribe();
    };
  }, [client, round]);
  const readAgain = () => {
    setRound(round + 1);
  };
  useLiveEvents({
    onEvents: (news) => {
      setEvents((shown) => joined([...news].reverse(), shown ?? []));
    },
    onGap: () => {
      setEvents(undefined);
      readAgain();
    },
    onReload: () => {
      // All others came by the feed.
      if (error !== undefined) readAgain();
    },
  });
  return (
    <section className={events === undefined ? 'card stream filling' : 'card stream'} aria-labelledby="stream-title">
      <header className="card-head">
        <h2 id="stream-title">What happens</h2>
        <span className={`pulse ${connection === 'LIVE' ? 'on' : ''}`}>{connection === 'LIVE' ? 'Live' : 'Not live'}</span>
      </header>
      <QueryState query={{ data: events, error, reload: readAgain }} what="events" />
      {events?.length === 0 && <Empty title="Nothing has happened yet" />}
      {events !== undefined && events.length > 0 && (
        <div className="stream-scroll" tabIndex={0} role="group" aria-labelledby="stream-title">
          <ol className="events">
            {events.map((event) => (
              <li key={event.cursor} data-cursor={event.cursor}>
                <span className={`dot ${eventTone(event)}`} />
                <span className="event-title">{eventTitle(event)}</span>
                <EventSubject event={event} />
                <Age at={event.occurredAt} />
              </li>
            ))}
          </ol>
        </div>
      )}
    </section>
  );
}

/** Two runs of events, newest first, without what is in both. */
function joined(newer: readonly LiveEvent[], older: readonly LiveEvent[]): readonly LiveEvent[] {
  const known = new Set(newer.map(({ cursor }) => cursor));
  return [...newer, ...older.filter(({ cursor }) => !known.has(cursor))].slice(0, SHOWN_EVENTS);
}
