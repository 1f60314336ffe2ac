import type { CombinedError, TypedDocumentNode } from '@urql/core';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Gateway } from './gateway';
import type { LiveEvent, LiveListener, LiveStatus } from './live-feed';
import type { Role } from './operations';

const GatewayContext = createContext<Gateway | undefined>(undefined);
export const GatewayProvider = GatewayContext.Provider;

/** The gateway that the page shows. */
export function useGateway(): Gateway {
  const gateway = useContext(GatewayContext);
  if (gateway === undefined) throw new Error('nobody is signed in');
  return gateway;
}

const RANK: Readonly<Record<Role, number>> = { VIEWER: 0, OPERATOR: 1, ADMIN: 2 };

/** Whether who is signed in has a role, or one above it. The gateway decides; here it only says what to offer. */
export function useMay(role: Role): boolean {
  return RANK[useGateway().viewer.role] >= RANK[role];
}

/** How the page hangs on the gateway. */
export function useLiveStatus(): LiveStatus {
  const { feed } = useGateway();
  return useSyncExternalStore(feed.watchStatus, feed.readStatus);
}

/** Has a listener told of events while it is shown. */
export function useLiveEvents(listener: LiveListener): void {
  const { feed } = useGateway();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(
    () =>
      feed.listen({
        onEvents: (events) => latest.current.onEvents?.(events),
        onReload: () => latest.current.onReload?.(),
      }),
    [feed],
  );
}

/** What a question has come to. */
export interface Answer<Data> {
  /** The last that was heard, also while it is asked anew or nobody answers; undefined: nothing yet. */
  readonly data: Data | undefined;
  /** Why there is nothing newer. */
  readonly error: CombinedError | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** Milliseconds that lie between two readings of one question at least, however much happens. */
const READ_AGAIN_MS = 400;

/** Asks the gateway, and again whenever something has happened that concerns it. */
export function useLiveQuery<Data, Variables extends object>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  concerns: (event: LiveEvent) => boolean,
): Answer<Data> {
  const { client } = useGateway();
  const key = JSON.stringify(variables);
  const [{ answer, answered }, setState] = useState<{ answer: Omit<Answer<Data>, 'reload'>; answered: string }>({
    answer: { data: undefined, error: undefined, isLoading: true },
    answered: key,
  });
  const [round, setRound] = useState(0);
  // The key stands for the variables, which are another object each time.
  const asked = useMemo(() => variables, [key]);
  useEffect(() => {
    const reading = client.query(document, asked, { requestPolicy: round === 0 ? 'cache-and-network' : 'network-only' }).subscribe((result) => {
      setState((before) => ({
        answered: key,
        answer: {
          data: result.data ?? (before.answered === key ? before.answer.data : undefined),
          error: result.error,
          isLoading: result.stale,
        },
      }));
    });
    return () => {
      reading.unsubscribe();
    };
  }, [client, document, asked, key, round]);

  const reload = useThrottled(
    useCallback(() => {
      setRound((before) => before + 1);
    }, []),
    READ_AGAIN_MS,
  );
  useLiveEvents({
    onEvents: (events) => {
      if (events.some(concerns)) reload();
    },
    onReload: reload,
  });
  const current = answered === key ? answer : { data: undefined, error: undefined, isLoading: true };
  return { ...current, reload };
}

/** Does something at once, or, when it was just done, once for all calls as soon as so many milliseconds have passed. */
export function useThrottled(act: () => void, ms: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const last = useRef(0);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return useCallback(() => {
    if (timer.current !== undefined) return;
    const wait = Math.max(0, last.current + ms - Date.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      last.current = Date.now();
      act();
    }, wait);
  }, [act, ms]);
}
