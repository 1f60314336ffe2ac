import type { CombinedError, TypedDocumentNode } from '@urql/core';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Gateway } from './gateway';
import type { LiveEvent, LiveListener, LiveStatus } from './live-feed';
import { HostNamesDocument, type HostNamesQuery, type Role } from './operations';

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

/** Whether who is signed in may change hosts and tokens: an ADMIN for whom all hosts exist. */
export function useMayAdminister(): boolean {
  const { role, hosts } = useGateway().viewer;
  return role === 'ADMIN' && hosts === null;
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
        onGap: () => latest.current.onGap?.(),
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

/** Milliseconds that lie between two readings of one question, unless the one who asks says otherwise. */
const READ_AGAIN_MS = 400;

type State<Data> = Omit<Answer<Data>, 'reload'>;
const UNASKED = { data: undefined, error: undefined, isLoading: true };

/**
 * Asks the gateway, and again whenever something has happened that concerns it.
 * @param everyMs milliseconds that lie between two readings at least, however much happens.
 */
export function useLiveQuery<Data, Variables extends object>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  concerns: (event: LiveEvent) => boolean,
  everyMs = READ_AGAIN_MS,
): Answer<Data> {
  const { client } = useGateway();
  const key = JSON.stringify(variables);
  // The key stands for the variables, which are another object each time.
  const asked = useMemo(() => variables, [key]);
  const [{ state, of }, setState] = useState<{ readonly state: State<Data>; readonly of: string }>({ state: UNASKED, of: key });
  const reading = useRef<{ isBusy: boolean; isWanted: boolean; read: () => void }>(undefined);
  useEffect(() => {
    let isGone = false;
    const show = (change: Partial<State<Data>>) => {
      setState((before) => ({ of: key, state: { ...(before.of === key ? before.state : UNASKED), ...change } }));
    };
    const current = {
      isBusy: false,
      isWanted: false,
      read: () => {
        // One at a time: with more, those that are asked later would push away the ones before, and nothing came for a while.
        current.isWanted = current.isBusy;
        if (current.isBusy) return;
        current.isBusy = true;
        void client
          .query(document, asked, { requestPolicy: 'network-only' })
          .toPromise()
          .then(({ data, error }) => {
            current.isBusy = false;
            if (isGone) return;
            show({ ...(data === undefined ? {} : { data }), error, isLoading: false });
            if (current.isWanted) current.read();
          });
      },
    };
    reading.current = current;
    const known = client.readQuery(document, asked)?.data;
    if (known !== undefined) show({ data: known });
    current.read();
    return () => {
      isGone = true;
    };
  }, [client, document, asked, key]);

  const reload = useThrottled(
    useCallback(() => {
      reading.current?.read();
    }, []),
    everyMs,
  );
  useLiveEvents({
    onEvents: (events) => {
      if (events.some(concerns)) reload();
    },
    onReload: reload,
  });
  return { ...(of === key ? state : UNASKED), reload };
}

/** Hosts to choose from; undefined: not known yet. */
export function useHostNames(): HostNamesQuery['hosts'] | undefined {
  return useLiveQuery(HostNamesDocument, {}, ({ type }) => type.startsWith('HOST_')).data?.hosts;
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
