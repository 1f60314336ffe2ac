import { cacheExchange, Client, type CombinedError, fetchExchange, mapExchange } from '@urql/core';
import { createClient, type Client as SocketClient } from 'graphql-ws';
import { CSRF_HEADERS, currentSession, GRAPHQL_URL, isSameSession, type Session } from '../page/session';
import { LiveFeed } from './live-feed';
import { StartDocument, type Role } from './operations';

/** Milliseconds between two signs of life that the page asks for, and that the gateway may take for one. */
const PING_MS = 10_000;
const PONG_MS = 5_000;
/** Milliseconds before a lost connection is opened again: the first time, and at most; a part of it is by chance. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/** Who looks at the page. */
export interface Viewer {
  readonly name: string;
  readonly role: Role;
  /** Names of the only hosts that exist for it; null: all do. */
  readonly hosts: readonly string[] | null;
}

/** The gateway as one who is signed in has it. */
export interface Gateway {
  readonly viewer: Viewer;
  /** As many entries as a page of this gateway may have, and no more than so many. */
  readonly pageOf: (entries: number) => number;
  readonly client: Client;
  readonly socket: SocketClient;
  readonly feed: LiveFeed;
}

/**
 * Opens the way to the gateway with the session's cookie. Everything that is read with it is read after the place from
 * which the feed tells of changes, so that no change falls in between.
 * @param session the one in which it is opened.
 * @param onSessionEnd is called when the gateway takes the session for none.
 * @throws {Error} in the gateway's words.
 */
export async function openGateway(session: Session, onSessionEnd: () => void): Promise<Gateway> {
  const client = new Client({
    url: GRAPHQL_URL.href,
    fetchOptions: { headers: CSRF_HEADERS },
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    exchanges: [
      mapExchange({
        onError: (error) => {
          if (problemCode(error) === 'UNAUTHENTICATED') onSessionEnd();
        },
        // Where a field that is never null was refused, the whole of the data is null, which urql's types know nothing of.
        onResult: (result) => ((result.data as unknown) === null ? { ...result, data: undefined } : result),
      }),
      cacheExchange,
      fetchExchange,
    ],
  });
  const { data, error } = await client.query(StartDocument, {}, { requestPolicy: 'network-only' }).toPromise();
  if (data === undefined) throw new Error(error === undefined ? 'The gateway did not answer.' : problemWords(error));
  const socket = openSocket(session, onSessionEnd);
  const pageOf = (entries: number) => Math.min(entries, data.limits.pageSize);
  return { viewer: data.viewer, pageOf, client, socket, feed: new LiveFeed(client, socket, data.latestCursor) };
}

function openSocket(session: Session, onSessionEnd: () => void): SocketClient {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(silence);
  };
  const socket = createClient({
    url: GRAPHQL_URL.href.replace(/^http/, 'ws'),
    lazy: true,
    keepAlive: PING_MS,
    retryAttempts: Infinity,
    retryWait: waitToRetry,
    // One that was closed for the session's sake, too: whether it has ended is asked of the gateway, which may only have restarted.
    shouldRetry: () => true,
    on: {
      ping: (isTheirs) => {
        // A connection that is cut without a word looks open for minutes.
        if (!isTheirs) {
          silence = setTimeout(() => {
            socket.terminate();
          }, PONG_MS);
        }
      },
      pong: heard,
      closed: () => {
        heard();
        currentSession().then(
          (present) => {
            if (!isSameSession(session, present)) onSessionEnd();
          },
          // Not there at all: that is what retrying is for.
          () => undefined,
        );
      },
    },
  });
  window.addEventListener('offline', () => {
    socket.terminate();
  });
  return socket;
}

/** Waits longer each time, but not beyond the moment in which the browser has a network again. */
function waitToRetry(retries: number): Promise<void> {
  const ms = Math.min(FIRST_RETRY_MS * 2 ** retries, LONGEST_RETRY_MS) * (0.75 + Math.random() / 2);
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    window.addEventListener('online', end);
  });
}

/** Code of what the gateway refused; undefined: it did not answer. */
export function problemCode(error: CombinedError): string | undefined {
  const [first] = error.graphQLErrors;
  const code = first?.extensions['code'];
  return typeof code === 'string' ? code : undefined;
}

/** What went wrong, in the gateway's own words where it has said any. */
export function problemWords(error: CombinedError): string {
  const [first] = error.graphQLErrors;
  if (first !== undefined) return first.message;
  return 'The gateway does not answer. What is shown is what was last heard.';
}
