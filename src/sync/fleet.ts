import pLimit from 'p-limit';
import type { Credentials } from '../engine/endpoint.js';
import { listHosts, writeFreshness, type Host } from '../inventory/hosts.js';
import { Problem } from '../problems.js';
import type { Sealer } from '../sealing.js';
import { openCredentials } from './host-credentials.js';
import { HostSync, type SyncContext } from './host-sync.js';

/** Milliseconds between writes of how fresh each host's picture is. */
const FRESHNESS_INTERVAL_MS = 5_000;

/** All hosts that this gateway watches, one {@link HostSync} each. */
export class Fleet {
  private readonly syncs = new Map<string, HostSync>();
  /** Two changes of one host at once must not leave two loops for it. */
  private readonly oneAtATime = pLimit(1);
  private freshnessTimer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: SyncContext,
    private readonly sealer: Sealer,
  ) {}

  /** Starts to watch every enabled host that is known. Does not wait for any of them. */
  async start(): Promise<void> {
    for (const host of await listHosts(this.context.database)) this.watch(host);
    this.freshnessTimer = setInterval(() => {
      this.writing = this.writeFreshness();
    }, FRESHNESS_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.freshnessTimer);
    await this.writing;
    const ending = [...this.syncs.values()];
    await this.writeFreshness();
    this.syncs.clear();
    await Promise.all(ending.map((sync) => sync.stop()));
  }

  /** Starts to watch a host as it now is, in place of how it was watched before. */
  async renew(host: Host): Promise<void> {
    await this.oneAtATime(async () => {
      await this.end(host.id);
      this.watch(host);
    });
  }

  /** Goes on watching a host under its new name. */
  rename(host: Host): void {
    this.syncs.get(host.id)?.rename(host.name);
  }

  /** Stops watching a host. */
  async forget(hostId: string): Promise<void> {
    await this.oneAtATime(() => this.end(hostId));
  }

  /** The loop of a host. @throws {Problem} HOST_DISABLED, or HOST_UNREACHABLE when nobody watches it. */
  of(host: Host): HostSync {
    if (!host.enabled) throw new Problem('HOST_DISABLED', `Host ${host.name} is disabled.`);
    const sync = this.syncs.get(host.id);
    if (sync === undefined) throw new Problem('HOST_UNREACHABLE', `Host ${host.name} is not watched by this gateway.`);
    return sync;
  }

  private async end(hostId: string): Promise<void> {
    const sync = this.syncs.get(hostId);
    this.syncs.delete(hostId);
    await sync?.stop();
  }

  private watch(host: Host): void {
    if (!host.enabled) return;
    let credentials: Credentials;
    try {
      credentials = openCredentials(this.sealer, host);
    } catch (error) {
      this.context.log.error({ err: error, host: host.name }, 'the keys of a host cannot be opened');
      return;
    }
    const { id, name, endpoint } = host;
    const sync = new HostSync({ id, name, endpoint, credentials, lastSeenAt: host.lastSeenAt ?? undefined }, this.context);
    this.syncs.set(id, sync);
    sync.start();
  }

  private async writeFreshness(): Promise<void> {
    const fresh = [...this.syncs.values()].map((sync) => sync.freshness).filter((freshness) => freshness !== undefined);
    await writeFreshness(this.context.database, fresh).catch((error: unknown) => {
      this.context.log.warn({ err: error }, 'the freshness of hosts cannot be written now');
    });
  }
}
