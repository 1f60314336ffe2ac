import { stringifyDocument, type Client as GraphqlClient } from '@urql/core';
import type { Client as SocketClient } from 'graphql-ws';
import { IsThereMoreDocument, LatestCursorDocument, LiveDocument, type LiveSubscription } from './operations';

export type LiveEvent = LiveSubscription['events'];

/** LOST: nothing comes. CATCHING_UP: it comes again, and what was missed comes first. */
export type Connection = 'CONNECTING' | 'LIVE' | 'LOST' | 'CATCHING_UP';

/** How the page hangs on the gateway. */
export interface LiveStatus {
  readonly connection: Connection;
  /** Events that came after the connection had been lost, until it had caught up; GAP: some of them are not kept any more; undefined: it never was lost. */
  readonly caughtUp: number | 'GAP' | undefined;
}

/** What is to be done when something has happened. */
export interface LiveListener {
  /** Events, oldest first, each once. */
  readonly onEvents?: (events: readonly LiveEvent[]) => void;
  /** Everything is to be read anew: the connection was away. */
  readonly onReload?: () => void;
  /** Events are missing: those from before are not kept any more. Comes before {@link onReload}. */
  readonly onGap?: () => void;
}

/** Milliseconds for which events are gathered: thousands may come at once, and each handing on draws the page. */
const GATHER_MS = 40;
/** Milliseconds between two questions whether all that was missed has come. */
const ASK_AGAIN_MS = 250;

/**
 * Every event since the page was opened, in order and each once, however often the connection is lost: what comes back
 * gives the last cursor as `after`.
 */
export class LiveFeed {
  private readonly listeners = new Set<LiveListener>();
  private readonly watchers = new Set<() => void>();
  private gathered: LiveEvent[] = [];
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private asking: ReturnType<typeof setTimeout> | undefined;
  private status: LiveStatus = { connection: 'CONNECTING', caughtUp: undefined };
  private missed = 0;
  private isStopped = false;
  private unsubscribe: () => void = () => undefined;

  /** @param cursor everything after it is told. */
  constructor(
    private readonly client: GraphqlClient,
    private readonly socket: SocketClient,
    private cursor: string,
  ) {
    socket.on('connected', () => {
      this.connected();
    });
    socket.on('closed', () => {
      this.lost();
    });
    this.subscribe();
  }

  /** For useSyncExternalStore. */
  readonly readStatus = (): LiveStatus => this.status;
  readonly watchStatus = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Returns how to leave again. */
  listen(listener: LiveListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.gathering);
    clearTimeout(this.asking);
    this.unsubscribe();
    // Waits for a connection that is being opened, and fails with it.
    void Promise.resolve(this.socket.dispose()).catch(() => undefined);
  }

  private subscribe(): void {
    const place = { cursor: () => this.cursor };
    // The client sends the same variables each time that it connects again. Read anew, they say where it was.
    const variables = {
      get after() {
        return place.cursor();
      },
    };
    this.unsubscribe = this.socket.subscribe<LiveSubscription>(
      { query: stringifyDocument(LiveDocument), variables },
      {
        next: ({ data }) => {
          if (data !== null && data !== undefined) this.take(data.events);
        },
        // CURSOR_EXPIRED, or whatever else this subscription is refused for.
        error: () => void this.beginAnew(),
        complete: () => void this.beginAnew(),
      },
    );
  }

  private take(event: LiveEvent): void {
    this.cursor = event.cursor;
    if (this.status.connection === 'CATCHING_UP') this.missed++;
    this.gathered.push(event);
    this.gathering ??= setTimeout(() => {
      this.handOn();
    }, GATHER_MS);
  }

  private handOn(): void {
    this.gathering = undefined;
    const events = this.gathered.splice(0);
    for (const { onEvents } of this.listeners) onEvents?.(events);
  }

  private connected(): void {
    if (this.status.connection === 'CONNECTING') this.show({ connection: 'LIVE', caughtUp: undefined });
    if (this.status.connection !== 'LOST') return;
    this.missed = 0;
    this.show({ connection: 'CATCHING_UP', caughtUp: undefined });
    this.askWhetherAllCame();
  }

  /** By asking whether anything comes after the last that came: cursors cannot be compared, and not everyone sees all events. */
  private askWhetherAllCame(): void {
    clearTimeout(this.asking);
    this.asking = setTimeout(() => {
      const after = this.cursor;
      void this.client
        .query(IsThereMoreDocument, { after }, { requestPolicy: 'network-only' })
        .toPromise()
        .then(({ data }) => {
          if (this.status.connection !== 'CATCHING_UP') return;
          if (data?.events.nodes.length !== 0 || after !== this.cursor) this.askWhetherAllCame();
          else this.caughtUp(this.missed);
        });
    }, ASK_AGAIN_MS);
  }

  private caughtUp(caughtUp: number | 'GAP'): void {
    this.show({ connection: 'LIVE', caughtUp });
    // What has no event may have changed, too, and what was asked meanwhile got no answer.
    for (const { onReload } of this.listeners) onReload?.();
  }

  private lost(): void {
    clearTimeout(this.asking);
    if (!this.isStopped) this.show({ connection: 'LOST', caughtUp: undefined });
  }

  /** Begins at the present end, when what comes after the cursor is not to be had any more. */
  private async beginAnew(): Promise<void> {
    if (this.isStopped) return;
    this.show({ connection: 'LOST', caughtUp: undefined });
    const { data } = await this.client.query(LatestCursorDocument, {}, { requestPolicy: 'network-only' }).toPromise();
    if (this.hasStopped()) return;
    if (data === undefined) {
      this.asking = setTimeout(() => void this.beginAnew(), ASK_AGAIN_MS * 10);
      return;
    }
    this.cursor = data.latestCursor;
    for (const { onGap } of this.listeners) onGap?.();
    this.subscribe();
    this.caughtUp('GAP');
  }

  // Changes while something is awaited, which the compiler does not see.
  private hasStopped(): boolean {
    return this.isStopped;
  }

  private show(status: LiveStatus): void {
    this.status = status;
    for (const watcher of this.watchers) watcher();
  }
}
