import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { TEST_SECRET } from '../harness/gateway.js';

/** Milliseconds in which a gateway must answer a ping, or its subscriber goes elsewhere. */
const PONG_LIMIT_MS = 1_500;
const PING_INTERVAL_MS = 500;
/** Milliseconds before the next gateway is tried. */
const RETRY_MS = 100;

/** A WebSocket may fail when nobody listens to it any more: it was given up while it was still being opened. */
class QuietWebSocket extends WebSocket {
  constructor(...given: ConstructorParameters<typeof WebSocket>) {
    super(...given);
    this.on('error', () => undefined);
  }
}

/** An event as this subscriber keeps it. */
export interface HeardEvent {
  readonly cursor: string;
  readonly type: string;
  readonly volumeName: string | null;
}

/**
 * A dashboard as it should be: whatever happens to its gateway, it goes on at another one with the last cursor it has
 * seen, and keeps all that it was told.
 */
export class ResumingSubscriber {
  readonly heard: HeardEvent[] = [];
  /** How often it went on at a gateway. */
  resumed = 0;
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    /** Gateways that may be there, in any order. */
    private readonly urls: () => readonly string[],
    private readonly start: string,
  ) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const urls = this.urls();
      const url = urls[attempt % Math.max(1, urls.length)];
      if (url !== undefined) await this.listen(url);
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async listen(url: string): Promise<void> {
    const { signal } = this.stopping;
    let socket: WebSocket | undefined;
    let pong: NodeJS.Timeout | undefined;
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: QuietWebSocket,
      connectionParams: { authorization: `Bearer ${TEST_SECRET}` },
      retryAttempts: 0,
      keepAlive: PING_INTERVAL_MS,
      on: {
        opened: (opened) => {
          socket = opened as WebSocket;
        },
        ping: (received) => {
          if (!received) pong ??= setTimeout(() => socket?.terminate(), PONG_LIMIT_MS);
        },
        pong: (received) => {
          if (!received) return;
          clearTimeout(pong);
          pong = undefined;
        },
      },
    });
    // A gateway that is frozen takes the connection and never says anything.
    const limit = setTimeout(() => {
      if (socket === undefined) client.terminate();
    }, PONG_LIMIT_MS);
    const end = () => {
      client.terminate();
    };
    signal.addEventListener('abort', end, { once: true });
    await new Promise<void>((resolve) => {
      const variables = { after: this.heard.at(-1)?.cursor ?? this.start };
      client.subscribe<{ events: HeardEvent }>(
        { query: 'subscription ($after: String) { events(after: $after) { cursor type volumeName } }', variables },
        {
          next: ({ data }) => {
            if (data !== null && data !== undefined) this.heard.push(data.events);
          },
          error: () => {
            resolve();
          },
          complete: resolve,
        },
      );
    });
    this.resumed += 1;
    clearTimeout(pong);
    clearTimeout(limit);
    signal.removeEventListener('abort', end);
    await client.dispose();
  }
}
