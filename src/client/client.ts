import { setTimeout as delay } from 'node:timers/promises';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import {
  ApplyPruneDocument,
  CreateVolumeDocument,
  LatestCursorDocument,
  PrunePlanDocument,
  RemoveVolumesDocument,
  WatchDocument,
  type ApplyPruneMutation,
  type CreateVolumeInput,
  type CreateVolumeMutation,
  type EventFilter,
  type PrunePlanQuery,
  type RemoveVolumeInput,
  type RemoveVolumesMutation,
  type VolumeFilter,
  type WatchSubscription,
} from './operations.js';

/** Milliseconds before a lost connection is opened again: the first time, and at most. */
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;
/** Milliseconds without a sign of the gateway after which a connection counts as lost. */
const SILENCE_MS = 15_000;
/** Problems that pass; a watch goes on after them. */
const PASSING = new Set(['UNAVAILABLE']);
/** Close codes of graphql-ws by which a gateway refuses this client for good (its PROTOCOL.md). */
const FATAL_CLOSE_CODES = new Set([4400, 4401, 4403, 4406]);
/** The one that also says of a connection that was taken that its token shows something else by now: it is asked with again. */
const FORBIDDEN = 4403;

export type CreateVolumeResult = CreateVolumeMutation['createVolume']['results'][number];
export type RemoveVolumeResult = RemoveVolumesMutation['removeVolumes']['results'][number];
export type ApplyPruneResult = ApplyPruneMutation['applyPrune']['results'][number];
export type StowageEvent = WatchSubscription['events'];
export type { CreateVolumeInput, EventFilter, RemoveVolumeInput, VolumeFilter } from './operations.js';

/** How a gateway is reached. */
export interface StowageClientOptions {
  /** Where it listens, e.g. `http://127.0.0.1:4000`, with or without `/graphql`. */
  readonly url: string;
  /** Secret of a token. */
  readonly token: string;
}

/** How events are watched. */
export interface WatchOptions {
  readonly filter?: EventFilter;
  /** Everything after this cursor first; absent: what happens from now on. */
  readonly after?: string;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

/** What a gateway refused, with its code; the codes are in docs/problems.md. */
export class StowageError extends Error {
  override readonly name = 'StowageError';

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What a prune would remove and what it spares, and the way to have just that removed. */
export class PrunePlan {
  constructor(
    private readonly client: StowageClient,
    private readonly plan: PrunePlanQuery['prunePlan'],
  ) {}

  get id(): string {
    return this.plan.id;
  }
  get expiresAt(): Date {
    return new Date(this.plan.expiresAt);
  }
  get remove(): PrunePlanQuery['prunePlan']['remove'] {
    return this.plan.remove;
  }
  get spare(): PrunePlanQuery['prunePlan']['spare'] {
    return this.plan.spare;
  }
  /** Bytes of those to remove, as far as they were measured; null: none was. */
  get reclaimableBytes(): bigint | null {
    return this.plan.reclaimableBytes === null ? null : BigInt(this.plan.reclaimableBytes);
  }

  /** The plan in lines, one a volume. */
  toString(): string {
    const size = (bytes: number | string | null) => (bytes === null ? 'not measured' : `${String(bytes)} bytes`);
    const removed = this.remove.map(({ host, name, sizeBytes }) => `remove ${host.name}/${name} (${size(sizeBytes)})`);
    const spared = this.spare.map(({ volume, reason }) => `spare ${volume.host.name}/${volume.name}: ${reason}`);
    const bytes = this.reclaimableBytes;
    const total = `${String(this.remove.length)} to remove${bytes === null ? '' : ` (${String(bytes)} bytes)`}, ${String(this.spare.length)} spared`;
    return [...removed, ...spared, total].join('\n');
  }

  /** Removes what the plan says. @throws {StowageError} PLAN_STALE after 15 minutes, or the second time. */
  async apply(): Promise<readonly ApplyPruneResult[]> {
    return (await this.client.request(ApplyPruneDocument, { input: { planId: this.id } })).applyPrune.results;
  }
}

/** A gateway, for scripts. */
export class StowageClient {
  private readonly url: string;

  constructor(private readonly options: StowageClientOptions) {
    this.url = `${options.url.replace(/\/+$/, '').replace(/\/graphql$/, '')}/graphql`;
  }

  /** Creates a volume on each host; one result a host, in the order asked. What went wrong on one stands in its `error`. */
  async createVolume(input: CreateVolumeInput): Promise<readonly CreateVolumeResult[]> {
    return (await this.request(CreateVolumeDocument, { input })).createVolume.results;
  }

  /** Removes volumes; one result a volume, in the order asked. */
  async removeVolumes(input: RemoveVolumeInput): Promise<readonly RemoveVolumeResult[]> {
    return (await this.request(RemoveVolumesDocument, { input })).removeVolumes.results;
  }

  /** Plans what would be removed. Nothing is, until the plan is applied. */
  async prune(filter?: VolumeFilter): Promise<PrunePlan> {
    return new PrunePlan(this, (await this.request(PrunePlanDocument, filter === undefined ? {} : { filter })).prunePlan);
  }

  /**
   * Events as they happen, each once and in order. When the connection is lost it is opened again and goes on where it was.
   * @throws {StowageError} what the gateway refuses for good, such as CURSOR_EXPIRED or UNAUTHENTICATED.
   */
  async *watch({ filter, after, signal }: WatchOptions = {}): AsyncGenerator<StowageEvent, void, void> {
    // From a cursor on even at the start: nothing of what happens before the first event is lost with a connection.
    let cursor = after ?? (await this.request(LatestCursorDocument, {})).latestCursor;
    let retryMs = FIRST_RETRY_MS;
    const ended = () => signal?.aborted === true;
    while (!ended()) {
      const client = this.openSocket();
      const connection = { wasTaken: false };
      client.on('connected', () => {
        connection.wasTaken = true;
      });
      const end = () => void client.dispose();
      signal?.addEventListener('abort', end, { once: true });
      try {
        const variables = { after: cursor, ...(filter === undefined ? {} : { filter }) };
        for await (const { data, errors } of client.iterate<WatchSubscription>({ query: print(WatchDocument), variables })) {
          refuse(errors);
          if (data === null || data === undefined) continue;
          yield data.events;
          // Behind the event only when its reader asks for the next one.
          ({ cursor } = data.events);
          retryMs = FIRST_RETRY_MS;
        }
      } catch (error) {
        if (ended()) return;
        const fatal = fatalError(error, connection.wasTaken);
        if (fatal !== undefined) throw fatal;
      } finally {
        signal?.removeEventListener('abort', end);
        await client.dispose();
      }
      await delay(retryMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    }
  }

  /** Sends any document of the schema. @throws {StowageError} when the whole of it was refused; what fetch throws. */
  async request<Data, Variables extends object>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.options.token}` },
      body: JSON.stringify({ query: print(document), variables }),
    });
    const answer = (await response.json().catch(() => undefined)) as { data?: Data | null; errors?: readonly GatewayError[] } | undefined;
    refuse(answer?.errors);
    if (answer?.data === null || answer?.data === undefined) {
      throw new StowageError('UNAVAILABLE', `${this.url} answered with HTTP ${String(response.status)} and nothing that a gateway says.`);
    }
    return answer.data;
  }

  private openSocket(): Client {
    let silence: NodeJS.Timeout | undefined;
    let socket: WebSocket | undefined;
    return createClient({
      url: this.url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${this.options.token}` },
      // Resuming needs another cursor each time, so that it is done here.
      retryAttempts: 0,
      keepAlive: SILENCE_MS / 2,
      on: {
        // A half open connection ends by itself: the gateway answers every ping.
        ping: (received) => {
          if (received) return;
          silence = setTimeout(() => {
            socket?.terminate();
          }, SILENCE_MS / 2);
        },
        pong: () => {
          clearTimeout(silence);
        },
        opened: (opened) => {
          socket = opened as WebSocket;
        },
        closed: () => {
          clearTimeout(silence);
        },
      },
    });
  }
}

interface GatewayError {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown } | undefined;
}

function refuse(errors: readonly GatewayError[] | undefined): void {
  const [first] = errors ?? [];
  if (first !== undefined) throw new StowageError(codeOf(first), first.message);
}

function codeOf({ extensions }: GatewayError): string {
  return typeof extensions?.code === 'string' ? extensions.code : 'INTERNAL';
}

/** What ends a watch; undefined for what passes: a lost connection, a gateway that is started anew, a database that is away. */
function fatalError(error: unknown, wasTaken: boolean): StowageError | undefined {
  if (error instanceof StowageError) return PASSING.has(error.code) ? undefined : error;
  // graphql-ws rejects with the errors of a refused subscription, or with what closed the connection.
  const [refused] = Array.isArray(error) ? (error as GatewayError[]) : [];
  if (refused !== undefined) return PASSING.has(codeOf(refused)) ? undefined : new StowageError(codeOf(refused), refused.message);
  const { code, reason } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown; reason?: unknown };
  if (typeof code !== 'number' || !FATAL_CLOSE_CODES.has(code) || (code === FORBIDDEN && wasTaken)) return undefined;
  return new StowageError(
    code === 4400 ? 'BAD_USER_INPUT' : 'UNAUTHENTICATED',
    typeof reason === 'string' && reason !== '' ? reason : 'The gateway refuses this client.',
    {
      cause: error,
    },
  );
}
