import { LRUCache } from 'lru-cache';
import type { Engine } from '../engine/engine.js';
import { engineOf, type Host } from '../inventory/hosts.js';
import type { Sealer } from '../sealing.js';
import { connectHost, type ConnectContext } from './connect-host.js';
import { openCredentials } from './host-credentials.js';

/** Milliseconds that a connection is kept after its last use. */
const IDLE_MS = 30_000;
/** Connections kept at once. */
const MAX_KEPT = 100;

/** A connection, kept or not any more, that some commands use now. */
interface Held {
  readonly engine: Promise<Engine>;
  /** The watcher's own connection when this one was made. */
  readonly besides: Engine | undefined;
  uses: number;
  kept: boolean;
}

/**
 * Connections to engines for commands. They are others than those by which hosts are watched: who watches a host changes
 * at any time, and ends its connection with all calls on it, while a command in its middle must come to its end.
 */
export class CommandEngines {
  private readonly held: LRUCache<string, Held>;

  constructor(private readonly context: ConnectContext & { readonly sealer: Sealer }) {
    this.held = new LRUCache({
      max: MAX_KEPT,
      ttl: IDLE_MS,
      ttlAutopurge: true,
      updateAgeOnGet: true,
      dispose: (held) => {
        held.kept = false;
        closeUnused(held);
      },
    });
  }

  /**
   * Does some work with the engine of a host, which stays connected until the work has ended. `besides` is the connection
   * by which this gateway watches the host, if it does: with another one the engine may have been started anew since.
   * @throws {Problem} why it cannot be reached, and whatever the work throws.
   */
  async use<T>(host: Host, besides: Engine | undefined, work: (engine: Engine) => Promise<T>): Promise<T> {
    const held = this.hold(host, besides);
    held.uses += 1;
    try {
      return await work(await held.engine);
    } finally {
      held.uses -= 1;
      closeUnused(held);
    }
  }

  /** Ends every connection that is not in use; the others end with their use. */
  close(): void {
    this.held.clear();
  }

  private hold(host: Host, besides: Engine | undefined): Held {
    // Sealing differs each time, so that other keys are another way, too; so is another engine that the host is known by.
    const { id, name } = engineOf(host) ?? {};
    const key = JSON.stringify([host.id, host.endpoint, host.sshHostKey, Buffer.from(host.credentials ?? []).toString('base64url'), id, name]);
    const known = this.held.get(key);
    if (known !== undefined && known.besides === besides) return known;
    const held: Held = { engine: this.connect(host), besides, uses: 0, kept: true };
    this.held.set(key, held);
    held.engine.catch(() => {
      if (this.held.peek(key) === held) this.held.delete(key);
    });
    return held;
  }

  private async connect(host: Host): Promise<Engine> {
    const { id, endpoint } = host;
    return connectHost(this.context, { id, endpoint, engine: engineOf(host) }, openCredentials(this.context.sealer, host));
  }
}

function closeUnused(held: Held): void {
  if (held.kept || held.uses > 0) return;
  held.engine.then(
    (engine) => {
      engine.close();
    },
    () => undefined,
  );
}
