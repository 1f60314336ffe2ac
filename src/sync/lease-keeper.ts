import type { Logger } from 'pino';
import { v7 as newId } from 'uuid';
import type { ControlConnection } from '../database/control-connection.js';
import { HOSTS_CHANNEL } from '../inventory/hosts.js';
import type { Lease } from '../inventory/lease.js';
import { spreadHosts } from './spread-hosts.js';

/** Milliseconds that a gateway counts as alive after its last heartbeat. */
const LIFE_MS = 4_000;
/** Milliseconds between heartbeats. */
const HEARTBEAT_MS = 1_000;
/** After an outage of the database all gateways look dead: the living get this many milliseconds to show themselves. */
const GRACE_MS = 2_000;

/** A lease of this gateway, with the name that the host has now. */
export interface HeldLease {
  readonly lease: Lease;
  readonly name: string;
}

interface LeaseRow {
  readonly host_id: string;
  readonly name: string;
  /** The living gateway that holds it. */
  readonly holder: string | null;
  readonly epoch: string | null;
}

/**
 * Keeps this gateway's leases: which hosts it watches. A lease holds as long as its holder's row in `gateway` is fresh,
 * by the database's clock, so that one statement a second keeps any number of leases. Whoever takes a lease raises its
 * fencing number, which every write of the inventory compares (`inventory/lease.ts`): a gateway that was frozen or cut off
 * may still believe in its lease, but cannot write under it.
 */
export class LeaseKeeper {
  readonly gatewayId = newId();
  private leases = new Map<string, HeldLease>();
  private giveUp: readonly string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> | undefined;
  private again = false;
  private failedAt = -Infinity;
  private state: 'new' | 'running' | 'ended' = 'new';

  constructor(
    private readonly control: ControlConnection,
    private readonly log: Logger,
    /** Called after every renewal. */
    private readonly renewed: () => void,
  ) {
    control.listen(HOSTS_CHANNEL, () => {
      this.renewSoon();
    });
  }

  /** By host id. What was lost meanwhile shows at the next renewal. */
  get held(): ReadonlyMap<string, HeldLease> {
    return this.leases;
  }

  /** Ids of hosts that are held still and are another gateway's part: to be released as soon as they are not watched. */
  get surplus(): readonly string[] {
    return this.giveUp;
  }

  /**
   * Takes what is due and keeps it from now on. `alone`: nobody else can use this database, so that what a gateway that
   * died a moment ago has left need not expire first.
   */
  async start(alone: boolean): Promise<void> {
    await this.control.query(`delete from gateway where $1 or expires_at < clock_timestamp() - interval '1 hour'`, [alone]);
    this.state = 'running';
    await this.renew();
    this.timer = setInterval(() => {
      this.renewSoon();
    }, HEARTBEAT_MS);
  }

  /** Gives all leases up at once. Call it when nothing is watched any more. */
  async stop(): Promise<void> {
    this.state = 'ended';
    clearInterval(this.timer);
    await this.renewing;
    this.leases.clear();
    try {
      await this.control.query('delete from gateway where id = $1', [this.gatewayId]);
      await this.control.query('update lease set holder = null where holder = $1', [this.gatewayId]);
      await this.wakeOthers();
    } catch (error) {
      this.log.debug({ err: error }, 'leases cannot be given up now; they expire');
    }
  }

  /** Renews now; resolves when what is due at this moment is taken. Failures are logged: the next renewal mends them. */
  async renew(): Promise<void> {
    while (this.renewing !== undefined) await this.renewing;
    if (this.state !== 'running') return;
    this.renewing = this.turn()
      .catch((error: unknown) => {
        this.failedAt = performance.now();
        this.log.debug({ err: error }, 'leases cannot be renewed now');
      })
      .finally(() => {
        this.renewing = undefined;
      });
    await this.renewing;
  }

  /** Gives hosts up that are not watched any more. */
  async release(hostIds: readonly string[]): Promise<void> {
    for (const hostId of hostIds) this.leases.delete(hostId);
    this.giveUp = this.giveUp.filter((hostId) => !hostIds.includes(hostId));
    try {
      await this.control.query('update lease set holder = null where holder = $1 and host_id = any($2)', [this.gatewayId, hostIds]);
      await this.wakeOthers();
    } catch (error) {
      this.log.debug({ err: error }, 'leases cannot be given up now; the next renewal does it');
    }
  }

  private async wakeOthers(): Promise<void> {
    await this.control.query('select pg_notify($1, $2)', [HOSTS_CHANNEL, '']);
  }

  /** Renews without waiting; many wishes at once are one or two renewals. */
  private renewSoon(): void {
    if (this.again) return;
    this.again = true;
    void (this.renewing ?? Promise.resolve()).then(() => {
      this.again = false;
      return this.renew();
    });
  }

  private async turn(): Promise<void> {
    const others = await this.beat();
    const rows = await this.control.query<LeaseRow>(
      `select host.id as host_id, host.name, gateway.id as holder, lease.epoch
       from host left join lease on lease.host_id = host.id
       left join gateway on gateway.id = lease.holder and gateway.expires_at > clock_timestamp()
       where host.enabled`,
      [],
    );
    const spread = spreadHosts(
      this.gatewayId,
      others,
      rows.map(({ host_id, holder }) => ({ id: host_id, holder: holder ?? undefined })),
    );
    const mine = new Map(rows.flatMap(({ host_id, holder, epoch }) => (holder === this.gatewayId && epoch !== null ? [[host_id, epoch]] : [])));
    if (performance.now() - this.failedAt > GRACE_MS) for (const { host_id, epoch } of await this.take(spread.take)) mine.set(host_id, epoch);
    this.leases = new Map(
      rows.flatMap(({ host_id, name }) => {
        const epoch = mine.get(host_id);
        return epoch === undefined ? [] : [[host_id, { name, lease: { hostId: host_id, holder: this.gatewayId, epoch: BigInt(epoch) } }]];
      }),
    );
    this.giveUp = spread.giveUp;
    this.renewed();
  }

  /** Shows that this gateway lives. Returns the others that do. */
  private async beat(): Promise<string[]> {
    await this.control.query(
      `insert into gateway (id, expires_at) values ($1, clock_timestamp() + $2 * interval '1 ms')
       on conflict (id) do update set expires_at = excluded.expires_at`,
      [this.gatewayId, LIFE_MS],
    );
    const rows = await this.control.query<{ id: string }>('select id from gateway where expires_at > clock_timestamp() and id <> $1', [this.gatewayId]);
    return rows.map(({ id }) => id);
  }

  /** Takes what is still free of these hosts. One that a stuck writer has locked is left for the next time. */
  private async take(hostIds: readonly string[]): Promise<{ host_id: string; epoch: string }[]> {
    if (hostIds.length === 0) return [];
    await this.control.query('insert into lease (host_id) select id from host where id = any($1) on conflict do nothing', [hostIds]);
    return this.control.query<{ host_id: string; epoch: string }>(
      `update lease set holder = $1, epoch = epoch + 1
       where host_id in (
         select host_id from lease where host_id = any($2) and not exists (
           select 1 from gateway where gateway.id = lease.holder and gateway.expires_at > clock_timestamp()
         )
         for update skip locked
       )
       returning host_id, epoch`,
      [this.gatewayId, hostIds],
    );
  }
}
