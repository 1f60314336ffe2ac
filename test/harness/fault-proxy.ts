import { EventEmitter, once } from 'node:events';
import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { RequestLines } from './request-lines.js';

/** Pieces a second into which `slow` cuts an answer. */
const SLOW_PIECES_PER_SECOND = 20;

/** Faults without a setting. */
export type PlainMode = 'pass' | 'stall' | 'blackhole' | 'reset';

/** What the proxy does now. */
type Mode =
  | { readonly kind: PlainMode }
  | { readonly kind: 'cut'; readonly afterBytes: number }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number; readonly delayMs: number };

/** Where requests go on to. */
export type ProxyTarget = string | { readonly host: string; readonly port: number };

/** A TCP proxy between the gateway and an engine that fails in the ways a network does. */
export interface FaultProxy {
  readonly port: number;
  /** `tcp://127.0.0.1:PORT` */
  readonly endpoint: string;
  /**
   * Changes what happens, at once and on existing connections too:
   * - `pass`: forwards everything; what was held back until now flows on.
   * - `stall`: takes and forwards requests, holds back answers.
   * - `blackhole`: takes connections, forwards nothing in either direction, and shows neither side the other's end.
   * - `reset`: resets every connection, existing and new.
   */
  setMode(mode: PlainMode): void;
  /** Closes each connection after so many further bytes of the answer. */
  setMode(mode: 'cut', options: { readonly afterBytes: number }): void;
  /** Answers come at `bytesPerSecond`, and each part of them `delayMs` milliseconds late (default 0). */
  setMode(mode: 'slow', options: { readonly bytesPerSecond: number; readonly delayMs?: number }): void;
  /**
   * From now on the connections that there are carry nothing any more, in either direction and without a word, whatever the
   * mode: as when a firewall forgets them. New ones are as the mode says.
   */
  abandon(): void;
  /** Where new connections go from now on. */
  retarget(target: ProxyTarget): void;
  /** Clients connected now. */
  connections(): number;
  /** First lines of all HTTP requests that came in, oldest first, forwarded or not. Nothing is seen inside TLS. */
  requestLines(): string[];
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1 in mode `pass`. `target` is a Unix socket's path, or host and port. */
export async function startFaultProxy(options: { readonly target: ProxyTarget }): Promise<FaultProxy> {
  const { target } = options;
  const state = new ProxyState(toAddress(target));
  const server = createServer({ allowHalfOpen: true }, (client) => {
    state.take(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    endpoint: `tcp://127.0.0.1:${String(port)}`,
    setMode: (mode: Mode['kind'], settings: { afterBytes?: number; bytesPerSecond?: number; delayMs?: number } = {}) => {
      state.change(toMode(mode, settings));
    },
    abandon: () => {
      for (const link of state.links) link.abandon();
    },
    retarget: (next) => {
      state.target = toAddress(next);
    },
    connections: () => [...state.links].filter((link) => link.isOpen()).length,
    requestLines: () => [...state.lines],
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const link of state.links) link.end();
      await closed;
    },
  };
}

function toAddress(target: ProxyTarget): NetConnectOpts {
  return typeof target === 'string' ? { path: target } : { host: target.host, port: target.port };
}

function toMode(kind: Mode['kind'], settings: { afterBytes?: number; bytesPerSecond?: number; delayMs?: number }): Mode {
  if (kind === 'cut') return { kind, afterBytes: settings.afterBytes ?? 0 };
  if (kind === 'slow') return { kind, bytesPerSecond: Math.max(1, settings.bytesPerSecond ?? 1), delayMs: settings.delayMs ?? 0 };
  return { kind };
}

class ProxyState {
  readonly links = new Set<Link>();
  readonly lines: string[] = [];
  readonly changes = new EventEmitter().setMaxListeners(0);
  mode: Mode = { kind: 'pass' };

  constructor(public target: NetConnectOpts) {}

  take(client: Socket): void {
    if (this.mode.kind === 'reset') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    this.links.add(new Link(this, client));
  }

  change(mode: Mode): void {
    this.mode = mode;
    for (const link of this.links) link.modeChanged();
    this.changes.emit('change');
  }
}

/** One client's connection and its way on to the target. */
class Link {
  private readonly over = new AbortController();
  private upstream: Socket | undefined;
  private abandoned = false;
  /** Bytes of the answer since `cut` was set. */
  private answered = 0;

  constructor(
    private readonly proxy: ProxyState,
    private readonly client: Socket,
  ) {
    client.on('error', () => undefined);
    client.once('close', () => {
      // Through a black hole the target cannot see that the client is gone.
      void this.passage('blackhole')
        .catch(() => undefined)
        .then(() => {
          this.end();
        });
    });
    void this.forwardRequests().catch(() => this.breakOff());
  }

  /** Whether the client is still connected. */
  isOpen(): boolean {
    return !this.client.destroyed;
  }

  abandon(): void {
    this.abandoned = true;
  }

  end(): void {
    this.over.abort();
    this.upstream?.destroy();
    this.client.destroy();
    this.proxy.links.delete(this);
  }

  modeChanged(): void {
    this.answered = 0;
    if (this.proxy.mode.kind === 'reset') this.client.resetAndDestroy();
  }

  /** The target is not there or has broken off: the client sees a reset, as soon as the mode lets anything through. */
  private async breakOff(): Promise<void> {
    await this.passage('stall', 'blackhole').catch(() => undefined);
    this.client.resetAndDestroy();
  }

  private async forwardRequests(): Promise<void> {
    const lines = new RequestLines((line) => this.proxy.lines.push(line));
    for await (const chunk of this.client.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      lines.push(chunk);
      await this.passage('blackhole');
      this.upstream ??= this.dial();
      await write(this.upstream, chunk);
    }
    await this.passage('blackhole');
    if (this.upstream === undefined) this.client.end();
    else this.upstream.end();
  }

  private dial(): Socket {
    const upstream = connect({ ...this.proxy.target, allowHalfOpen: true });
    upstream.on('error', () => undefined); // Reading or writing reports it.
    void this.forwardAnswers(upstream).catch(() => this.breakOff());
    return upstream;
  }

  private async forwardAnswers(upstream: Socket): Promise<void> {
    for await (const chunk of upstream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) await this.give(chunk);
    await this.passage('stall', 'blackhole');
    this.client.end();
  }

  /** Gives a part of the answer to the client in the way of the mode that holds at each moment. */
  private async give(chunk: Buffer): Promise<void> {
    for (let rest = chunk; rest.length > 0;) {
      await this.passage('stall', 'blackhole');
      const { mode } = this.proxy;
      if (mode.kind === 'slow') {
        const piece = rest.subarray(0, Math.max(1, Math.floor(mode.bytesPerSecond / SLOW_PIECES_PER_SECOND)));
        const late = rest === chunk ? mode.delayMs : 0;
        await delay(late + (piece.length / mode.bytesPerSecond) * 1_000, undefined, { signal: this.over.signal });
        if (this.proxy.mode !== mode) continue;
        rest = rest.subarray(piece.length);
        await write(this.client, piece);
      } else if (mode.kind === 'cut') {
        const piece = rest.subarray(0, mode.afterBytes - this.answered);
        this.answered += piece.length;
        rest = rest.subarray(piece.length);
        await write(this.client, piece);
        if (this.answered >= mode.afterBytes) {
          this.client.end(() => {
            this.end();
          });
          return;
        }
      } else {
        await write(this.client, rest);
        return;
      }
    }
  }

  /** Waits while the mode is one of these. Rejects when the connection is over. */
  private async passage(...closedIn: Mode['kind'][]): Promise<void> {
    while (this.abandoned || closedIn.includes(this.proxy.mode.kind)) await once(this.proxy.changes, 'change', { signal: this.over.signal });
    this.over.signal.throwIfAborted();
  }
}

/** Settles when the socket has taken the bytes and wants more. */
function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}
